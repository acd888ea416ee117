"""Every route as everybody who could call it. Generated from the routes; what each expects is in expectations.py."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from backend.http.access import Access, declared_access
from tests.security.http.expectations import EXPECTED, Row
from tests.security.http.test_access import routes
from tests.security.http.world import NOBODYS_ID, Someone, World

pytestmark = pytest.mark.security

# What a route says of who is calling, unlike what it says of what was asked for.
_NOT_LOGGED_IN = {"unauthenticated", "token_expired"}
_NAMES = {"/pages/<name>": "dindin.css", "/pictures/<name>.webp": "none", "/oidc/<name>/": "google"}


def address(rule: str, row: Row, world: World, thing: str) -> str:
    """An address of the route that names `thing`."""
    path = world.on_the_list(rule).replace("<id>", thing).replace("<user_id>", world.participant.id)
    path = (
        path.replace("<code>", "ABC234")
        .replace("<path:rest>", "0/view/queues")
        .replace("<token>", "none")
        .replace("<kind>", "terms")
        .replace("<receipt_id>", "x" * 32)
    )
    for part, name in _NAMES.items():
        path = path.replace(part, part.replace("<name>", name))
    assert "<" not in path, f"say what {rule} names"
    return f"{path}?{row.query}" if row.query else path


def ask(name: str, row: Row, world: World, who: Someone, thing: str) -> tuple[int, str, dict[str, Any]]:
    """Status, code and body of the answer that somebody gets."""
    method, rule = name.split(" ", 1)
    body = row.body(world, who) if row.body else ({} if method not in {"GET", "DELETE"} else None)
    with who.call(method, address(rule, row, world, thing), body) as answer:
        told = answer.get_json(silent=True) if "json" in (answer.content_type or "") else None
        told = told if isinstance(told, dict) else {}
        return answer.status_code, str(told.get("code", "")) if answer.status_code >= 400 else "", told


def id_for(name: str, row: Row, world: World) -> str:
    """What `<id>` names: something of the owner's, somebody for operators, or something of the catalogue."""
    if row.of:
        return world.thing(row.of)
    if "/admin/jobs/" in name:
        return world.failed_job()
    if "/admin/" in name:
        return world.stranger.id
    found = re.search(r"[/-](recipes|restaurants)/<id>", name)
    return str(world.owner.do("GET", f"/{found[1]}?limit=1")["items"][0]["id"]) if found else NOBODYS_ID


def test_every_route_is_expected_and_nothing_else_is(app: OpenAPI) -> None:
    found = {
        f"{method} {rule}": declared_access(app.view_functions[endpoint])
        for method, rule, endpoint in _all(app)
    }
    assert found == {name: row.level for name, row in EXPECTED.items()}


