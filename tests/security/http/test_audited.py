"""Every route that is about security declares what the audit log calls it; one that declares nothing fails here."""

from __future__ import annotations

import re

import pytest
from flask_openapi3 import OpenAPI

from backend.audit.requests import Audited, declared_audit
from backend.http.access import Access
from tests.security.http.test_access import routes

pytestmark = [pytest.mark.security, pytest.mark.compliance]

# All that changes something here, and all that operators do, is a security event.
_SECURITY = re.compile(r"^(/api/v1/(auth|compliance|admin|users/webhooks|users/me/devices)|/account)\b")
# What else is one.
_BESIDES = {
    "DELETE /api/v1/groups/<id>",
    "POST /api/v1/groups/<id>/invite",
    "DELETE /api/v1/groups/<id>/members/<user_id>",
    "GET /api/v1/live",
}
_READING = {"GET", "HEAD"}


def declared(app: OpenAPI) -> dict[str, tuple[Access | None, Audited | None]]:
    """What each route declares, by method and rule."""
    views = {
        (method, rule.rule): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    return {
        f"{method} {rule}": (level, declared_audit(views[method, rule]))
        for method, rule, level in routes(app)
    }


def is_about_security(name: str, level: Access | None) -> bool:
    method, rule = name.split(" ", 1)
    if level is Access.OPERATOR or name in _BESIDES:
        return True
    return method not in _READING and _SECURITY.match(rule) is not None


def test_what_is_about_security_declares_an_action(app: OpenAPI) -> None:
    silent = [
        name
        for name, (level, audited) in declared(app).items()
        if is_about_security(name, level) and audited is None
    ]
    assert silent == [], "put @audited(...) below their @access"


def test_what_is_named_here_exists(app: OpenAPI) -> None:
    assert set(declared(app)) >= _BESIDES


def test_actions_are_spelled_alike(app: OpenAPI) -> None:
    actions = {audited.action for _, audited in declared(app).values() if audited}
    assert [action for action in actions if not re.fullmatch(r"[a-z]+\.[a-z_]+", action)] == []


def test_whom_something_is_done_to_is_part_of_the_path(app: OpenAPI) -> None:
    wrong = [
        name
        for name, (_, audited) in declared(app).items()
        if audited and audited.about and f"<{audited.about}>" not in name
    ]
    assert wrong == []


def test_a_user_in_the_path_is_never_written_down_as_a_thing(app: OpenAPI) -> None:
    """Operators' routes name users: each says so, or keeps to other words than `<id>`."""
    wrong = [
        name
        for name, (_, audited) in declared(app).items()
        if "/admin/users/<id>" in name and (audited is None or audited.about != "id")
    ]
    assert wrong == []
