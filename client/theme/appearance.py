"""How the user wants the app to look on this device: light or dark, with less motion or not."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from client.theme.active import theme

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """The choices themselves."""

    dark: bool = False
    reduced_motion: bool = False


class Appearance:
    """Keeps the choices in a small file and applies them to the theme."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.look = self._read()

    def apply(self) -> None:
        """Make the theme look as chosen."""
        theme.dark = self.look.dark
        theme.reduced_motion = self.look.reduced_motion

    def choose(self, *, dark: bool | None = None, reduced_motion: bool | None = None) -> None:
        """Change what is given, at once and for later starts."""
        look = self.look
        self.look = replace(
            look,
            dark=look.dark if dark is None else dark,
            reduced_motion=look.reduced_motion if reduced_motion is None else reduced_motion,
        )
        self.apply()
        self._write()

    def _read(self) -> Look:
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            return Look(bool(kept["dark"]), bool(kept["reduced_motion"]))
        except (OSError, ValueError, KeyError, TypeError):
            # None kept yet, or not readable: the look is a taste, and the default will do.
            return Look()

    def _write(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            half_written = self._path.with_suffix(".part")
            half_written.write_text(json.dumps(asdict(self.look)), "utf-8")
            half_written.replace(self._path)
        except OSError as error:
            log.warning("The look could not be kept in %s: %s", self._path, error)
