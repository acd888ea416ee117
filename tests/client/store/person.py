"""Somebody at the commands about people, with answers in the test's hand."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from typing import Any

from client.net.people_api import PeopleApi
from client.store.people.commands import PeopleCommands
from client.store.people.state import People
from tests.client.net.examples import SESSION, group, notification
from tests.client.net.peer import PATIENCE, problem
from tests.client.net.people_examples import decision, due, entry, page
from tests.client.store.conftest import WholeClient, signed_in

Routes = dict[str, Any]
GROUP_ID = group()["id"]
HISTORY = "GET /users/me/history?page=1&limit=30"
RATING = f"PUT /users/me/history/{SESSION}"
INBOX = "GET /users/me/notifications?page=1&limit=30"
MUTED = "GET /users/me/notification-settings"
MUTING = "PUT /users/me/notification-settings"
FAMILY = f"GET /groups/{GROUP_ID}"
DECISIONS = f"GET /groups/{GROUP_ID}/history?page=1&limit=30"
DOWN = problem(503, "busy", "Not now.")


class Person:
    """Somebody signed in, with the commands about people at hand."""

    def __init__(self, client: WholeClient) -> None:
        self.client = signed_in(client)
        self.does = PeopleCommands(
            store=client.store, api=PeopleApi(client.api.caller), runner=client.commands.runner
        )

    @property
    def people(self) -> People:
        return self.client.state.people

    def sees(self, reached: Callable[[People], object]) -> People:
        return self.client.wait(lambda state: reached(state.people) and not state.busy).people

    def is_told(self, words: str) -> None:
        self.client.wait(lambda state: state.notice is not None and state.notice.text == words)


class Gate:
    """A route that answers when the test says so, with what the test says; it notes what it was asked."""

    def __init__(self) -> None:
        self.asked: Queue[Any] = Queue()
        self._answers: Queue[Any] = Queue()

    def __call__(self, content: dict[str, Any], _token: str | None) -> Any:
        self.asked.put(content)
        return self._answers.get(timeout=PATIENCE)

    def answer(self, answer: Any) -> None:
        self._answers.put(answer)


def with_answers(client: WholeClient, routes: Routes) -> Person:
    """Somebody whom the server tells of an evening, an inbox and a group."""
    routes |= {
        HISTORY: lambda *_: (200, page([entry()])),
        "GET /sessions?limit=100": lambda *_: (200, due(SESSION)),
        INBOX: lambda *_: (200, page([notification(1), notification(2)], unread=5)),
        FAMILY: lambda *_: (200, group()),
        DECISIONS: lambda *_: (200, page([decision()])),
    }
    return Person(client)
