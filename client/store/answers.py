"""What comes of a question to the server, for whoever has asked it."""

from __future__ import annotations

from client.store.actions import Action
from client.store.store import Store


class Answers:
    """Made when the question is asked: once somebody else is signed in, nothing of its answer is told."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked_by = _signed_in(store)

    @property
    def wanted(self) -> bool:
        """Whether whoever has asked is still here."""
        return _signed_in(self._store) == self._asked_by

    def tell(self, *answer: Action) -> None:
        """Dispatch what the answer says."""
        for action in answer:
            if self.wanted:
                self._store.dispatch(action)


def _signed_in(store: Store) -> str | None:
    user = store.state.auth.user
    return None if user is None else user.id
