"""How what happens to the settings changes the state. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from client.store.settings import actions as settings_actions
from client.store.settings.state import ServerCheck, Settings

if TYPE_CHECKING:
    from client.store.actions import Action
    from client.store.state import AppState


def with_settings_action(state: AppState, action: Action) -> AppState:
    """The state after `action`, unchanged where that is none about settings."""
    settings = _settings_after(state.settings, action)
    return state if settings is state.settings else replace(state, settings=settings)


def _settings_after(settings: Settings, action: Action) -> Settings:
    match action:
        case settings_actions.SettingsChosen(chosen):
            return replace(settings, chosen=chosen)
        case settings_actions.SystemLookKnown(dark):
            return replace(settings, system_dark=dark)
        case settings_actions.ServerMoveBegun(address):
            return replace(settings, moving_to=address)
        case _:
            check = _check_after(settings.check, action)
            return settings if check is settings.check else replace(settings, check=check)


def _check_after(check: ServerCheck, action: Action) -> ServerCheck:
    match action:
        case settings_actions.ServerAsked(address):
            return ServerCheck("asking", address)
        case settings_actions.ServerFound(address) if check == ServerCheck("asking", address):
            return ServerCheck("found", address)
        case settings_actions.ServerNotFound(address, error) if check == ServerCheck("asking", address):
            return ServerCheck("failed", address, error)
        case settings_actions.ServerCheckDropped():
            return ServerCheck()
        case _:
            return check
