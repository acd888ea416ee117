"""Two people agree on dinner: the main job, on the real stack with two API processes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from bson import ObjectId
from pymongo import MongoClient

from deploy.local.stack import LocalStack
from tests.e2e.person import Person
from tests.waiting import eventually

pytestmark = pytest.mark.e2e

NewPerson = Callable[[str], Person]


@pytest.mark.timeout(180)
def test_two_people_on_two_processes_agree_and_take_their_data_home(
    stack: LocalStack, person: NewPerson
) -> None:
    ada, bo = person("Ada"), person("Bo")
    session = ada.post("/sessions", {"menu": "both"})
    bo.post("/sessions/join", {"code": session["code"]})
    session_id = session["id"]

    # Lobby: each on a process of their own, each sees the other.
    here = ada.connect_to(session_id, lambda _node: True)
    there = bo.connect_to(session_id, lambda node: node != here)
    assert here != there
    seen = bo.welcome["snapshot"]
    assert [(p["display_name"], p["status"]) for p in seen["participants"]] == [
        ("Ada", "connected"),
        ("Bo", "connected"),
    ]

    # Energy, ready, start.
    assert ada.do("energy", level="high")["ok"]
    assert bo.do("energy", level="low")["ok"]
    assert (
        ada.event("energy_result")
        == bo.event("energy_result")
        == {
            "level": "low",
            "votes": {"low": 1, "medium": 0, "high": 1},
        }
    )
    assert ada.do("ready", ready=True)["ok"]
    assert bo.do("ready", ready=True)["ok"]
    assert ada.do("start")["ok"]
    deck = ada.event("round_started")["deck"]
    assert bo.event("round_started")["deck"] == deck
    assert [card["id"] for card in bo.get(f"/sessions/{session_id}/deck")["items"]] == deck

    # Swipes: acknowledged, and the other one sees how many, never what.
    for item, way in ((deck[0], "left"), (deck[1], "right"), (deck[2], "up")):
        reply = ada.do("swipe", item=item, direction=way)
        assert (reply["ok"], reply["data"]) == (True, {"item": item})
    bo.wait(
        lambda frame: (
            frame.get("type") == "swiped"
            and frame["data"] == {"participant_id": ada.id, "round": 1, "swiped": 3}
        )
    )
    assert not any(item in json.dumps(f) for f in bo.frames if f.get("type") == "swiped" for item in deck)

    # The match: exactly one, at both, durable.
    assert bo.do("swipe", item=deck[1], direction="right")["ok"]
    outcomes = [one.event("matched")["outcome"] for one in (ada, bo)]
    assert outcomes[0] == outcomes[1]
    assert [card["id"] for card in outcomes[0]["items"]] == [deck[1]]
    for one in (ada, bo):
        one.read_for(1.0)
        assert [f.get("type") for f in one.frames].count("matched") == 1
        assert one.numbered() == sorted(set(one.numbered()))
    with MongoClient(stack.settings["MONGODB_URI"]) as mongo:
        database = mongo[stack.settings.get("DATABASE_NAME", "dindin")]
        record = database.sessions.find_one({"_id": ObjectId(session_id)})
        assert record["status"] == "matched"
        assert record["outcome"]["items"] == [ObjectId(deck[1])]
        assert database.swipes.count_documents({"s": ObjectId(session_id)}) == 4

    _take_data_home(bo, ada)


def _take_data_home(owner: Person, other: Person) -> None:
    """The export: built by the real worker, downloaded by its owner alone."""
    export = owner.post("/compliance/exports", {"password": owner.password})
    path = f"/compliance/exports/{export['id']}"
    eventually(lambda: owner.get(path)["status"] == "done", seconds=60)
    theirs, own = ({"password": one.password} for one in (other, owner))
    assert other.http.post(f"{path}/download", json=theirs).status_code == 404
    download = owner.http.post(f"{path}/download", json=own)
    assert download.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(download.content)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        assert {"profile.json", "sessions.json", "swipes.json"} <= names
        swipes = json.loads(archive.read("swipes.json"))
        assert other.id.encode() not in b"".join(archive.read(name) for name in names)
    assert "right" in json.dumps(swipes)
