"""Changes on their way: however fast somebody changes their mind, the last word is what stays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from client.net.errors import ApiError
from client.store.answers import Answers
from client.store.runner import CommandRunner
from client.store.store import Store

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass
class _OnItsWay(Generic[Value]):
    """What is to be kept, what the server has as long as it has not answered, and whether its maker is still here."""

    wanted: Value
    kept: Value
    answers: Answers


class LastWord(Generic[Key, Value]):
    """Thread safe. One request at a time goes out for each key; a refusal takes back what was shown, and says why.

    `shown` is what is shown for a key, None where there is nothing to change. `show` shows something else. `send` has
    it kept and returns what the server made of it; it blocks and raises `ApiError`. What somebody has changed who is
    signed in no longer is neither sent nor shown.
    """

    def __init__(
        self,
        runner: CommandRunner,
        store: Store,
        *,
        shown: Callable[[Key], Value | None],
        show: Callable[[Key, Value], None],
        send: Callable[[Key, Value], Value],
    ) -> None:
        self._runner = runner
        self._store = store
        self._shown = shown
        self._show = show
        self._send = send
        # Held while the store is told as well, so that what is shown last is what was meant last.
        self._lock = threading.RLock()
        self._on_their_way: dict[Key, _OnItsWay[Value]] = {}

    def change(self, key: Key, changed: Callable[[Value], Value]) -> None:
        """Show at once what `changed` makes of what is shown now, and have it kept."""
        with self._lock:
            shown = self._shown(key)
            if shown is None:
                return
            wanted = changed(shown)
            if wanted == shown:
                return
            self._show(key, wanted)
            under_way = self._on_their_way.get(key)
            if under_way is not None and under_way.answers.wanted:
                under_way.wanted = wanted
                return
            begun = _OnItsWay(wanted, kept=shown, answers=Answers(self._store))
            self._on_their_way[key] = begun
        self._runner.in_background(lambda: self._send_last(key, begun))

    def _send_last(self, key: Key, under_way: _OnItsWay[Value]) -> None:
        while under_way.answers.wanted:
            with self._lock:
                sent = under_way.wanted
            try:
                under_way.kept = self._send(key, sent)
            except ApiError as error:
                self._settle(key, under_way)
                if under_way.answers.wanted:
                    self._runner.show(error)
                return
            except Exception:
                self._settle(key, under_way)
                raise
            with self._lock:
                if under_way.wanted == sent:
                    # The server may have cleaned it up, and what was read meanwhile does not know of it.
                    self._settle(key, under_way)
                    return
        self._settle(key, under_way)

    def _settle(self, key: Key, under_way: _OnItsWay[Value]) -> None:
        """Nothing of it is on its way any more: show what the server has."""
        with self._lock:
            if self._on_their_way.get(key) is under_way:
                del self._on_their_way[key]
            if under_way.answers.wanted:
                self._show(key, under_way.kept)
