"""What can happen to the settings; `client.store.settings.reducer` knows what that changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from client.store.settings.state import Chosen


@dataclass(frozen=True, slots=True)
class SettingsChosen:
    """These are the user's choices from now on."""

    chosen: Chosen


@dataclass(frozen=True, slots=True)
class SystemLookKnown:
    """Whether the system is dark."""

    dark: bool


@dataclass(frozen=True, slots=True)
class ServerAsked:
    """It is being looked whether a DinDin server answers there."""

    address: str


@dataclass(frozen=True, slots=True)
class ServerFound:
    """One does."""

    address: str


@dataclass(frozen=True, slots=True)
class ServerNotFound:
    """None does, or the address is none: a sentence."""

    address: str
    error: str


@dataclass(frozen=True, slots=True)
class ServerCheckDropped:
    """The user stays with the server there is."""


@dataclass(frozen=True, slots=True)
class ServerMoveBegun:
    """The app changes to another server once nobody is logged in at this one."""

    address: str


SettingsAction: TypeAlias = (
    SettingsChosen
    | SystemLookKnown
    | ServerAsked
    | ServerFound
    | ServerNotFound
    | ServerCheckDropped
    | ServerMoveBegun
)
