"""Every route says who may call it, and means it. Generated from the routes themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.http.access import Access, access, declared_access, init_access, is_framework_endpoint
from backend.http.problems import init_problems
from tests.conftest import Account

pytestmark = pytest.mark.security

# Adding a public route is a decision: it is made here as well.
PUBLIC = {
    "GET /",
    "GET /j/<code>",
    "GET /g/<token>",
    "GET /account/confirm",
    "POST /account/confirm",
    "GET /account/reset",
    "POST /account/reset",
    "GET /pages/<name>",
    "GET /favicon.ico",
    "GET /pictures/<name>.webp",
    "GET /health",
    "GET /health/live",
    "GET /health/ready",
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
}
GUARDED_OTHERWISE = {"GET /metrics": Access.METRICS, "GET /api/v1/live": Access.SOCKET}


def routes(app: Flask) -> Iterator[tuple[str, str, Access | None]]:
    """Method, rule and declaration of each of our routes."""
    for rule in app.url_map.iter_rules():
        if not is_framework_endpoint(rule.endpoint):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule.rule, declared_access(app.view_functions[rule.endpoint])


def concrete(rule: str) -> str:
    """An address that fits the rule and belongs to nobody."""
    return rule.replace("<id>", "0" * 24).replace("<code>", "ABC234").replace("<name>", "dindin.css")


def test_every_route_declares_who_may_call_it(app: OpenAPI) -> None:
    undeclared = [f"{method} {rule}" for method, rule, level in routes(app) if level is None]
    assert undeclared == []


def test_the_public_routes_are_the_ones_that_were_meant(app: OpenAPI) -> None:
    found = {f"{method} {rule}": level for method, rule, level in routes(app) if level is not Access.USER}
    assert found == {**dict.fromkeys(PUBLIC, Access.PUBLIC), **GUARDED_OTHERWISE}


def test_nobody_gets_past_a_route_for_users(app: OpenAPI, client: FlaskClient) -> None:
    guarded = [(method, concrete(rule)) for method, rule, level in routes(app) if level is Access.USER]
    assert len(guarded) > 15
    for method, path in guarded:
        answer = client.open(path, method=method, json={} if method != "GET" else None)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated"), (method, path)


def test_a_refresh_token_gets_past_no_route(
    app: OpenAPI, client: FlaskClient, register: Callable[..., Account]
) -> None:
    bearer = {"Authorization": f"Bearer {register().tokens['refresh_token']}"}
    for method, rule, level in routes(app):
        if level is Access.USER:
            answer = client.open(
                concrete(rule), method=method, headers=bearer, json={} if method != "GET" else None
            )
            assert answer.status_code == 401, (method, rule)


def test_things_of_others_look_like_things_that_are_not_there(register: Callable[..., Account]) -> None:
    ada, stranger = register("Ada"), register("Mallory")
    session = ada.post("/sessions", {"menu": "both"}).get_json()["id"]
    export = ada.post("/compliance/exports", {"password": ada.password}).get_json()["id"]
    for path in (
        f"/sessions/{session}",
        f"/sessions/{session}/deck",
        f"/compliance/exports/{export}",
        f"/compliance/exports/{export}/download",
    ):
        theirs, nothing = (
            stranger.get(path),
            stranger.get(path.replace(session, "0" * 24).replace(export, "0" * 24)),
        )
        assert theirs.status_code == nothing.status_code == 404, path
        for field in ("code", "detail", "title"):
            assert theirs.get_json()[field] == nothing.get_json()[field]


def test_an_undeclared_route_is_refused_for_everybody() -> None:
    app = Flask("undeclared")
    init_problems(app)
    init_access(app, lambda _token: pytest.fail("nobody is asked for a token"))
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    answer = app.test_client().get("/forgotten")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "undeclared_route")


def test_a_declaration_survives_on_the_view() -> None:
    @access(Access.PUBLIC)
    def view() -> str:
        return ""

    assert declared_access(view) is Access.PUBLIC
    assert declared_access(None) is None