def _all(app: OpenAPI) -> list[tuple[str, str, str]]:
    endpoints = {
        (method, rule.rule): rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    return [(method, rule, endpoints[method, rule]) for method, rule, _ in routes(app)]


@pytest.mark.parametrize("name", [name for name, row in EXPECTED.items() if row.level.role is not None])
def test_who_is_let_in_and_how_others_are_refused(name: str, world: World) -> None:
    row = EXPECTED[name]
    thing = id_for(name, row, world)
    for who in world.without_a_good_token:
        status, code, _ = ask(name, row, world, who, thing)
        expected = "token_expired" if who.name == "expired" else "unauthenticated"
        assert (status, code) == (401, expected), who.name

    wrong_role = {Access.GUEST: [], Access.USER: [world.guest]}.get(row.level, [world.guest, world.stranger])
    for who in wrong_role:
        refusal = "account_needed" if row.level is Access.USER else "operator_only"
        status, code, _ = ask(name, row, world, who, thing)
        assert (status, code) == (403, refusal), who.name

    if row.of:
        _check_strangers(name, row, world, thing)
        _check_participant(name, row, world, thing)
    best = world.operator if row.level is Access.OPERATOR else world.owner
    status, code, _ = ask(name, row, world, best, thing)
    assert status not in {401, 403, 404, 405, 422} or code == "unknown_item", (status, code)
    assert status < 500


def _check_strangers(name: str, row: Row, world: World, thing: str) -> None:
    """Somebody else's thing looks like one that is not there, to operators as well."""
    strangers = [world.stranger, world.operator] + ([world.guest] if row.level is Access.GUEST else [])
    for who in strangers:
        status, code, theirs = ask(name, row, world, who, thing)
        _, _, nothing = ask(name, row, world, who, NOBODYS_ID)
        assert status == 404, (who.name, status, code)
        assert {**theirs, "request_id": ""} == {**nothing, "request_id": ""}, who.name


def _check_participant(name: str, row: Row, world: World, thing: str) -> None:
    status, code, _ = ask(name, row, world, world.participant, thing)
    if row.of not in {"session", "group"}:
        assert status == 404, "what is one person's own is nobody else's"
    elif row.only_owner:
        assert (status, code) in {(403, "not_host"), (403, "not_owner")}
    else:
        assert status not in {401, 403, 404} or code == "unknown_item", (status, code)


@pytest.mark.parametrize("name", [name for name, row in EXPECTED.items() if row.level is Access.PUBLIC])
def test_public_routes_do_not_care_who_calls(name: str, world: World) -> None:
    row = EXPECTED[name]
    callers = [*world.without_a_good_token, world.guest, world.stranger, world.owner, world.operator]
    answers = {who.name: ask(name, row, world, who, NOBODYS_ID)[:2] for who in callers}
    assert len(set(answers.values())) == 1, answers
    assert not {code for _, code in answers.values()} & _NOT_LOGGED_IN


@pytest.mark.parametrize("name", [name for name, row in EXPECTED.items() if row.level is Access.SIGNED])
def test_signed_routes_believe_no_token(name: str, world: World) -> None:
    for who in [*world.without_a_good_token, world.stranger, world.owner, world.operator]:
        status, code, _ = ask(name, EXPECTED[name], world, who, NOBODYS_ID)
        assert status in {403, 404}, (who.name, status, code)


@pytest.mark.parametrize(
    "name", [name for name, row in EXPECTED.items() if row.level is Access.OPERATORS_BROWSER]
)
def test_pages_for_operators_browsers_believe_no_token(name: str, world: World) -> None:
    """A token in a header is not what lets a browser in; the cookie is, and the ticket for it."""
    for who in [*world.without_a_good_token, world.guest, world.stranger, world.owner, world.operator]:
        assert ask(name, EXPECTED[name], world, who, NOBODYS_ID)[0] == 401, who.name


def test_the_socket_takes_no_token_from_a_header(world: World) -> None:
    for who in [*world.without_a_good_token, world.owner]:
        assert ask("GET /api/v1/live", EXPECTED["GET /api/v1/live"], world, who, NOBODYS_ID)[0] in {400, 426}


def test_things_of_others_are_not_listed(world: World) -> None:
    assert world.session
    assert world.group
    world.thing("export")
    for path in ("/sessions", "/groups", "/compliance/exports", "/users/me/notifications"):
        assert world.stranger.do("GET", path)["items"] == [], path
    assert len(world.stranger.do("GET", "/users/me/devices")["items"]) == 1


def test_somebody_elses_session_lends_itself_to_no_group_and_no_stranger_is_removed_from_one(
    world: World,
) -> None:
    """The second id of a request is checked like the first."""
    group = world.thing("group")
    foreign = world.strangers_group["id"]
    answer = world.owner.call("DELETE", f"/api/v1/groups/{group}/members/{world.stranger.id}")
    assert answer.status_code == 404
    answer = world.owner.call("POST", "/api/v1/sessions", {"menu": "both", "group_id": foreign})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "group_not_found")
