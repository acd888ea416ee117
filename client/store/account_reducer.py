"""How what is known of the user's own account changes. Pure."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from client.store import account_actions, actions
from client.store.state import AppState, PasswordForm


def with_account_action(state: AppState, action: actions.Action) -> AppState:
    """The state after something happened to the account; any other action changes nothing."""
    match action:
        case account_actions.DevicesLoaded(devices):
            return replace(state, devices=devices)
        case account_actions.DeviceLoggedOut(device_id):
            rest = (device for device in state.devices or () if device.id != device_id)
            return replace(state, devices=tuple(rest))
        case account_actions.PasswordSent():
            return replace(state, password_form=PasswordForm())
        case account_actions.PasswordChanged():
            return replace(state, password_form=PasswordForm("done"))
        case account_actions.PasswordRefused(error, field_errors):
            return replace(state, password_form=PasswordForm("refused", error, field_errors))
        case _:
            return _with_agreement(state, action)


def _with_agreement(state: AppState, action: actions.Action) -> AppState:
    match action:
        case account_actions.TextsLoaded(texts):
            known = {**state.texts, **{text.kind: text for text in texts}}
            return replace(state, texts=MappingProxyType(known))
        case account_actions.DietConsentLoaded(consent):
            return replace(state, diet_consent=consent)
        case _:
            return state
