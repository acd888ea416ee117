"""The live socket at the wire: refusals, bad input, order, heartbeat, restarts (docs/live-protocol.md)."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable

import pytest
import redis
import websocket
from bson import ObjectId

from deploy.local.stack import LocalStack
from tests.e2e.person import Person, begin
from tests.processes import runs
from tests.stacks import StackLog
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

NewPerson = Callable[[str], Person]


class TestHandshake:
    def test_a_page_from_elsewhere_is_refused_before_the_upgrade(self, stack: LocalStack) -> None:
        url = stack.base_url.replace("http", "ws") + "/api/v1/live"
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            websocket.create_connection(url, origin="https://evil.example")
        assert refused.value.status_code == 403

    def test_plain_http_gets_a_problem(self, person: NewPerson) -> None:
        answer = person("Ada").http.get("/live")
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
        assert answer.headers["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize(
        "first",
        [
            "no json",
            "[]",
            "{}",
            '{"op":"swipe"}',
            '{"op":"hello","v":2,"token":"x","session":"0"}',
            "[" * 15_000,
        ],
    )
    def test_the_first_frame_must_be_a_hello(self, person: NewPerson, first: str) -> None:
        ada = person("Ada")
        ada.open_socket()
        ada.send_raw(first)
        assert ada.close_code() == 4400

    def test_a_forged_token_a_stranger_and_no_session(
        self, pair: tuple[Person, Person, str], person: NewPerson
    ) -> None:
        ada, _, session_id = pair
        eve = person("Eve")
        cases = [
            (ada.tokens["access_token"][:-3] + "abc", session_id, 4401),
            (ada.tokens["refresh_token"], session_id, 4401),
            (eve.tokens["access_token"], session_id, 4403),
            (ada.tokens["access_token"], str(ObjectId()), 4403),
        ]
        for token, session, code in cases:
            eve.open_socket()
            eve.send_raw({"op": "hello", "v": 1, "token": token, "session": session})
            assert eve.close_code() == code

    def test_logging_out_cuts_the_socket(self, pair: tuple[Person, Person, str]) -> None:
        ada, _, session_id = pair
        ada.connect(session_id)
        assert ada.http.post("/auth/logout").status_code == 204
        assert ada.close_code() == 4401


class TestBadOperations:
    """Each a clear error that names its operation; the session stays as it was, and the socket open."""

    def test_swipe_before_the_start_and_unknown_card(self, pair: tuple[Person, Person, str]) -> None:
        ada, bo, session_id = pair
        ada.connect(session_id)
        early = ada.do("swipe", item=str(ObjectId()), direction="right")
        assert (early["ok"], early["error"]["code"]) == (False, "not_started")
        begin(ada, bo, session_id)
        unknown = ada.do("swipe", item=str(ObjectId()), direction="right")
        assert (unknown["ok"], unknown["error"]["code"]) == (False, "unknown_item")
        assert ada.get(f"/sessions/{session_id}")["participants"][0]["swiped"] == 0

    def test_only_the_host_starts(self, pair: tuple[Person, Person, str]) -> None:
        _, bo, session_id = pair
        bo.connect(session_id)
        assert bo.do("start")["error"]["code"] == "not_host"

    @pytest.mark.parametrize(
        "told",
        [
            {"item": "no id", "direction": "right"},
            {"item": {"$gt": ""}, "direction": "right"},
            {"item": "0" * 24, "direction": "down"},
            {"item": "0" * 24},
            {"item": "0" * 24, "direction": "right", "participant_id": "0" * 24},
        ],
    )
    def test_malformed_data_is_answered_and_the_socket_stays(
        self, pair: tuple[Person, Person, str], told: dict
    ) -> None:
        ada, _, session_id = pair
        ada.connect(session_id)
        assert ada.do("swipe", **told)["error"]["code"] == "invalid_input"
        assert ada.do("ping", t=1.5)["data"]["t"] == 1.5

    @pytest.mark.parametrize("frame", ["not json", "[1,2]", '{"op":"swipe","data":{}}', '"hello"'])
    def test_what_cannot_be_answered_ends_the_socket(
        self, pair: tuple[Person, Person, str], frame: str
    ) -> None:
        ada, _, session_id = pair
        ada.connect(session_id)
        ada.send_raw(frame)
        assert ada.close_code() == 4400

    def test_binary_and_oversized_frames_end_the_socket(self, pair: tuple[Person, Person, str]) -> None:
        ada, _, session_id = pair
        ada.connect(session_id)
        ada.socket.send_binary(b"\x00")
        assert ada.close_code() == 4400
        ada.connect(session_id)
        ada.send_raw(json.dumps({"op": "ping", "id": "x" * 17_000}))
        assert ada.close_code() == 4400

    def test_too_many_operations_at_once_end_the_socket(self, pair: tuple[Person, Person, str]) -> None:
        ada, _, session_id = pair
        ada.connect(session_id)
        for _ in range(300):
            ada.send_raw({"op": "ping", "id": ada.next_op_id(), "data": {"t": 0}})
        assert ada.close_code() == 4429


def test_events_come_in_order_without_gap_or_repeat_over_reconnects(pair: tuple[Person, Person, str]) -> None:
    ada, bo, session_id = pair
    ada.connect(session_id)
    known = {"epoch": ada.welcome["epoch"], "seq": ada.welcome["seq"]}
    for _ in range(6):
        for ready in (True, False):
            bo.post(f"/sessions/{session_id}/ready", {"ready": ready})
        ada.read_for(0.05)
        if ada.numbered():
            known["seq"] = ada.numbered()[-1]
        assert ada.connect(session_id, resume=dict(known))["resumed"]
    bo.post(f"/sessions/{session_id}/energy", {"level": "low"})
    ada.event("energy_voted")
    numbers = ada.numbered()
    assert numbers == list(range(numbers[0], numbers[0] + 13))


def test_valkey_forgets_everything_and_the_session_goes_on(
    stack: LocalStack, pair: tuple[Person, Person, str]
) -> None:
    ada, bo, session_id = pair
    ada.connect(session_id)
    deck = begin(ada, bo, session_id)
    assert ada.do("swipe", item=deck[0], direction="right")["ok"]
    with redis.Redis.from_url(stack.settings["REDIS_URL"]) as valkey:
        valkey.flushall()
    resumed = ada.connect(session_id, resume={"epoch": ada.welcome["epoch"], "seq": ada.welcome["seq"]})
    assert not resumed["resumed"]
    assert resumed["snapshot"]["status"] == "swiping"
    assert resumed["snapshot"]["participants"][0]["swiped"] == 1
    bo.connect(session_id)
    assert bo.do("swipe", item=deck[0], direction="right")["ok"]
    assert ada.event("matched") == bo.event("matched")


def test_a_round_started_before_valkey_forgot_still_ends(stack: LocalStack, person: NewPerson) -> None:
    ada, bo = person("Ada"), person("Bo")
    session = ada.post("/sessions", {"menu": "both", "rounds": [8]})
    bo.post("/sessions/join", {"code": session["code"]})
    begin(ada, bo, session["id"])
    with redis.Redis.from_url(stack.settings["REDIS_URL"]) as valkey:
        valkey.flushall()
    ada.connect(session["id"])
    assert ada.event("closest")["outcome"]["kind"] == "closest"


def test_last_likes_at_the_same_moment_make_one_match(pair: tuple[Person, Person, str]) -> None:
    """Both like several cards at once, on two processes: one match, the same for both."""
    ada, bo, session_id = pair
    deck = begin(ada, bo, session_id)
    here = ada.connect_to(session_id, lambda _node: True)
    bo.connect_to(session_id, lambda node: node != here)
    barrier = threading.Barrier(2)

    def like_everything(one: Person) -> None:
        barrier.wait()
        for item in deck:
            one.send_raw(
                {"op": "swipe", "id": one.next_op_id(), "data": {"item": item, "direction": "right"}}
            )

    threads = [threading.Thread(target=like_everything, args=(one,)) for one in (ada, bo)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ada.event("matched") == bo.event("matched")
    for one in (ada, bo):
        one.read_for(0.5)
        assert sum(frame.get("type") == "matched" for frame in one.frames) == 1


def test_who_leaves_is_hung_up_on_with_1000(pair: tuple[Person, Person, str]) -> None:
    ada, bo, session_id = pair
    ada.connect(session_id)
    bo.connect(session_id)
    assert bo.do("leave")["ok"]
    assert bo.close_code() == 1000
    assert ada.event("participant_left")["participant_id"] == bo.id
    bo.open_socket()
    bo.send_raw({"op": "hello", "v": 1, "token": bo.tokens["access_token"], "session": session_id})
    assert bo.close_code() == 4403


def test_presence_tells_who_is_away(pair: tuple[Person, Person, str]) -> None:
    ada, bo, session_id = pair
    ada.connect(session_id)
    bo.connect(session_id)
    ada.wait(
        lambda f: (
            f.get("type") == "presence" and f["data"] == {"participant_id": bo.id, "status": "connected"}
        )
    )
    bo.close()
    ada.wait(
        lambda f: f.get("type") == "presence" and f["data"] == {"participant_id": bo.id, "status": "away"}
    )
    assert ada.get(f"/sessions/{session_id}")["participants"][1]["status"] == "away"


def test_a_stopping_process_asks_its_clients_to_come_back(
    log: StackLog, pair: tuple[Person, Person, str]
) -> None:
    ada, _, session_id = pair
    node = ada.connect(session_id)["node"]
    stopping = log.pid_of(node)
    os.kill(stopping, signal.SIGTERM)
    assert ada.close_code() == 1012
    ada.connect_to(session_id, lambda other: other != node)
    eventually(lambda: not runs(stopping), seconds=20)


def test_a_long_absence_is_resumed_in_frames_of_at_most_16_kib(pair: tuple[Person, Person, str]) -> None:
    ada, bo, session_id = pair
    known = ada.connect(session_id)
    ada.close()
    for number in range(300):
        bo.post(f"/sessions/{session_id}/ready", {"ready": number % 2 == 0})
    assert ada.connect(session_id, resume={"epoch": known["epoch"], "seq": known["seq"]})["resumed"]
    ada.wait(lambda frame: frame.get("type") == "progress")
    assert ada.numbered() == list(range(known["seq"] + 1, known["seq"] + 301))
    assert ada.longest_frame <= 16 * 1024


def test_an_operation_is_carried_out_once_however_often_it_is_sent(pair: tuple[Person, Person, str]) -> None:
    ada, _, session_id = pair
    ada.connect(session_id)
    ready = ada.next_op_id()
    first = ada.do("ready", op_id=ready, ready=True)
    assert ada.do("ready", ready=False)["ok"]
    assert ada.do("ready", op_id=ready, ready=True) == first
    assert not ada.get(f"/sessions/{session_id}")["participants"][0]["ready"]


def test_a_reconnect_to_another_process_is_no_absence(pair: tuple[Person, Person, str]) -> None:
    """The old socket dies late: the others must not be told that its owner has gone."""
    ada, bo, session_id = pair
    ada.connect(session_id)
    here = bo.connect(session_id)["node"]
    old = bo.put_aside()
    bo.connect_to(session_id, lambda node: node != here)
    old.close()
    ada.read_for(1.0)
    told = [
        f["data"]["status"]
        for f in ada.frames
        if f.get("type") == "presence" and f["data"]["participant_id"] == bo.id
    ]
    assert "away" not in told
    assert ada.get(f"/sessions/{session_id}")["participants"][1]["status"] == "connected"


def test_who_leaves_elsewhere_is_hung_up_on_too(pair: tuple[Person, Person, str]) -> None:
    _, bo, session_id = pair
    bo.connect(session_id)
    bo.post(f"/sessions/{session_id}/leave")
    assert bo.close_code() == 1000


def test_a_round_ends_early_although_one_swiped_on_two_processes(person: NewPerson) -> None:
    ada, bo = person("Ada"), person("Bo")
    session = ada.post("/sessions", {"menu": "both", "deck_size": 5, "rounds": [60]})
    bo.post("/sessions/join", {"code": session["code"]})
    deck = begin(ada, bo, session["id"])
    here = ada.connect(session["id"])["node"]
    for item in deck[:3]:
        assert ada.do("swipe", item=item, direction="left")["ok"]
    ada.put_aside()
    ada.connect_to(session["id"], lambda node: node != here)
    for item in deck[3:]:
        assert ada.do("swipe", item=item, direction="left")["ok"]
    bo.connect(session["id"])
    for item in deck:
        bo.do("swipe", item=item, direction="left")
    assert bo.event("closest")["outcome"]["kind"] == "closest"
