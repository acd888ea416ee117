"""The OpenAPI document: valid, complete, and the one in docs/api."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from backend.http.access import declared_access
from backend.http.openapi import document_text
from backend.http.schemas import Path as PathModel
from tests.conftest import Account

ROOT = Path(__file__).parents[3]


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    return answer.get_json()


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_committed_document_is_the_one_that_is_served(app: OpenAPI, document: dict[str, Any]) -> None:
    committed = (ROOT / "docs/api/openapi.json").read_text()
    assert json.loads(committed) == document, "run `python -m backend openapi` and commit what it writes"
    assert committed == document_text(app)


def test_no_two_models_share_a_name() -> None:
    """The document knows them by their names alone, so that one of two would stand for both."""
    homes: dict[str, set[str]] = {}
    for model in answered(BaseModel):
        homes.setdefault(model.__name__, set()).add(model.__module__)
    assert {name: modules for name, modules in homes.items() if len(modules) > 1} == {}


def answered(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Every model of our routes; those of paths are not in the document by name."""
    for model in base.__subclasses__():
        if model.__module__.endswith(".schemas") and not issubclass(model, PathModel):
            yield model
        yield from answered(model)


def test_every_route_of_the_api_is_described(app: OpenAPI, document: dict[str, Any]) -> None:
    described = set(operations(document))
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "live":
            path = rule.rule.replace("<", "{").replace(">", "}")
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert f"{method} {path}" in described


def test_operations_say_whether_they_need_a_token(app: OpenAPI, document: dict[str, Any]) -> None:
    described = operations(document)
    for rule in app.url_map.iter_rules():
        level = declared_access(app.view_functions[rule.endpoint])
        path = rule.rule.replace("<", "{").replace(">", "}")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            operation = described.get(f"{method} {path}")
            if operation is not None and level is not None:
                assert bool(operation.get("security")) == (level.role is not None), f"{method} {path}"


def test_every_operation_has_a_summary_a_name_of_its_own_and_a_described_answer(
    document: dict[str, Any],
) -> None:
    found = operations(document)
    assert len({operation["operationId"] for operation in found.values()}) == len(found)
    for name, operation in found.items():
        assert operation["summary"], name
        assert any(status.startswith(("2", "302")) for status in operation["responses"]), name


def test_all_references_lead_somewhere_and_all_schemas_are_schemas(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in _references(document):
        assert name in schemas
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_the_page_to_try_it_works_without_any_other_server(client: FlaskClient) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for name in ("css/swagger-ui.css", "js/swagger-ui-bundle.js", "js/swagger-ui-standalone-preset.js"):
        assert f"swagger/{name}" in page.text
        with client.get(f"/api/swagger/{name}") as asset:
            assert asset.status_code == 200
    assert "script-src 'self' 'unsafe-inline'" in page.headers["Content-Security-Policy"]
    assert "connect-src 'self'" in page.headers["Content-Security-Policy"]


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = (
            {node["$ref"].removeprefix("#/components/schemas/")}
            if isinstance(node.get("$ref"), str)
            else set()
        )
        return own.union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()


def test_operations_say_how_they_refuse_and_which_headers_they_honour(document: dict[str, Any]) -> None:
    found = operations(document)
    create, change = found["POST /api/v1/sessions"], found["PATCH /api/v1/users/me"]
    assert {"400", "401", "403", "409", "413", "415", "422", "429"} <= set(create["responses"])
    assert [header["name"] for header in create["parameters"]] == ["Idempotency-Key"]
    assert set(create["responses"]["201"]["headers"]) == {"Idempotent-Replayed"}
    assert "412" in change["responses"]
    assert "304" not in change["responses"]
    assert set(found["GET /api/v1/users/me"]["responses"]["304"]["headers"]) == {"ETag"}
    assert [header["name"] for header in change["parameters"]] == ["If-Match"]
    for name, operation in found.items():
        assert "401" in operation["responses"] or not operation.get("security"), name
        for status, answer in operation["responses"].items():
            if status == "default" or int(status) >= 400:
                assert set(answer["content"]) == {"application/problem+json"}, (name, status)


def test_operations_are_named_after_their_views(app: OpenAPI, document: dict[str, Any]) -> None:
    for operation in operations(document).values():
        assert operation["operationId"] in app.view_functions


def test_a_tag_is_described_once(document: dict[str, Any]) -> None:
    described = [tag["name"] for tag in document["tags"]]
    used = {tag for operation in operations(document).values() for tag in operation["tags"]}
    assert len(described) == len(used)
    assert set(described) == used


def test_signed_messages_say_what_they_are_signed_with(document: dict[str, Any]) -> None:
    signed = operations(document)["POST /api/v1/auth/webhooks/clerk"]
    names = [header["name"] for header in signed["parameters"]]
    assert names == ["webhook-id", "webhook-timestamp", "webhook-signature"]
    assert "415" not in signed["responses"]


@pytest.mark.parametrize(
    ("name", "status", "header"),
    [
        ("GET /api/v1/users/me", "200", "ETag"),
        ("PUT /api/v1/users/me/preferences", "200", "ETag"),
        ("GET /api/v1/recipes", "200", "ETag"),
        ("GET /api/v1/recipes", "200", "Link"),
        ("GET /api/v1/users/me/notifications", "200", "Link"),
        ("GET /api/v1/auth/oidc/{name}/start", "302", "Location"),
        ("POST /api/v1/auth/login", "429", "Retry-After"),
        ("GET /health/ready", "503", "Retry-After"),
    ],
)
def test_headers_that_are_sent_are_described(
    document: dict[str, Any], name: str, status: str, header: str
) -> None:
    assert header in operations(document)[name]["responses"][status]["headers"]


def test_lists_and_tagged_answers_send_the_headers_that_are_described(
    document: dict[str, Any], register: Callable[..., Account]
) -> None:
    ada, found = register(), operations(document)
    for name, operation in found.items():
        method, path = name.split(" ", 1)
        described = operation["responses"].get("200", {}).get("headers", {})
        if method == "GET" and "{" not in path and operation.get("security"):
            sent = ada.get(path.removeprefix("/api/v1")).headers
            for header in ("ETag", "Link"):
                assert (header in sent) == (header in described), (name, header)


def test_times_are_described_as_such(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        for name, what in schema.get("properties", {}).items():
            if name.endswith("_at"):
                kinds = what.get("anyOf", [what])
                assert kinds[0] == {**kinds[0], "type": "string", "format": "date-time"}, name
