"""Tells a Linux desktop that this app opens `dindin://` links.

The entry is the user's own (Desktop Entry Specification 1.5, XDG Base Directory Specification). It is written when the
app starts and differs from what is there: the checkout has moved, or the app was started for another server.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from client.join_code import SCHEME

ENTRY_NAME = "dindin.desktop"
SCHEME_TYPE = f"x-scheme-handler/{SCHEME}"
CHECKOUT = Path(__file__).resolve().parents[1]
PACKED = bool(getattr(sys, "frozen", False))
"""Whether this is a program of its own (deploy/client/dindin.spec), not a module of some Python."""
ICON = CHECKOUT / "client" / "assets" / "icon.png"
_TOOL_SECONDS = 10.0
# What stands for itself between double quotes only behind a backslash (Desktop Entry Specification, "The Exec key").
_QUOTED = str.maketrans({character: f"\\{character}" for character in '"`$\\'})
_RESERVED = frozenset(" \t\"'\\><~|&;$*?#()`")

log = logging.getLogger(__name__)


def register_links(server_url: str, environment: Mapping[str, str]) -> None:
    """See to it that links open the app for this server. Raises nothing: the app is of use without."""
    folder = applications_folder(environment)
    if folder is None:
        return
    entry, content = folder / ENTRY_NAME, entry_text(server_url)
    try:
        if entry.exists() and entry.read_text("utf-8") == content:
            return
        folder.mkdir(parents=True, exist_ok=True)
        entry.write_text(content, "utf-8")
        _run("update-desktop-database", str(folder))
        _run("xdg-mime", "default", ENTRY_NAME, SCHEME_TYPE)
    except (OSError, ValueError, subprocess.SubprocessError) as problem:
        log.warning("%s:// links may not open the app: %s", SCHEME, problem)


def applications_folder(environment: Mapping[str, str]) -> Path | None:
    """Where the desktop looks for the user's own entries; None where there is no such place.

    A relative XDG_DATA_HOME does not count, as the specification has it.
    """
    data = environment.get("XDG_DATA_HOME", "")
    if data.startswith("/"):
        return Path(data) / "applications"
    home = environment.get("HOME", "")
    return Path(home) / ".local" / "share" / "applications" if home.startswith("/") else None


def entry_text(
    server_url: str, python: str = sys.executable, checkout: Path = CHECKOUT, *, packed: bool = PACKED
) -> str:
    """The entry's whole file: `python -m client LINK` in this checkout, for this server; packed, just the program."""
    server = f"DINDIN_SERVER={server_url}"
    words = [server, python] if packed else [f"PYTHONPATH={checkout}", server, python, "-m", "client"]
    command = " ".join(_argument(word) for word in ("env", *words))
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        "Name=DinDin",
        "Comment=Dinner, decided together",
        f"Exec={command} %u",
        f"Icon={_value(str(ICON))}",
        "Terminal=false",
        "Categories=Utility;",
        f"MimeType={SCHEME_TYPE};",
    )
    return "\n".join(lines) + "\n"


def _argument(word: str) -> str:
    """A word of the Exec key: quoted where it must be, `%` doubled, and then escaped as every value is.

    Nowhere else: where no desktop runs, `xdg-open` takes quotes for a part of the word.
    """
    quoted = f'"{word.translate(_QUOTED)}"' if _RESERVED & set(word) else word
    return _value(quoted.replace("%", "%%"))


def _value(text: str) -> str:
    """A value as the file has it."""
    if "\n" in text or "\r" in text:
        raise ValueError(f"{text!r} has a line break, which no desktop entry can hold")
    return text.replace("\\", "\\\\")


def _run(tool: str, *arguments: str) -> None:
    """Run a desktop's tool if it is there; what it says is for nobody."""
    path = shutil.which(tool)
    if path is not None:
        command: Sequence[str] = (path, *arguments)
        subprocess.run(command, check=True, capture_output=True, timeout=_TOOL_SECONDS)  # noqa: S603 - a path found, our words
