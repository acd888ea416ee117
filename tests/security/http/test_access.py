"""Every route says who may call it; one that does not is refused. What each says is in expectations.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_openapi3 import OpenAPI

from backend.http.access import Access, access, declared_access, init_access, is_framework_endpoint
from backend.http.problems import init_problems

pytestmark = pytest.mark.security


def routes(app: Flask) -> Iterator[tuple[str, str, Access | None]]:
    """Method, rule and declaration of each of our routes."""
    for rule in app.url_map.iter_rules():
        if not is_framework_endpoint(rule.endpoint):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule.rule, declared_access(app.view_functions[rule.endpoint])


def test_every_route_declares_who_may_call_it(app: OpenAPI) -> None:
    undeclared = [f"{method} {rule}" for method, rule, level in routes(app) if level is None]
    assert undeclared == []


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
