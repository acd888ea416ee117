"""Changes on their way: however fast somebody changes their mind, the last word is what stays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from client.net.errors import ApiError
from client.store.runner import CommandRunner

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass
class _OnItsWay(Generic[Value]):
    """What is to be kept, and what the server has as long as it has not answered."""

    wanted: Value
    kept: Value


class LastWord(Generic[Key, Value]):
    """Thread safe. One request at a time goes out for each key; a refusal takes back what was shown, and says why.

    `shown` is what is shown for a key, None where there is nothing to change. `show` shows something else. `send` has
    it kept and returns what the server made of it; it blocks and raises `ApiError`.
    """

    def __init__(
        self,
        runner: CommandRunner,
        *,
        shown: Callable[[Key], Value | None],
        show: Callable[[Key, Value], None],
        send: Callable[[Key, Value], Value],
    ) -> None:
        self._runner = runner
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
            if under_way is not None:
                under_way.wanted = wanted
                return
            self._on_their_way[key] = _OnItsWay(wanted, kept=shown)
        self._runner.in_background(lambda: self._send_last(key))

    def _send_last(self, key: Key) -> None:
        while True:
            with self._lock:
                under_way = self._on_their_way[key]
                sent = under_way.wanted
            try:
                kept = self._send(key, sent)
            except ApiError as error:
                self._settle(key, under_way.kept)
                self._runner.show(error)
                return
            with self._lock:
                under_way.kept = kept
                if under_way.wanted == sent:
                    # The server may have cleaned it up, and what was read meanwhile does not know of it.
                    self._settle(key, kept)
                    return

    def _settle(self, key: Key, kept: Value) -> None:
        """Nothing is on its way any more: show what the server has."""
        with self._lock:
            del self._on_their_way[key]
            self._show(key, kept)
