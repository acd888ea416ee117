"""The OpenAPI document: what routes declare besides their models, and the text that is committed.

The document is committed so that clients can be built and checked without a server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI

from backend.http.access import Access, declared_access
from backend.http.conditional import is_if_match_honoured, is_tagged
from backend.http.idempotency import HEADER, REPLAYED, is_idempotent
from backend.http.limits import UNLIMITED, declared_rate
from backend.http.problems import PROBLEM_TYPE
from backend.http.versions import RETIRING, Retiring, retiring_row
from backend.http.webhooks import MESSAGE_HEADERS

OPERATORS = Tag(
    name="operators", description="For those who look after this server: its health, users' tiers."
)

_View = Callable[..., object]
_Json = dict[str, Any]

_NOT_MODIFIED = str(HTTPStatus.NOT_MODIFIED.value)
_WORTH_WAITING = {"429", "503"}
_SENT: dict[str, _Json] = {
    REPLAYED: {
        "description": "`true`: the answer is the one of before.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "ETag": {"description": "Stands for what the answer says.", "schema": {"type": "string"}},
    "Link": {
        "description": "Where the pages `first`, `prev`, `next` and `last` are (RFC 8288).",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Where the browser goes on.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {
        "description": "Seconds after which trying again makes sense, if it does.",
        "schema": {"type": "integer", "minimum": 0},
    },
}


def document_text(app: OpenAPI) -> str:
    """What docs/api/openapi.json holds."""
    return json.dumps(app.api_doc, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def describe_conventions(app: OpenAPI, retiring: Sequence[Retiring] = RETIRING) -> None:
    """Write into the document which headers routes honour and how they may refuse. Call when all are registered.

    What only one route says (404, 409, 410 ...) it names itself: `responses={200: Some, 409: Problem}`.
    """
    for path, rule, endpoint, method, operation in _operations(app):
        view = app.view_functions[endpoint]
        operation["operationId"] = endpoint
        if retiring_row(rule, retiring) is not None:
            operation["deprecated"] = True
        if declared_access(view) is Access.SIGNED:
            _describe_message(operation)
        answers: _Json = operation["responses"]
        own = {status for status in map(int, answers) if status >= HTTPStatus.BAD_REQUEST}
        own.discard(HTTPStatus.UNPROCESSABLE_ENTITY)  # the library says it of every route
        answers.pop(str(HTTPStatus.UNPROCESSABLE_ENTITY.value), None)
        for status in sorted(own.union(_refusals(path, operation, view))):
            answers[str(int(status))] = _problem(HTTPStatus(status).phrase)
        if is_tagged(view) and method == "get":
            answers[_NOT_MODIFIED] = {"description": "`If-None-Match` names the ETag that it still has."}
        answers["default"] = _problem("Whatever else goes wrong.")
        _add_headers(operation, view)


def _operations(app: OpenAPI) -> Iterator[tuple[str, str, str, str, _Json]]:
    """Each operation of the document with its path there, its route's rule, its endpoint and its method."""
    routes = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower()): rule
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    for path, methods in app.api_doc["paths"].items():
        for method, operation in methods.items():
            route = routes[path, method]
            yield path, route.rule, route.endpoint, method, operation


def _describe_message(operation: _Json) -> None:
    """What a route for signed messages reads itself, so that no model describes it."""
    for name, what in MESSAGE_HEADERS.items():
        _take(operation, f"webhook-{name}", f"{what} `svix-{name}` is read as well.")
    operation["requestBody"] = {
        "required": True,
        "description": "The message as it was signed, byte for byte: a JSON object, whatever type it is sent as.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }


def _refusals(path: str, operation: _Json, view: _View) -> Iterator[HTTPStatus]:
    level = declared_access(view)
    yield HTTPStatus.BAD_REQUEST  # an API-Version that does not exist
    if level is not None and level.role is not None:
        yield HTTPStatus.UNAUTHORIZED
    if level in {Access.USER, Access.OPERATOR}:
        yield HTTPStatus.FORBIDDEN
    if "{" in path:
        yield HTTPStatus.NOT_FOUND
    if "parameters" in operation or "requestBody" in operation or is_idempotent(view):
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    if "requestBody" in operation:
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        if level is not Access.SIGNED:
            yield HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    if is_if_match_honoured(view):
        yield HTTPStatus.PRECONDITION_FAILED
    if is_idempotent(view):
        yield HTTPStatus.CONFLICT
    if declared_rate(view) != UNLIMITED:
        yield HTTPStatus.TOO_MANY_REQUESTS


def _add_headers(operation: _Json, view: _View) -> None:
    is_list = any(parameter["name"] == "page" for parameter in operation.get("parameters", ()))
    for status, answer in operation["responses"].items():
        succeeded = status.startswith("2")
        sent = {
            REPLAYED: succeeded and is_idempotent(view),
            "ETag": (succeeded or status == _NOT_MODIFIED) and is_tagged(view),
            "Link": succeeded and is_list,
            "Location": status.startswith("3") and status != _NOT_MODIFIED,
            "Retry-After": status in _WORTH_WAITING or (status == "409" and is_idempotent(view)),
        }
        headers = {name: _SENT[name] for name, is_sent in sent.items() if is_sent}
        if headers:
            answer["headers"] = {name: dict(header) for name, header in headers.items()}
    if is_idempotent(view):
        _take(operation, HEADER, "Sent again with the same key, nothing is created twice; kept for a day.")
    if is_if_match_honoured(view):
        _take(
            operation, "If-Match", "The ETag that it was read with: it is changed only if that still holds."
        )


def _take(operation: _Json, name: str, what_for: str) -> None:
    operation.setdefault("parameters", []).append(
        {
            "name": name,
            "in": "header",
            "description": what_for,
            "required": False,
            "schema": {"type": "string"},
        }
    )


def _problem(description: str) -> _Json:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": schema}}}
