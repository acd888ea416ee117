"""One peer that misbehaves costs only itself (docs/live-protocol.md, "Delivery promises")."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import redis

from deploy.local.stack import LocalStack
from tests.e2e.person import Person

pytestmark = [pytest.mark.e2e, pytest.mark.security, pytest.mark.timeout(120)]

NewPerson = Callable[[str], Person]


def _passing(session_id: str, filler: str, times: int, last: str) -> str:
    """What another process would put on the bus: large frames that only matter now, and one to know them by."""

    def frame(who: str, status: str) -> tuple[str, str]:
        told = {"type": "presence", "at": 0, "data": {"participant_id": who, "status": status}}
        return session_id, json.dumps(told)

    return json.dumps(
        {"n": "elsewhere", "x": [frame(filler, "away")] * times + [frame("", last)], "w": [], "t": []}
    )


class TestHostilePeers:
    """One peer that misbehaves costs only itself."""

    def test_a_flood_of_pings_ends_and_the_others_are_served(self, pair: tuple[Person, Person, str]) -> None:
        ada, bo, session_id = pair
        ada.connect(session_id)
        bo.open_socket().sock.sendall(b"\x89\x80\x00\x00\x00\x00" * 20_000)
        assert ada.do("ping", t=1)["ok"]
        assert bo.close_code() == 4429

    def test_endless_fragments_end_the_socket(self, pair: tuple[Person, Person, str]) -> None:
        ada, _, session_id = pair
        ada.connect(session_id)
        ada.socket.sock.sendall(b"\x01\x80\x00\x00\x00\x00" + b"\x00\x80\x00\x00\x00\x00" * 500)
        assert ada.close_code() == 4400

    def test_who_does_not_read_is_cut_off_and_nobody_waits_for_them(
        self, pair: tuple[Person, Person, str], stack: LocalStack
    ) -> None:
        ada, bo, session_id = pair
        ada.connect(session_id)
        deaf = bo.open_socket(receive_buffer=4096)
        bo.send_raw({"op": "hello", "v": 1, "token": bo.tokens["access_token"], "session": session_id})
        ada.wait(lambda f: f.get("type") == "presence" and f["data"]["participant_id"] == bo.id)
        gone = {"participant_id": bo.id, "status": "away"}
        with redis.Redis.from_url(stack.settings["REDIS_URL"]) as valkey:
            for number in range(100):
                valkey.publish("dindin:live", _passing(session_id, "0" * 9000, 20, f"the end of {number}"))
                ada.wait(lambda f, n=number: f.get("data", {}).get("status") == f"the end of {n}")
                if any(f.get("data") == gone for f in ada.frames):
                    break
        assert any(f.get("data") == gone for f in ada.frames)
        assert ada.do("ping", t=1)["ok"]
        deaf.shutdown()

    def test_a_stranger_never_touches_the_room(
        self, pair: tuple[Person, Person, str], person: NewPerson
    ) -> None:
        ada, _, session_id = pair
        eve = person("Eve")
        ada.connect(session_id)
        for _ in range(3):
            eve.open_socket()
            eve.send_raw({"op": "hello", "v": 1, "token": eve.tokens["access_token"], "session": session_id})
            assert eve.close_code() == 4403
        ada.do("ping", t=1)
        ada.read_for(0.5)
        assert not [frame for frame in ada.frames if eve.id in json.dumps(frame)]

    def test_garbage_on_the_bus_does_not_make_the_processes_deaf(
        self, pair: tuple[Person, Person, str], stack: LocalStack
    ) -> None:
        ada, bo, session_id = pair
        ada.connect(session_id)
        with redis.Redis.from_url(stack.settings["REDIS_URL"]) as valkey:
            for garbage in ("not json", "[]", '{"f":[]}', '{"n":"x","x":[["no id",""]],"w":[]}'):
                valkey.publish("dindin:live", garbage)
        bo.post(f"/sessions/{session_id}/ready", {"ready": True})
        assert ada.event("ready_changed")["ready"]
