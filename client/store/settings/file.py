"""Keeps the settings in a small file of their own: they are needed before anything else is opened."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from client.store.settings.state import LARGEST_TEXT, SMALLEST_TEXT, Chosen, Look

SETTINGS_FILE = "settings.json"
LOOKS: tuple[Look, ...] = ("system", "light", "dark")

log = logging.getLogger(__name__)


def read_settings(path: Path) -> Chosen:
    """What was chosen; the usual for whatever is missing, damaged or makes no sense."""
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return Chosen()
    return _sensible(kept) if isinstance(kept, dict) else Chosen()


def write_settings(path: Path, chosen: Chosen) -> None:
    """Keep the choices; a full or read-only disk is no reason not to follow them now."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half_written = path.with_suffix(".part")
        half_written.write_text(json.dumps(asdict(chosen)), "utf-8")
        half_written.replace(path)
    except OSError as error:
        log.warning("The settings could not be kept in %s: %s", path, error)


def _sensible(kept: Mapping[str, Any]) -> Chosen:
    percent = kept.get("text_percent")
    if not isinstance(percent, int):
        percent = SMALLEST_TEXT
    return Chosen(
        look=next((look for look in LOOKS if look == kept.get("look")), "system"),
        text_percent=min(max(percent, SMALLEST_TEXT), LARGEST_TEXT),
        reduced_motion=kept.get("reduced_motion") is True,
        language=_text(kept.get("language")),
        server=_text(kept.get("server")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
