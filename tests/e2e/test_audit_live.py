"""What the audit log holds of live sockets, by processes that serve real ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.person import Person, begin
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.compliance, pytest.mark.timeout(120)]

NewPerson = Callable[[str], Person]


def sockets_of(person: Person) -> list[dict[str, Any]]:
    """What is recorded of somebody's sockets, newest first."""
    entries: list[dict[str, Any]] = person.get("/compliance/audit")["items"]
    return [entry for entry in entries if entry["channel"] == "socket"]


def test_who_opens_a_socket_is_recorded_and_what_they_swipe_is_not(person: NewPerson) -> None:
    ada, ben = person("Ada"), person("Ben")
    lobby = ada.post("/sessions", {"menu": "recipes"})
    ben.post("/sessions/join", {"code": lobby["code"]})
    for one in (ada, ben):
        one.connect(lobby["id"])
    deck = begin(ada, ben, lobby["id"])
    for item in deck[:5]:
        assert ada.do("swipe", item=item, direction="left")["ok"]
    eventually(lambda: sockets_of(ada))
    (opened,) = sockets_of(ada)
    assert (opened["action"], opened["outcome"], opened["by"]) == ("live.opened", "done", "you")
    assert opened["resource"] == "GET /api/v1/live"
    assert opened["request_id"]


def test_who_is_turned_away_is_recorded_as_refused(person: NewPerson) -> None:
    ada, mallory = person("Ada"), person("Mallory")
    lobby = ada.post("/sessions", {"menu": "recipes"})
    mallory.open_socket()
    token = mallory.tokens["access_token"]
    mallory.send_raw({"op": "hello", "v": 1, "token": token, "session": lobby["id"]})
    assert mallory.close_code() == 4403
    eventually(lambda: sockets_of(mallory))
    (refused,) = sockets_of(mallory)
    assert (refused["action"], refused["outcome"], refused["reason"]) == (
        "live.opened",
        "refused",
        "closed_4403",
    )
