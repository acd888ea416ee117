"""Query operators are data wherever they are put: in every field, every query and every path."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from flask_openapi3 import OpenAPI

from tests.security.http.attempts import WITH_BODY, Attempts
from tests.security.http.expectations import EXPECTED
from tests.security.http.world import World

pytestmark = pytest.mark.security

OPERATORS = [
    {"$ne": None},
    {"$gt": ""},
    {"$regex": ".*"},
    {"$where": "sleep(1000)"},
    {"__raw__": {"$ne": None}},
    {"$expr": {"$function": {"body": "", "args": [], "lang": "js"}}},
    [{"$ne": None}],
]
KEYS = ["$where", "$ne", "__raw__", "set__tier", "password[$ne]", "email.$ne", "__class__", "$comment"]


@pytest.mark.parametrize("name", WITH_BODY)
def test_no_field_takes_an_operator(
    name: str, app: OpenAPI, shared_world: World, forget_counts: Callable[[], None]
) -> None:
    attempts = Attempts(name, app, shared_world, forget_counts)
    assert attempts.fields
    for operator in OPERATORS:
        for field, body in attempts.with_each_field(operator):
            answer = attempts.send(body)
            assert answer.status_code == 422, (field, operator, answer.text)
            wrong = {error["field"].partition(".")[0] for error in answer.get_json()["errors"]}
            assert wrong == {field}, operator


@pytest.mark.parametrize("name", WITH_BODY)
def test_no_body_takes_an_operator_as_a_field(
    name: str, app: OpenAPI, shared_world: World, forget_counts: Callable[[], None]
) -> None:
    attempts = Attempts(name, app, shared_world, forget_counts)
    for key in KEYS:
        answer = attempts.send({**attempts.good, key: 1})
        assert answer.status_code == 422, key
        assert [error["field"] for error in answer.get_json()["errors"]] == [key]


QUERIES = [
    name
    for name, row in EXPECTED.items()
    if name.startswith("GET /api/v1") and row.level.role is not None and not row.of and "<" not in name
]


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_takes_an_operator(
    name: str, app: OpenAPI, shared_world: World, forget_counts: Callable[[], None]
) -> None:
    path = name.removeprefix("GET ")
    who = shared_world.operator if "/admin/" in name else shared_world.owner
    known = [one["name"] for one in app.api_doc["paths"][path]["get"].get("parameters", [])]
    for said in [f"{field}[$ne]=x" for field in known] + [f"{key}=1" for key in KEYS]:
        forget_counts()
        status = who.call("GET", f"{path}?{quote(said, safe='=')}").status_code
        assert status == (422 if known else 200), said
    for field in known:
        for operator in OPERATORS:
            forget_counts()
            answer = who.call("GET", f"{path}?{field}={quote(json.dumps(operator))}")
            # Text to search for may be any text: it finds nothing. Everything else is refused.
            text_found_nothing = field in {"q", "cuisine"} and answer.get_json().get("total") == 0
            assert answer.status_code == 422 or text_found_nothing, field


@pytest.mark.parametrize(
    "name", [name for name, row in EXPECTED.items() if "<id>" in name and row.level.role is not None]
)
def test_no_path_takes_an_operator(name: str, shared_world: World, forget_counts: Callable[[], None]) -> None:
    method, rule = name.split(" ", 1)
    who = shared_world.operator if "/admin/" in name else shared_world.owner
    for bad in ['{"$ne":null}', "$ne", "[$gt]", "__raw__", "0" * 23, "0" * 25, "Z" * 24, "%00", "ÿ" * 24]:
        forget_counts()
        path = rule.replace("<id>", quote(bad, safe="%")).replace("<user_id>", shared_world.participant.id)
        body = EXPECTED[name].body
        answer = who.call(method, path, body(shared_world, who) if body else None)
        assert answer.status_code in {404, 422}, (path, answer.text)
        assert answer.content_type == "application/problem+json"
