"""Sees to it that a running round has its cards."""

from __future__ import annotations

import threading
from collections.abc import Callable

from client.net.backoff import full_jitter
from client.net.errors import ApiError
from client.net.signals import Operation
from client.net.values import Deck
from client.store import actions
from client.store.own_swipes import known_here
from client.store.runner import CommandRunner
from client.store.state import Session
from client.store.store import Store

LONGEST_WAIT_SECONDS = 4.0
"""Between two attempts; short, because the round's clock is running."""


class DeckLoader:
    """Loads a round's deck once, trying again while the round is open and the server cannot be reached.

    `fetch` takes a session id and raises `ApiError`; `pending` tells the operations on their way, oldest first.
    """

    def __init__(
        self,
        store: Store,
        runner: CommandRunner,
        fetch: Callable[[str], Deck],
        pending: Callable[[], tuple[Operation, ...]],
    ) -> None:
        self._store = store
        self._runner = runner
        self._fetch = fetch
        self._pending = pending
        self._lock = threading.Lock()
        self._wanted: tuple[str, int] | None = None
        self._stopped = threading.Event()

    def ensure(self) -> None:
        """Start loading if a round is on whose deck was not asked for yet; a pause does not keep it from loading."""
        session = self._store.state.session
        if session is None or not session.running or session.deck_loaded or session.spectating:
            return
        wanted = (session.id, session.round)
        with self._lock:
            if self._wanted == wanted:
                return
            self._wanted = wanted
        self._runner.in_background(lambda: self._load(*wanted))

    def forget(self) -> None:
        """Whatever was asked for is no longer wanted, so that the same round may be asked for again."""
        with self._lock:
            self._wanted = None

    def stop(self) -> None:
        """Do not try again."""
        self._stopped.set()

    def _load(self, session_id: str, round_number: int) -> None:
        attempt = 0
        while self._still_wanted(session_id, round_number):
            deck = self._try(session_id)
            if deck is not None and deck.round >= round_number:
                self._store.dispatch(actions.DeckLoaded(session_id, known_here(deck, self._pending())))
                return
            self._stopped.wait(full_jitter(attempt, longest=LONGEST_WAIT_SECONDS))
            attempt += 1

    def _try(self, session_id: str) -> Deck | None:
        """The deck, or None when another attempt may help; anything else the server refuses is raised."""
        try:
            return self._fetch(session_id)
        except ApiError as error:
            if error.unreachable or error.retry_after is not None or error.status in {409, 502, 503, 504}:
                return None
            self.forget()
            raise

    def _still_wanted(self, session_id: str, round_number: int) -> bool:
        session: Session | None = self._store.state.session
        return (
            not self._stopped.is_set()
            and session is not None
            and session.id == session_id
            and session.round == round_number
            and session.running
        )
