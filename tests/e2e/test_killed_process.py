"""`kill -9` of API processes in the middle of a session: nothing acknowledged is lost, and the session goes on."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from bson import ObjectId
from pymongo import MongoClient

from client.config import ClientConfig
from client.store.client import Client, open_client
from deploy.local.stack import LocalStack
from tests.e2e.person import Person, begin
from tests.processes import api_children, kill
from tests.stacks import StackLog
from tests.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.e2e, pytest.mark.timeout(180)]

NewPerson = Callable[[str], Person]


def swipes_in_mongodb(stack: LocalStack, session_id: str, user_id: str) -> list[str]:
    """The cards of a participant's swipes, as they lie in the log."""
    with MongoClient(stack.settings["MONGODB_URI"]) as mongo:
        found = mongo["dindin"].swipes.find({"s": ObjectId(session_id), "p": ObjectId(user_id)})
        return [str(record["i"]) for record in found]


def test_a_client_whose_process_is_killed_resumes_on_another(
    stack: LocalStack, log: StackLog, pair: tuple[Person, Person, str]
) -> None:
    ada, bo, session_id = pair
    deck = begin(ada, bo, session_id)
    bo.connect(session_id)
    node = ada.connect_to(session_id, lambda node: node != bo.welcome["node"])
    before = {"epoch": ada.welcome["epoch"], "seq": ada.welcome["seq"]}
    for item in deck[:3]:
        assert ada.do("swipe", item=item, direction="left")["ok"]
    unanswered = ada.next_op_id()
    ada.send_raw({"op": "swipe", "id": unanswered, "data": {"item": deck[3], "direction": "right"}})

    kill(log.pid_of(node))

    assert ada.connect(session_id, resume=before)["resumed"]
    assert ada.welcome["node"] != node
    repeated = ada.do("swipe", op_id=unanswered, item=deck[3], direction="right")
    assert (repeated["ok"], repeated["data"]) == (True, {"item": deck[3]})
    assert bo.do("swipe", item=deck[3], direction="right")["ok"]
    assert ada.event("matched") == bo.event("matched")
    assert sorted(swipes_in_mongodb(stack, session_id, ada.id)) == sorted(deck[:4])


@pytest.fixture
def app_of_ada(stack: LocalStack, tmp_path: Path) -> Client:
    """The app's own state and socket manager, without its screen."""
    client = open_client(ClientConfig(server_url=stack.base_url, home=tmp_path, own_home=True))
    yield client
    client.commands.shutdown()


def test_the_app_swipes_on_while_one_process_after_the_other_is_killed(
    stack: LocalStack, log: StackLog, person: NewPerson, app_of_ada: Client
) -> None:
    bo, store, commands = person("Bo"), app_of_ada.store, app_of_ada.commands
    session = bo.post("/sessions", {"menu": "both"})
    commands.register(f"ada.{secrets.token_hex(6)}@example.com", "a long enough password", "Ada")
    eventually(lambda: store.state.auth.status == "signed_in")
    commands.join_session(session["code"])
    eventually(lambda: store.state.connection.status == "connected")
    commands.set_ready(True)
    bo.post(f"/sessions/{session['id']}/ready", {"ready": True})
    eventually(lambda: store.state.session.status == "swiping" and store.state.session.deck)
    deck = [card.id for card in store.state.session.deck]

    for number, item in enumerate(deck[:12]):
        if number % 4 == 2:
            started = log.api_pids()
            for pid in api_children(stack):
                kill(pid)
            eventually(lambda started=started: len(log.api_pids() - started) >= 2, seconds=20)
        commands.swipe(item, "left")

    me = store.state.auth.user.id
    eventually(lambda: sorted(swipes_in_mongodb(stack, session["id"], me)) == sorted(deck[:12]), seconds=30)
    eventually(lambda: store.state.pending_swipes == 0)
    commands.swipe(deck[12], "right")
    bo.connect(session["id"])
    assert bo.do("swipe", item=deck[12], direction="right")["ok"]
    eventually(lambda: store.state.session.status == "matched")
    assert [card.id for card in store.state.session.outcome.items] == [deck[12]]
