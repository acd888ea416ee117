"""Ratings and notes on their way: however fast somebody changes their mind, the last word is what stays."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from client.net.errors import ApiError
from client.net.people_api import PeopleApi
from client.net.people_values import Opinion
from client.store.people import actions as people_actions
from client.store.runner import CommandRunner
from client.store.store import Store


@dataclass(slots=True)
class _OnItsWay:
    """What is to be kept, and what the server has as long as it has not answered."""

    wanted: Opinion
    kept: Opinion


class Opinions:
    """Thread safe. One request at a time goes out for each session."""

    def __init__(self, *, store: Store, api: PeopleApi, runner: CommandRunner) -> None:
        self._store = store
        self._api = api
        self._runner = runner
        # Held while the store is told as well, so that what is shown last is what was meant last.
        self._lock = threading.RLock()
        self._on_their_way: dict[str, _OnItsWay] = {}

    def give(self, session_id: str, opinion: Opinion) -> None:
        """Show what the user thinks now, and have it kept."""
        with self._lock:
            shown = self._shown(session_id)
            if shown is None or shown == opinion:
                return
            self._store.dispatch(people_actions.Rated(session_id, opinion))
            under_way = self._on_their_way.get(session_id)
            if under_way is not None:
                under_way.wanted = opinion
                return
            self._on_their_way[session_id] = _OnItsWay(opinion, kept=shown)
        self._runner.in_background(lambda: self._send(session_id))

    def _send(self, session_id: str) -> None:
        while True:
            with self._lock:
                under_way = self._on_their_way[session_id]
                sent = under_way.wanted
            try:
                kept = self._api.rate(session_id, sent).opinion
            except ApiError as error:
                self._settle(session_id, under_way.kept)
                self._runner.show(error)
                return
            with self._lock:
                under_way.kept = kept
                if under_way.wanted == sent:
                    # The server may have cleaned the note, and a list read meanwhile does not know of it.
                    self._settle(session_id, kept)
                    return

    def _settle(self, session_id: str, kept: Opinion) -> None:
        """Nothing is on its way any more: show what the server has."""
        with self._lock:
            del self._on_their_way[session_id]
            self._store.dispatch(people_actions.Rated(session_id, kept))

    def _shown(self, session_id: str) -> Opinion | None:
        entries = self._store.state.people.history.rows
        return next((entry.opinion for entry in entries if entry.decision.id == session_id), None)
