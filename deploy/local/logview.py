"""Log lines of several processes on one terminal: who says it, when, how grave, what."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

_NAME_WIDTH = 8
_RESET = "\x1b[0m"
_NAME_COLOURS = ("\x1b[36m", "\x1b[35m", "\x1b[34m", "\x1b[32m", "\x1b[33m")
_LEVEL_COLOURS = {"warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31m"}
_KNOWN_FROM_PREFIX = {"event", "level", "timestamp", "logger", "process", "pid", "exception"}
_ONLY_WHEN_GRAVE = {"request_id"}


class Lines(Protocol):
    """Where lines go: a terminal or a file."""

    def write(self, text: str, /) -> object:
        """Add text."""

    def flush(self) -> None:
        """Called at the end of a line."""


class LogView:
    """Writes lines to a terminal or file, each with its process's name; safe to use from several threads."""

    def __init__(self, out: Lines, *, colour: bool) -> None:
        """Write to `out`, with ANSI colours if `colour`."""
        self._out = out
        self._colour = colour
        self._lock = threading.Lock()
        self._names: dict[str, str] = {}

    def __call__(self, name: str, line: str) -> None:
        """Write one line that the process `name` wrote."""
        with self._lock:
            colour = self._names.setdefault(name, _NAME_COLOURS[len(self._names) % len(_NAME_COLOURS)])
            prefix = f"{name:<{_NAME_WIDTH}} │ "
            if self._colour:
                prefix = f"{colour}{prefix}{_RESET}"
            # A terminal that was closed must not stop the processes: nobody reads, so the line is lost.
            with contextlib.suppress(OSError):
                for part in render(line, colour=self._colour):
                    self._out.write(f"{prefix}{part}\n")
                self._out.flush()


def render(line: str, *, colour: bool = False) -> list[str]:
    """Turn one line of a log into the lines to show.

    A JSON object with an `event` becomes `HH:MM:SS level event key=value ...` in local time, its exception
    indented below; anything else stays as it is. Control characters never reach the terminal.
    """
    entry = _parse(line)
    if entry is None:
        return [_printable(line)]
    level = str(entry.get("level", "info"))
    tint = _LEVEL_COLOURS.get(level, "") if colour else ""
    skipped = _KNOWN_FROM_PREFIX | (set() if level in _LEVEL_COLOURS else _ONLY_WHEN_GRAVE)
    fields = " ".join(f"{key}={_value(value)}" for key, value in entry.items() if key not in skipped)
    words = (_clock(entry.get("timestamp")), f"{level:<7}", _printable(str(entry["event"])), fields)
    text = " ".join(word for word in words if word)
    below = [f"    {_printable(part)}" for part in str(entry.get("exception", "")).splitlines()]
    return [f"{tint}{part}{_RESET}" if tint else part for part in (text, *below)]


def _parse(line: str) -> Mapping[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if "event" in entry else None


def _clock(timestamp: object) -> str:
    try:
        return datetime.fromisoformat(str(timestamp)).astimezone().strftime("%H:%M:%S")
    except ValueError:
        return ""


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return _printable(text) if text and " " not in text else f"'{_printable(text)}'"


def _printable(text: str) -> str:
    return "".join(
        char if char.isprintable() else " " if char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )
