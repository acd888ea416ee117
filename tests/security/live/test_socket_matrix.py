"""Every operation of the socket as everybody who could try it, generated from the operations themselves."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest
from bson import ObjectId

from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.sessions.operations import PERMITS, Hello, InboxHello, Operation, Who
from deploy.local.stack import LocalStack
from tests.e2e.evening import gather, start
from tests.e2e.person import Person

pytestmark = [pytest.mark.security, pytest.mark.e2e, pytest.mark.timeout(120)]

_UNION, _ = get_args(Operation)
OPERATIONS: dict[str, type[Any]] = {
    get_args(model.model_fields["op"].annotation)[0]: model for model in get_args(_UNION)
}
ACTORS = ("host", "player", "spectator")
MAY: dict[Who, set[str]] = {
    Who.CONNECTED: {"host", "player", "spectator"},
    Who.PARTICIPANT: {"host", "player", "spectator"},
    Who.PLAYER: {"host", "player"},
    Who.HOST: {"host"},
}
# What says "not you", unlike what says "not now".
NOT_YOU = {"not_host", "not_participant", "spectator", "undeclared", "other_user", "forbidden"}


@dataclass(frozen=True)
class Scene:
    """A session in its second round, which somebody joined to watch, and a lobby.

    Attributes:
        people: by actor, connected.
        card: one of the first round's deck.
    """

    people: dict[str, Person]
    session_id: str
    card: str
    lobby: dict[str, Person]
    lobby_id: str
    stranger: Person


@pytest.fixture(scope="module")
def scene(stack: LocalStack) -> Iterator[Scene]:
    everybody: list[Person] = []

    def person(name: str) -> Person:
        everybody.append(Person(stack.base_url, name))
        return everybody[-1]

    (ada, bo), session = gather(person, ["Ada", "Bo"], rounds=[600, 600, 600])
    for one in (ada, bo):
        one.connect(session["id"])
    deck = start([ada, bo])["data"]["deck"]
    assert ada.do("swipe", item=deck[0], direction="right")["ok"]
    assert bo.do("swipe", item=deck[1], direction="right")["ok"]
    for one in (ada, bo):
        assert one.do("vote", motion="skip_round", in_favour=True)["ok"]
    ada.told("round_started", round=2)
    cy = person("Cy")
    cy.post("/sessions/join", {"code": session["code"]})
    cy.connect(session["id"])
    (dan, eve), lobby = gather(person, ["Dan", "Eve"])
    for one in (dan, eve):
        one.connect(lobby["id"])
    yield Scene(
        people={"host": ada, "player": bo, "spectator": cy},
        session_id=session["id"],
        card=deck[0],
        lobby={"host": dan, "player": eve},
        lobby_id=lobby["id"],
        stranger=person("Mallory"),
    )
    for one in everybody:
        one.close()
        one.http.close()


def told(scene: Scene, actor: Person) -> dict[str, dict[str, Any]]:
    """What a frame of each operation says besides its name and id. `leave` is the last: nobody comes back from it."""
    return {
        "swipe": {"data": {"item": scene.card, "direction": "right"}},
        "undo": {},
        "energy": {"data": {"level": "low"}},
        "ready": {"data": {"ready": False}},
        "start": {},
        "vote": {"data": {"motion": "pause", "in_favour": False}},
        "toss": {},
        "chat": {"data": {"text": "Hello"}},
        "react": {"data": {"emoji": "👍"}},
        "ping": {"data": {"t": 1.0}},
        "reauth": {"token": actor.tokens["access_token"]},
        "leave": {},
    }


def reply(one: Person, name: str, more: dict[str, Any]) -> dict[str, Any]:
    op_id = one.next_op_id()
    one.send_raw({"op": name, "id": op_id, **more})
    return one.wait(lambda frame: frame.get("re") == op_id)


def code_of(answer: dict[str, Any]) -> str:
    return "" if answer["ok"] else answer["error"]["code"]


def test_every_operation_says_who_may_use_it() -> None:
    assert set(PERMITS) == {Hello, InboxHello, *OPERATIONS.values()}


def test_every_operation_is_tried(scene: Scene) -> None:
    assert set(told(scene, scene.stranger)) == set(OPERATIONS)


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in {"leave", "start"}])
def test_in_a_round_each_operation_is_for_whom_it_says(scene: Scene, name: str, actor: str) -> None:
    one = scene.people[actor]
    code = code_of(reply(one, name, told(scene, one)[name]))
    assert (code not in NOT_YOU) == (actor in MAY[PERMITS[OPERATIONS[name]]]), code


@pytest.mark.parametrize("actor", ["player", "host"])
@pytest.mark.parametrize("name", ["start", "energy", "ready", "chat", "react", "ping", "reauth"])
def test_in_the_lobby_each_operation_is_for_whom_it_says(scene: Scene, name: str, actor: str) -> None:
    one = scene.lobby[actor]
    code = code_of(reply(one, name, told(scene, one)[name]))
    assert (code not in NOT_YOU) == (actor in MAY[PERMITS[OPERATIONS[name]]]), code


def test_on_an_inbox_nothing_can_be_done_to_a_session(scene: Scene) -> None:
    """Not even by the host, who names no session there."""
    twin = scene.people["host"].second_device()
    twin.connect(None)
    for name, more in told(scene, twin).items():
        code = code_of(reply(twin, name, more))
        assert code == ("" if PERMITS[OPERATIONS[name]] is Who.CONNECTED else "not_in_session"), name
    twin.close()


def test_an_operation_reaches_the_session_of_its_socket_and_no_other(scene: Scene) -> None:
    """No frame names a session or a user; what it says besides is refused."""
    for name, more in told(scene, scene.lobby["player"]).items():
        for field in ("session", "session_id", "user_id", "participant_id", "role"):
            answer = reply(scene.lobby["player"], name, {**more, field: scene.session_id})
            assert code_of(answer) == "invalid_input", (name, field)


def test_a_token_of_somebody_else_renews_nothing(scene: Scene) -> None:
    answer = reply(scene.people["player"], "reauth", {"token": scene.people["host"].tokens["access_token"]})
    assert code_of(answer) == "other_user"


@pytest.mark.parametrize("name", OPERATIONS)
def test_nobody_gets_anywhere_without_a_hello(scene: Scene, name: str) -> None:
    mallory = scene.stranger
    mallory.open_socket()
    mallory.send_raw({"op": name, "id": mallory.next_op_id(), **told(scene, mallory)[name]})
    assert mallory.close_code() == 4400


def expired(person: Person, settings: Settings) -> str:
    ids = ObjectId(person.id), ObjectId()
    return TokenSigner(settings).access_token(*ids, datetime.now(UTC) - timedelta(minutes=16))


HELLOS: dict[str, tuple[Callable[[Scene, Settings], str], int]] = {
    "nobody": (lambda _scene, _settings: "", 4401),
    "garbage": (lambda _scene, _settings: "e30.e30.e30", 4401),
    "expired": (lambda scene, own: expired(scene.people["host"], own), 4401),
    "refresh": (lambda scene, _settings: scene.people["host"].tokens["refresh_token"], 4401),
    "cut": (lambda scene, _settings: scene.people["host"].tokens["access_token"][:-2], 4401),
    "stranger": (lambda scene, _settings: scene.stranger.tokens["access_token"], 4403),
    "of another session": (lambda scene, _settings: scene.lobby["host"].tokens["access_token"], 4403),
}


@pytest.mark.parametrize("who", HELLOS)
def test_a_hello_lets_in_participants_only(scene: Scene, stack: LocalStack, who: str) -> None:
    make, code = HELLOS[who]
    own = Settings(
        _env_file=None,
        mongodb_uri="mongodb://nowhere/",
        redis_url="redis://nowhere/",
        secret_key=stack.settings["SECRET_KEY"],
    )
    mallory = scene.stranger
    hello = {"op": "hello", "v": 1, "token": make(scene, own)}
    mallory.open_socket()
    mallory.send_raw({**hello, "session": scene.session_id})
    assert mallory.close_code() == code
    if code == 4401:  # an inbox asks for a good token as well
        mallory.open_socket()
        mallory.send_raw(hello)
        assert mallory.close_code() == code


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://app.example", "https://app.example.evil.example", "file://", ""],
)
def test_pages_from_elsewhere_do_not_connect(stack: LocalStack, origin: str) -> None:
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", **key, "Origin": origin}
    status, body = plain_get(stack.base_url, asked)
    assert (status, body["code"]) == (403, "origin_refused")


def plain_get(base_url: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    where = urlsplit(base_url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=15)
    try:
        connection.request("GET", "/api/v1/live", headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_who_has_left_is_not_let_in_again_by_a_hello(stack: LocalStack) -> None:
    (fay, gus), lobby = gather(lambda name: Person(stack.base_url, name), ["Fay", "Gus"])
    fay.connect(lobby["id"])
    gus.connect(lobby["id"])
    assert gus.do("leave")["ok"]
    gus.open_socket()
    gus.send_raw({"op": "hello", "v": 1, "token": gus.tokens["access_token"], "session": lobby["id"]})
    assert gus.close_code() == 4403
    for one in (fay, gus):
        one.close()
        one.http.close()
