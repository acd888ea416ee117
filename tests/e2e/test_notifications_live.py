"""What people are told reaches them wherever they are connected, through real sockets on two processes."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
import redis

from deploy.local.stack import LocalStack
from tests.e2e.evening import NewPerson
from tests.e2e.person import Person
from tests.stacks import StackLog
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

Flat = tuple[Person, Person, Person, dict[str, Any]]


@pytest.fixture
def flat(person: NewPerson) -> Flat:
    """A group of three, nobody connected."""
    ada, bo, cy = (person(name) for name in ("Ada", "Bo", "Cy"))
    group = ada.post("/groups", {"name": "The flat"})
    for one in (bo, cy):
        one.post("/groups/join", {"token": group["invite_link"].rpartition("/")[2]})
    return ada, bo, cy, group


def told(one: Person) -> list[dict[str, Any]]:
    """The notifications that came over the socket, all that were sent before this question."""
    one.do("ping", t=1)
    return [frame["data"] for frame in one.frames if frame.get("type") == "notification"]


def elsewhere(node: str) -> Callable[[str], bool]:
    return lambda other: other != node


class TestDelivery:
    """At once, to everybody it is for, on every process, and to nobody else."""

    def test_members_on_two_processes_hear_of_a_session_and_join_with_one_tap(self, flat: Flat) -> None:
        ada, bo, cy, group = flat
        here = bo.connect(None)["node"]
        cy.connect_to(None, elsewhere(here))
        session = ada.post("/sessions", {"menu": "both", "group_id": group["id"]})
        for one in (bo, cy):
            heard = one.event("notification")
            assert (heard["kind"], heard["data"]["group_id"]) == ("session_started", group["id"])
            kept = one.get("/users/me/notifications")["items"][0]
            assert kept == {**heard, "read_at": None}
            joined = one.post("/sessions/join", {"code": heard["data"]["code"]})
            assert (joined["id"], joined["group_id"]) == (session["id"], group["id"])

    def test_every_device_hears_it_once_and_those_in_a_session_too(self, flat: Flat) -> None:
        ada, bo, _, group = flat
        other = bo.post("/sessions", {"menu": "both"})
        phone, tablet = bo.second_device(), bo.second_device()
        here = bo.connect(other["id"])["node"]
        phone.connect_to(None, lambda node: node == here)
        tablet.connect_to(None, elsewhere(here))
        ada.post("/sessions", {"menu": "both", "group_id": group["id"]})
        frames = [one.told("notification") for one in (bo, phone, tablet)]
        assert frames[0] == frames[1] == frames[2]
        assert "seq" not in frames[0]
        assert [len(told(one)) for one in (bo, phone, tablet)] == [1, 1, 1]

    def test_nobody_else_hears_anything(self, flat: Flat, person: NewPerson) -> None:
        ada, bo, cy, group = flat
        eve = person("Eve")
        cy.http.put("/users/me/notification-settings", json={"muted": ["session_started"]})
        here = bo.connect(None)["node"]
        for one in (ada, cy, eve):
            one.connect_to(None, lambda node: node == here)
        ada.post("/sessions", {"menu": "both", "group_id": group["id"]})
        bo.event("notification")
        assert [told(one) for one in (ada, cy, eve)] == [[], [], []]

    def test_a_session_s_own_events_stay_in_the_session(self, flat: Flat) -> None:
        ada, bo, _, group = flat
        bo.connect(None)
        session = ada.post("/sessions", {"menu": "both", "group_id": group["id"]})
        bo.event("notification")
        bo.post("/sessions/join", {"code": session["code"]})
        ada.post(f"/sessions/{session['id']}/energy", {"level": "low"})
        told(bo)
        assert {frame.get("type") for frame in bo.frames} == {"welcome", "notification", None}


class TestTheInboxSocket:
    """Small: it says who one is, answers two questions, and ends like all others."""

    def test_its_welcome_says_who_one_is_and_nothing_of_sessions(self, person: NewPerson) -> None:
        ada = person("Ada")
        welcome = ada.connect(None)
        assert welcome.keys() == {"you", "heartbeat", "node"}
        assert (welcome["you"], welcome["heartbeat"]) == (ada.id, 25)

    def test_only_ping_and_reauth_are_for_it(self, person: NewPerson) -> None:
        ada = person("Ada")
        ada.connect(None)
        assert ada.do("ping", t=3)["data"]["t"] == 3
        for name, more in (
            ("swipe", {"item": "0" * 24, "direction": "right"}),
            ("chat", {"text": "Hello?"}),
            ("vote", {"motion": "pause", "in_favour": True}),
            ("ready", {"ready": True}),
            ("start", {}),
            ("leave", {}),
        ):
            assert ada.do(name, **more)["error"]["code"] == "not_in_session", name
        ada.send_raw({"op": "reauth", "id": "0" * 26, "token": ada.tokens["access_token"]})
        assert ada.wait(lambda frame: frame.get("re") == "0" * 26)["ok"]

    @pytest.mark.security
    def test_nobody_goes_on_with_another_s_token(self, person: NewPerson) -> None:
        ada, eve = person("Ada"), person("Eve")
        eve.connect(None)
        eve.send_raw({"op": "reauth", "id": "0" * 26, "token": ada.tokens["access_token"]})
        refused = eve.wait(lambda frame: frame.get("re") == "0" * 26)
        assert refused["error"]["code"] == "other_user"

    @pytest.mark.security
    @pytest.mark.parametrize(
        "beside", [{"takeover": True}, {"resume": {"epoch": "1", "seq": 1}}, {"user": "x"}]
    )
    def test_what_only_sessions_have_is_malformed_here(
        self, person: NewPerson, beside: dict[str, Any]
    ) -> None:
        ada = person("Ada")
        ada.open_socket()
        ada.send_raw({"op": "hello", "v": 1, "token": ada.tokens["access_token"], **beside})
        assert ada.close_code() == 4400

    @pytest.mark.security
    def test_a_token_that_is_none_opens_nothing(self, person: NewPerson) -> None:
        ada = person("Ada")
        for token in ("x", ada.tokens["refresh_token"]):
            ada.open_socket()
            ada.send_raw({"op": "hello", "v": 1, "token": token})
            assert ada.close_code() == 4401

    @pytest.mark.security
    def test_logging_out_ends_it_on_every_process(self, person: NewPerson) -> None:
        ada = person("Ada")
        phone = ada.second_device()
        here = ada.connect(None)["node"]
        phone.connect_to(None, elsewhere(here))
        assert ada.http.post("/auth/logout").status_code == 204
        assert (ada.close_code(), phone.close_code()) == (4401, 4401)

    def test_of_one_device_too_many_the_oldest_gives_way(self, person: NewPerson) -> None:
        ada = person("Ada")
        here = ada.connect(None)["node"]
        others = [ada.second_device() for _ in range(5)]
        for one in others:
            one.connect_to(None, lambda node: node == here)
        assert ada.close_code() == 4409
        assert all(one.do("ping", t=1)["ok"] for one in others)

    @pytest.mark.security
    def test_who_does_not_read_is_cut_off_and_nobody_waits_for_them(
        self, person: NewPerson, stack: LocalStack
    ) -> None:
        ada, bo = person("Ada"), person("Bo")
        ada.connect(None)
        deaf = bo.open_socket(receive_buffer=4096)
        bo.send_raw({"op": "hello", "v": 1, "token": bo.tokens["access_token"]})
        bo.wait(lambda frame: frame.get("type") == "welcome")
        with redis.Redis.from_url(stack.settings["REDIS_URL"]) as valkey:
            for number in range(60):
                frames = [(bo.id, json.dumps({"filler": "0" * 9000}))] * 20
                frames.append((ada.id, json.dumps({"end of": number})))
                valkey.publish("dindin:live", json.dumps({"u": frames}))
                ada.wait(lambda frame, n=number: frame.get("end of") == n)
        received = 0
        deaf.settimeout(10)
        while chunk := deaf.sock.recv(65536):
            received += len(chunk)
        assert received < 60 * 20 * 9000


def test_a_stopping_process_asks_inboxes_to_come_back(flat: Flat, log: StackLog) -> None:
    ada, bo, _, group = flat
    node, before = bo.connect(None)["node"], log.api_pids()
    os.kill(log.pid_of(node), signal.SIGTERM)
    assert bo.close_code() == 1012
    bo.connect_to(None, elsewhere(node))
    ada.post("/sessions", {"menu": "both", "group_id": group["id"]})
    assert bo.event("notification")["kind"] == "session_started"
    eventually(lambda: log.api_pids() > before, seconds=20)  # other tests need two processes again
