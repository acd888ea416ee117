"""What shows at once and is kept meanwhile: ratings with notes, and the kinds of notifications one does not want."""

from __future__ import annotations

from client.net.people_api import PeopleApi
from client.net.people_values import Opinion
from client.store.last_word import LastWord
from client.store.people import actions as people_actions
from client.store.runner import CommandRunner
from client.store.store import Store


class Choices:
    """Thread safe; every method returns at once."""

    def __init__(self, *, store: Store, api: PeopleApi, runner: CommandRunner) -> None:
        self._store = store
        self._opinions = LastWord[str, Opinion](
            runner,
            store,
            shown=self._opinion,
            show=lambda session_id, opinion: store.dispatch(people_actions.Rated(session_id, opinion)),
            send=lambda session_id, opinion: api.rate(session_id, opinion).opinion,
        )
        self._muted = LastWord[str, frozenset[str]](
            runner,
            store,
            shown=lambda _user_id: store.state.people.muted.thing,
            show=self._show_muted,
            send=lambda _user_id, kinds: api.mute(kinds),
        )

    def rate(self, session_id: str, opinion: Opinion) -> None:
        """Keep what the user thinks of an outcome."""
        self._opinions.change(session_id, lambda _before: opinion)

    def mute(self, kind: str, muted: bool) -> None:
        """Keep whether the user wants no notifications of this kind."""
        user = self._store.state.auth.user
        if user is not None:
            self._muted.change(user.id, lambda kinds: kinds | {kind} if muted else kinds - {kind})

    def _show_muted(self, user_id: str, kinds: frozenset[str]) -> None:
        user = self._store.state.auth.user
        if user is not None and user.id == user_id:
            self._store.dispatch(people_actions.MutedCame(kinds))

    def _opinion(self, session_id: str) -> Opinion | None:
        entries = self._store.state.people.history.rows
        return next((entry.opinion for entry in entries if entry.decision.id == session_id), None)
