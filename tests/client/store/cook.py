"""Somebody at the kitchen's commands, with a clock and answers in the test's hand."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from typing import Any

from client.net.kitchen_api import OWN_LIST, KitchenApi
from client.store.kitchen.commands import KitchenCommands
from client.store.kitchen.state import Kitchen
from client.store.state import AppState
from tests.client.net.kitchen_examples import (
    shopping_list,
)
from tests.client.net.peer import PATIENCE
from tests.client.store.conftest import WholeClient, signed_in

Routes = dict[str, Any]
OWN = "/users/me/shopping-list"


class HandClock:
    """Time passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[tuple[float, Callable[[], None]]] = []

    def later(self, seconds: float, function: Callable[[], None]) -> Callable[[], None]:
        entry = (self.now + seconds, function)
        self._waiting.append(entry)
        return lambda: self._waiting.remove(entry) if entry in self._waiting else None

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        due = [entry for entry in self._waiting if entry[0] <= self.now + 1e-9]
        self._waiting = [entry for entry in self._waiting if entry not in due]
        for _, function in due:
            function()


class Gate:
    """A route whose answers the test lets go one by one."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self._open: Queue[None] = Queue()

    def __call__(self, *_: Any) -> Any:
        self._open.get(timeout=PATIENCE)
        return self._answer

    def let_go(self) -> None:
        self._open.put(None)


class Cook:
    """Somebody signed in, with the kitchen's commands at hand."""

    def __init__(self, client: WholeClient) -> None:
        self.clock = HandClock()
        self.client = signed_in(client)
        api = KitchenApi(client.api.caller)
        self.opened: list[str] = []
        self.does = KitchenCommands(
            store=client.store,
            api=api,
            runner=client.commands.runner,
            open_browser=self.open,
            wait=self.clock.later,
        )

    def open(self, address: str) -> bool:
        """What the system does with an address: it knows what to do with maps only."""
        self.opened.append(address)
        return address.startswith("geo:")

    @property
    def kitchen(self) -> Kitchen:
        return self.client.state.kitchen

    def sees(self, reached: Callable[[Kitchen], object]) -> Kitchen:
        return self.client.wait(lambda state: reached(state.kitchen)).kitchen

    def is_told(self, words: str) -> AppState:
        return self.client.wait(lambda state: state.notice is not None and state.notice.text == words)

    def lines(self, list_id: str = OWN_LIST) -> list[tuple[str, bool]]:
        return [(line.name, line.ticked) for line in self.kitchen.list_of(list_id).items]


def with_list(cook: Cook, routes: Routes, *items: dict[str, Any]) -> None:
    """Let there be a list of one's own, and be shown."""
    routes[f"GET {OWN}"] = lambda *_: (200, shopping_list(*items))
    cook.does.load_list(OWN_LIST)
    cook.sees(lambda kitchen: kitchen.list_of(OWN_LIST).fetched.status == "loaded")
