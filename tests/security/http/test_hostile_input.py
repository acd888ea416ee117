"""Bodies, queries and headers that want to break something. Each gets a clear refusal, never a 500."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.conftest import Account

pytestmark = pytest.mark.security

REGISTER = "/api/v1/auth/register"

MALFORMED = {
    "nothing but brackets": b"[" * 100_000,
    "an object 100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "cut off": b'{"email": "a@exa',
    "no UTF-8": b'{"email": "\xff\xfe"}',
    "a list": b"[]",
    "a word": b'"email"',
    "null": b"null",
    "a number of 5,000 digits": b'{"a":' + b"9" * 5000 + b"}",
    "two values": b"{}{}",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_json_object(client: FlaskClient, body: bytes) -> None:
    answer = client.post(REGISTER, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize(
    "body",
    [
        b'{"email": "\\ud800@example.com", "password": "0123456789", "display_name": "a"}',
        b'{"email": "a\\u0000@example.com", "password": "0123456789", "display_name": "a"}',
        b'{"email": NaN, "password": Infinity, "display_name": 1e999}',
        b'{"__proto__": {}, "constructor": {}}',
        b'{"email": "a@example.com", "email": {"$ne": 1}, "password": "0123456789", "display_name": "a"}',
    ],
)
def test_json_that_is_strange_inside(client: FlaskClient, body: bytes) -> None:
    answer = client.post(REGISTER, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")


OPERATORS = [
    {"$ne": None},
    {"$gt": ""},
    {"$regex": ".*"},
    {"$where": "sleep(1000)"},
    [{"$ne": None}],
    {"__raw__": {}},
]


@pytest.mark.parametrize("operator", OPERATORS, ids=json.dumps)
@pytest.mark.parametrize("field", ["email", "password"])
def test_query_operators_are_no_credentials(
    client: FlaskClient, register: Callable[..., Account], field: str, operator: object
) -> None:
    ada = register()
    body = {"email": ada.email, "password": ada.password, field: operator}
    answer = client.post("/api/v1/auth/login", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]


@pytest.mark.parametrize(
    "query",
    [
        "q[$ne]=x",
        "cuisine[$regex]=.*",
        "limit=1e9",
        "page=-1",
        "page=99999999999999999999",
        "sort=$where",
        "q=%00",
        "near=NaN,NaN",
    ],
)
def test_hostile_queries(register: Callable[..., Account], query: str) -> None:
    answer = register().get(f"/restaurants?{query}" if query.startswith("near") else f"/recipes?{query}")
    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        assert answer.get_json()["errors"]


@pytest.mark.parametrize(
    "path",
    [
        "/sessions/$ne",
        "/sessions/{}",
        "/sessions/%00",
        "/sessions/..%2f..%2fetc%2fpasswd",
        "/compliance/exports/../../etc/passwd",
        "/compliance/exports/%2e%2e",
        "/recipes/ZZZZZZZZZZZZZZZZZZZZZZZZ",
    ],
)
def test_hostile_paths(register: Callable[..., Account], path: str) -> None:
    answer = register().get(path)
    assert answer.status_code in {404, 422}
    assert answer.content_type == "application/problem+json"


def test_a_hostile_path_of_a_download(register: Callable[..., Account]) -> None:
    ada = register()
    answer = ada.post("/compliance/exports/%2e%2e/download", {"password": ada.password})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")


def test_what_was_sent_is_not_repeated(client: FlaskClient) -> None:
    answer = client.post(
        REGISTER,
        json={"email": "<script>alert(1)</script>", "password": "hunter2", "display_name": "a", "x": "y"},
    )
    assert "script" not in answer.text
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    "wanted",
    [
        *("a b", "x" * 65, "short", "<script>", "../../../etc", "line%0abreak"),
        *("5f" * 12, "5F" * 12, f"of-{'0' * 24}_1"),  # what may be somebody's id would stand in the log
    ],
)
def test_a_strange_request_id_is_replaced(client: FlaskClient, wanted: str) -> None:
    answer = client.get("/nothing-here", headers={"X-Request-ID": wanted})
    assert answer.headers["X-Request-ID"] != wanted
    assert answer.get_json()["request_id"] == answer.headers["X-Request-ID"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
bodies = st.dictionaries(
    st.sampled_from(
        [
            "email",
            "password",
            "display_name",
            "refresh_token",
            "menu",
            "code",
            "deck_size",
            "dietary",
            "home_location",
        ]
    )
    | st.text(max_size=10),
    json_values,
    max_size=6,
)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=bodies, data=st.data())
def test_no_body_makes_the_server_stumble(
    client: FlaskClient, register: Callable[..., Account], body: dict, data: st.DataObject
) -> None:
    ada = _account(register)
    method, path = data.draw(
        st.sampled_from(
            [
                ("POST", "/auth/login"),
                ("POST", "/auth/refresh"),
                ("PATCH", "/users/me"),
                ("PUT", "/users/me/preferences"),
                ("POST", "/sessions"),
                ("POST", "/sessions/join"),
                ("POST", "/compliance/exports"),
            ]
        )
    )
    answer = client.open(
        f"/api/v1{path}",
        method=method,
        headers=ada.headers,
        data=json.dumps(body),
        content_type="application/json",
    )
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"


def _account(register: Callable[..., Account], made: list[Account] = []) -> Account:  # noqa: B006  # one for all examples
    if not made:
        made.append(register())
    return made[0]
