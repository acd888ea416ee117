"""Steps of an evening that several tests take: gather people, seat them at two processes, swipe, compare clocks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from tests.e2e.person import Person

NewPerson = Callable[[str], Person]

ROUNDING_MS = 2
"""By how much two times of the same moment may differ: each was rounded to milliseconds."""


def gather(person: NewPerson, names: Sequence[str], **wanted: Any) -> tuple[list[Person], dict[str, Any]]:
    """People in the lobby of the first one's session, nobody connected; they and the session."""
    host, *guests = people = [person(name) for name in names]
    session = host.post("/sessions", {"menu": "both", **wanted})
    for guest in guests:
        guest.post("/sessions/join", {"code": session["code"]})
    return people, session


def sit_apart(session_id: str, here: Sequence[Person], there: Sequence[Person]) -> None:
    """Connect some to one process and some to the other."""
    node = here[0].connect(session_id)["node"]
    for one in here[1:]:
        one.connect_to(session_id, lambda other: other == node)
    for one in there:
        one.connect_to(session_id, lambda other: other != node)


def start(people: Sequence[Person]) -> dict[str, Any]:
    """Everybody is ready and the host, the first, starts; the frame of round 1."""
    for one in people:
        assert one.do("ready", ready=True)["ok"]
    assert people[0].do("start")["ok"]
    return people[0].told("round_started", round=1)


def swipe(one: Person, item: str, direction: str) -> dict[str, Any]:
    """Swipe a card, which must be taken; the reply."""
    reply = one.do("swipe", item=item, direction=direction)
    assert (reply["ok"], reply.get("data")) == (True, {"item": item}), reply
    return reply


def swipe_deck(one: Person, deck: Sequence[str], likes: Collection[str] = (), other: str = "left") -> None:
    """Swipe all cards in order."""
    for item in deck:
        swipe(one, item, "right" if item in likes else other)


def deck_of(one: Person, session_id: str) -> list[str]:
    """The ids of one's cards of the running round."""
    return [card["id"] for card in one.get(f"/sessions/{session_id}/deck")["items"]]


def milliseconds(moment: str) -> int:
    """An ISO time as frames write `at`."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
