"""People at the real stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from deploy.local.stack import LocalStack
from tests.e2e.person import Person


@pytest.fixture
def person(stack: LocalStack) -> Iterator[Callable[[str], Person]]:
    """Registers people; hangs up for them at the end."""
    people: list[Person] = []

    def register(name: str) -> Person:
        people.append(Person(stack.base_url, name))
        return people[-1]

    yield register
    for one in people:
        for device in one.devices:
            device.close()
        one.http.close()


@pytest.fixture
def pair(person: Callable[[str], Person]) -> tuple[Person, Person, str]:
    """Host and guest in a lobby; nobody connected."""
    ada, bo = person("Ada"), person("Bo")
    session = ada.post("/sessions", {"menu": "both"})
    bo.post("/sessions/join", {"code": session["code"]})
    return ada, bo, session["id"]
