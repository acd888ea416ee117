"""Every error is problem+json, with the same members, and says nothing about the inside."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from tests.conftest import Account

AppWith = Callable[..., OpenAPI]


def check(answer: object, status: int, code: str) -> dict:
    """It is a complete problem."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(body)
    assert (body["type"], body["status"], body["code"]) == (f"urn:dindin:problem:{code}", status, code)
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert body["detail"].endswith(".")
    assert answer.headers["Cache-Control"] == "no-store"
    return body


def test_an_address_where_nothing_is(client: FlaskClient) -> None:
    check(client.get("/api/v1/nothing"), 404, "not_found")


def test_a_method_that_is_not_taken_names_those_that_are(client: FlaskClient) -> None:
    answer = client.delete("/api/v1/auth/login")
    check(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_body_of_more_than_a_mebibyte(client: FlaskClient) -> None:
    big = b'{"email": "' + b"x" * 1024 * 1024 + b'"}'
    check(client.post("/api/v1/auth/login", data=big, content_type="application/json"), 413, "too_large")


def test_a_body_of_just_a_mebibyte_is_looked_at(client: FlaskClient) -> None:
    start, end = b'{"email": "', b'"}'
    body = start + b"x" * (1024 * 1024 - len(start) - len(end)) + end
    check(client.post("/api/v1/auth/login", data=body, content_type="application/json"), 422, "invalid_input")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_a_body_that_is_not_json(client: FlaskClient, kind: str | None) -> None:
    answer = client.post("/api/v1/auth/login", data=b"email=a", content_type=kind)
    check(answer, 415, "unsupported_media_type")


def test_a_missing_body_is_asked_for(client: FlaskClient) -> None:
    body = check(client.post("/api/v1/auth/login"), 422, "invalid_input")
    assert body["errors"] == [{"field": "body", "message": "Send a JSON object here."}]


def test_wrong_fields_are_named(client: FlaskClient) -> None:
    body = check(client.post("/api/v1/auth/login", json={"email": 5, "extra": 1}), 422, "invalid_input")
    assert {error["field"] for error in body["errors"]} == {"email", "password", "extra"}


def test_a_wrong_path_parameter_is_named(register: Callable[..., Account]) -> None:
    body = check(register().get("/compliance/exports/xyz"), 422, "invalid_input")
    assert [error["field"] for error in body["errors"]] == ["id"]


def test_a_crash_tells_people_where_it_is_recorded_and_nothing_else(
    app_with: AppWith, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = app_with().test_client().get("/crash")
    check(answer, 500, "internal")
    assert "secret detail" not in answer.text
    assert "unexpected_error" in caplog.text


@pytest.mark.parametrize("path", ["/mongodb_away", "/valkey_away"])
def test_a_database_that_is_away_is_a_matter_of_moments(app_with: AppWith, path: str) -> None:
    answer = app_with().test_client().get(path)
    assert check(answer, 503, "busy")["retry_after"] == 2
    assert answer.headers["Retry-After"] == "2"
    assert "internal" not in answer.text


def test_a_mistake_of_ours_is_not_called_an_absent_database(app_with: AppWith) -> None:
    check(app_with().test_client().get("/wrong_query"), 500, "internal")
