"""Idempotency-Key: what was created once is not created twice, whatever the network does."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Response, jsonify
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.config import Settings
from backend.http.access import Access, access
from backend.http.edge import never_compressed
from backend.http.idempotency import KEEP_SECONDS, idempotent, init_idempotency, is_idempotent
from backend.infra import valkey as valkey_adapter
from backend.infra.valkey import Valkey
from deploy.local.embedded import EmbeddedValkey
from tests.conftest import Account

AppWith = Callable[..., OpenAPI]

# Routes that create something and have another way of being harmless when repeated.
CREATE_OTHERWISE = {
    "POST /api/v1/auth/register": "the same address and password log in",
    "POST /api/v1/auth/guest": "answers with tokens, which are never kept; an unused guest is nobody's loss",
}


def send(one: Account, path: str, body: dict[str, Any], key: str, method: str = "POST") -> Any:
    headers = {**one.headers, "Idempotency-Key": key}
    return one.http.open(f"/api/v1{path}", method=method, json=body, headers=headers)


@pytest.fixture
def ada(register: Callable[..., Account]) -> Account:
    return register()


def test_the_same_key_gets_the_same_answer_and_creates_once(ada: Account, valkey: Valkey) -> None:
    first = send(ada, "/sessions", {"menu": "both"}, "dinner-1")
    again = send(ada, "/sessions", {"menu": "both"}, "dinner-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert again.content_type == first.content_type == "application/json"
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert ada.get("/sessions").get_json()["total"] == 1
    [kept] = [
        key for key in valkey.scan_iter("*idempotency:*") if first.get_json()["id"] in str(valkey.get(key))
    ]
    assert 0 < valkey.ttl(kept) <= KEEP_SECONDS


def test_without_a_key_everything_is_carried_out(ada: Account) -> None:
    bodies = [{"menu": "both"}, {"menu": "both"}]
    assert [ada.post("/sessions", body).status_code for body in bodies] == [201, 409]


def test_another_body_under_the_same_key_is_refused(ada: Account) -> None:
    send(ada, "/sessions", {"menu": "both"}, "dinner-1")
    answer = send(ada, "/sessions", {"menu": "recipes"}, "dinner-1")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_belongs_to_one_user_and_one_route(ada: Account, register: Callable[..., Account]) -> None:
    first = send(ada, "/sessions", {"menu": "both"}, "one")
    other = send(register("Bo"), "/sessions", {"menu": "both"}, "one")
    assert other.status_code == 201
    assert other.get_json()["id"] != first.get_json()["id"]
    message = {"op_id": "0" * 26, "text": "Hello"}
    assert send(ada, f"/sessions/{first.get_json()['id']}/messages", message, "one").status_code == 201


def test_what_was_refused_may_be_tried_again_with_the_same_key(ada: Account) -> None:
    session = send(ada, "/sessions", {"menu": "both"}, "first").get_json()["id"]
    assert send(ada, "/sessions", {"menu": "both"}, "second").status_code == 409
    assert ada.post(f"/sessions/{session}/leave").status_code == 200
    assert send(ada, "/sessions", {"menu": "both"}, "second").status_code == 201


@pytest.mark.parametrize(
    "key", ["", "a b", "x" * 129, "\t", "Ä"], ids=["empty", "space", "long", "tab", "letter"]
)
def test_a_key_that_is_none_is_refused(ada: Account, key: str) -> None:
    answer = send(ada, "/sessions", {"menu": "both"}, key)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")
    assert [error["field"] for error in answer.get_json()["errors"]] == ["Idempotency-Key"]


def test_passwords_of_bodies_are_not_kept(ada: Account, valkey: Valkey) -> None:
    answer = send(ada, "/compliance/exports", {"password": ada.password}, "export-1")
    assert answer.status_code == 202
    assert send(ada, "/compliance/exports", {"password": ada.password}, "export-1").data == answer.data
    for key in valkey.scan_iter("*idempotency:*"):
        assert ada.password not in str(valkey.get(key))
        assert ada.id not in str(key)


def test_routes_that_create_honour_it(app: OpenAPI) -> None:
    for path, item in app.api_doc["paths"].items():
        creates = {"201", "202"} & set(item.get("post", {}).get("responses", {}))
        name = f"POST {path}"
        if creates and item["post"].get("security") and name not in CREATE_OTHERWISE:
            endpoint = endpoint_of(app, path)
            assert is_idempotent(app.view_functions[endpoint]) == (endpoint not in NOTHING_CREATED), name


# They answer 202 because something happens later. To ask again for a mail sends another one, as it should. To ask again
# to be erased changes nothing, and its answer must not be kept longer than the person. A job that waits already is not
# put on its queue twice.
NOTHING_CREATED = {"auth.ask_to_confirm", "erasure.request_erasure", "jobs.retry_failed"}


def endpoint_of(app: OpenAPI, path: str) -> str:
    return next(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule.replace("<", "{").replace(">", "}") == path and "POST" in (rule.methods or set())
    )


@access(Access.USER)
@idempotent
def create() -> Response:
    """Does what the test wants."""
    return jsonify(made=WORK[-1]())


@access(Access.USER)
@idempotent
def create_secret() -> Response:
    return never_compressed(jsonify(made=WORK[-1]()))


WORK: list[Callable[[], int]] = []


@pytest.fixture
def made() -> Iterator[list[int]]:
    """What `create` has made, one by one."""
    done: list[int] = []

    def work() -> int:
        done.append(len(done) + 1)
        return len(done)

    WORK.append(work)
    yield done
    WORK.pop()


@pytest.fixture
def small(app_with: AppWith, settings: Settings) -> Callable[..., FlaskClient]:
    """A client of a small app whose routes create what the test wants."""

    def build(**changed: Any) -> FlaskClient:
        prefix = f"t{secrets.token_hex(4)}:"
        own = Settings(_env_file=None, **{**settings.model_dump(), "redis_prefix": prefix, **changed})
        app = app_with(**changed)
        init_idempotency(app, own, valkey_adapter.connect(own))
        for view in (create, create_secret):
            app.add_url_rule(f"/{view.__name__}", view_func=view, methods=["POST"])
        return app.test_client()

    return build


def ask(client: FlaskClient, key: str, path: str = "/create") -> Any:
    return client.post(path, json={}, headers={"Authorization": "Bearer ada", "Idempotency-Key": key})


def test_of_two_at_the_same_moment_one_is_carried_out(small: Callable[..., FlaskClient]) -> None:
    client = small()
    begun, may_end = threading.Event(), threading.Event()

    def work() -> int:
        begun.set()
        assert may_end.wait(30)
        return 1

    WORK.append(work)
    answers: list[Any] = []
    first = threading.Thread(target=lambda: answers.append(ask(client, "both")))
    first.start()
    assert begun.wait(30)
    meanwhile = ask(client, "both")
    may_end.set()
    first.join(30)
    WORK.pop()
    assert (meanwhile.status_code, meanwhile.get_json()["code"]) == (409, "idempotency_key_in_use")
    assert meanwhile.get_json()["retry_after"] == 1
    assert [answer.status_code for answer in answers] == [200]
    assert ask(client, "both").get_json() == {"made": 1}


def test_answers_with_tokens_are_never_kept(small: Callable[..., FlaskClient], made: list[int]) -> None:
    client = small()
    assert [ask(client, "secret", "/create_secret").get_json()["made"] for _ in range(2)] == [1, 2]
    assert made == [1, 2]


@pytest.mark.usefixtures("made")
def test_a_crash_frees_the_key(small: Callable[..., FlaskClient]) -> None:
    client = small()

    def crash() -> int:
        raise RuntimeError("in the middle")

    WORK.append(crash)
    assert ask(client, "crash").status_code == 500
    WORK.pop()
    assert ask(client, "crash").get_json() == {"made": 1}


@pytest.mark.usefixtures("made")
def test_while_valkey_is_away_every_request_is_carried_out(
    small: Callable[..., FlaskClient], tmp_path: Path
) -> None:
    valkey = EmbeddedValkey(tmp_path / "data", tmp_path)
    client = small(redis_url=valkey.start())
    try:
        assert [ask(client, "away").get_json()["made"] for _ in range(2)] == [1, 1]
    finally:
        valkey.stop()
    assert [ask(client, "away").get_json()["made"] for _ in range(2)] == [2, 3]


def test_valkey_going_away_in_the_middle_loses_the_memory_and_not_the_answer(
    small: Callable[..., FlaskClient], tmp_path: Path
) -> None:
    valkey = EmbeddedValkey(tmp_path / "data", tmp_path)
    client = small(redis_url=valkey.start())

    def work() -> int:
        valkey.stop()
        return 1

    WORK.append(work)
    assert ask(client, "middle").get_json() == {"made": 1}
    WORK.pop()


def test_other_routes_do_not_care(ada: Account) -> None:
    assert send(ada, "/users/me", {"display_name": "Ada L."}, "x" * 500, "PATCH").status_code == 200
    assert json.loads(ada.get("/users/me").data)["display_name"] == "Ada L."
