"""Every operation of the OpenAPI document with requests made from it, good and bad: the server does as it says there.

`DINDIN_FUZZ_EXAMPLES=500` tries more of each, other ones each time; without it the same few are tried in every run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import svcs
from flask_openapi3 import OpenAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

from backend.http.access import Access
from tests.addresses import somebody
from tests.security.http.expectations import EXPECTED, Row
from tests.security.http.world import Someone, World

pytestmark = pytest.mark.security

EXAMPLES = int(os.environ.get("DINDIN_FUZZ_EXAMPLES", "6"))
DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "docs/api/openapi.json").read_text())
OPERATIONS = [
    pytest.param(method, path, id=f"{method} {path}")
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
]
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PROFILE = hypothesis_settings(
    derandomize="DINDIN_FUZZ_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),  # the request that failed is printed whole; to make it smaller takes a minute
)


@pytest.fixture(scope="module")
def schema(app: OpenAPI) -> Any:
    """The document as it is served, answered by the app in this process."""
    loaded = schemathesis.openapi.from_dict(app.api_doc)
    loaded.app = app
    return loaded


@pytest.fixture
def world(app: OpenAPI, services: svcs.Container) -> World:
    """Somebody with things of their own."""
    return World(app, services)


def row_of(method: str, path: str) -> Row:
    """What is expected of the route."""
    return EXPECTED[f"{method.upper()} {path.replace('{', '<').replace('}', '>')}"]


def named_in(path: str, row: Row, world: World) -> dict[str, str]:
    """Path parameters that name something that is there."""
    real = {"id": world.thing(row.of)} if row.of else {}
    if "{user_id}" in path:
        real["user_id"] = world.participant.id
    if "{receipt_id}" in path:
        real["receipt_id"] = "x" * 32
    if "/admin/jobs/{id}" in path:
        real["id"] = "a-job-that-did-not-fail"
    if "{kind}" in path:
        real["kind"] = "terms"
    if path.startswith("/api/v1/admin/users/{id}"):
        real["id"] = world.stranger.id
    for kind in ("recipes", "restaurants"):
        if f"{kind}/{{id}}" in path:
            real["id"] = world.owner.do("GET", f"/{kind}?limit=1")["items"][0]["id"]
    if "/shopping-list/items/{id}" in path:
        real["id"] = world.shopping_item
    if "/groups/{id}/shopping-list" in path:
        real |= {"item_id": world.shopping_item, "recipe_id": world.recipe}
    return real


def check(case: Any, who: Someone) -> int:
    """Send it; the answer must be one that the document has. Its status."""
    headers = {"Accept-Encoding": "identity"}
    if who.token is not None:
        headers["Authorization"] = f"Bearer {who.token}"
    response = case.call(headers=headers)
    documented = set(case.operation.definition.raw["responses"]) - {"default"}
    assert str(response.status_code) in documented, (response.status_code, response.content)
    case.validate_response(response, checks=CHECKS)
    return int(response.status_code)


def fuzz(
    operation: Any,
    who: Someone,
    real: dict[str, str],
    forget_counts: Callable[[], None],
    examples: int = EXAMPLES,
) -> None:
    """Send what can be made of the operation, now and then about something that is there."""
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    may_be_bad = bool(operation.body) or any(True for _ in operation.iter_parameters())

    @hypothesis_settings(PROFILE, max_examples=examples)
    @given(case=good | bad if may_be_bad else good, is_real=st.booleans())
    def try_one(case: Any, is_real: bool) -> None:
        if is_real and real:
            case.path_parameters.update(real)
        forget_counts()
        check(case, who)

    try_one()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_with_a_token_the_server_does_as_the_document_says(
    method: str, path: str, schema: Any, world: World, forget_counts: Callable[[], None]
) -> None:
    row, operation = row_of(method, path), schema[path][method]
    who = world.operator if row.level is Access.OPERATOR else world.owner
    fuzz(operation, who, named_in(path, row, world), forget_counts)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_without_a_token_the_server_does_as_the_document_says(
    method: str, path: str, schema: Any, app: OpenAPI, forget_counts: Callable[[], None]
) -> None:
    nobody = Someone("nobody", somebody(app), None)
    fuzz(
        schema[path][method], nobody, {}, forget_counts, EXAMPLES // 2
    )  # most are refused before they are read


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_good_request_is_answered_as_the_document_says(
    method: str, path: str, schema: Any, world: World, forget_counts: Callable[[], None]
) -> None:
    row, operation = row_of(method, path), schema[path][method]
    if row.level is Access.SIGNED:
        pytest.skip("needs a signature: tests/integration/auth/test_webhooks.py")
    who = world.operator if row.level is Access.OPERATOR else world.owner
    parameters = named_in(path, row, world)
    if "{name}" in path:
        parameters["name"] = "google"
    body = {"body": row.body(world, who), "media_type": "application/json"} if row.body else {}
    query = dict(pair.split("=", 1) for pair in row.query.split("&")) if row.query else {}
    forget_counts()
    case = operation.Case(method=method.upper(), path_parameters=parameters, query=query, **body)
    check(case, who)
