"""Which screen a state calls for. Pure: the whole map of the app in one function."""

from __future__ import annotations

from typing import Literal

from client.net.values import SessionStatus
from client.store.state import AppState

Route = Literal[
    "restoring",
    "welcome",
    "home",
    "claim",
    "lobby",
    "swipe",
    "match",
    "closest",
    "ended",
]

_OF_SESSION: dict[SessionStatus, Route] = {
    "lobby": "lobby",
    "swiping": "swipe",
    "paused": "swipe",
    "matched": "match",
    "closest": "closest",
    "expired": "ended",
    "closed": "ended",
}


def route_for(state: AppState) -> Route:
    """The screen for `state`; while that is "home" the user moves about freely (`client.screens.places`)."""
    if state.auth.status == "restoring":
        return "restoring"
    if state.auth.status != "signed_in":
        return "welcome"
    if state.session is None:
        return "home" if state.account_wish is None else "claim"
    return _OF_SESSION[state.session.status]
