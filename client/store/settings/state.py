"""The settings of this device: what was chosen, what the system says, and the look for another server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Look: TypeAlias = Literal["system", "light", "dark"]
SMALLEST_TEXT, LARGEST_TEXT = 100, 200  # percent


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the user has chosen and this device keeps. `text_percent` comes on top of the system's own text size.

    `language` is a language tag, empty for the system's; `server` an address, empty for the one the app comes with.
    """

    look: Look = "system"
    text_percent: int = SMALLEST_TEXT
    reduced_motion: bool = False
    language: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True)
class ServerCheck:
    """Whether a DinDin server answers at `address`; `error` is a sentence where none does."""

    status: Literal["idle", "asking", "found", "failed"] = "idle"
    address: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """`server` is the one the app talks to, `moving_to` the one it changes to as soon as nobody is logged in.

    `reports_go_to` is the host that is told of errors in the app; empty where none is.
    """

    chosen: Chosen = Chosen()
    system_dark: bool = False
    server: str = ""
    check: ServerCheck = ServerCheck()
    moving_to: str = ""
    reports_go_to: str = ""

    @property
    def dark(self) -> bool:
        """Whether the app is dark now."""
        return self.system_dark if self.chosen.look == "system" else self.chosen.look == "dark"
