"""Which requests are recorded, and what of them (docs/product.md P5)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
import svcs
from bson import ObjectId
from flask.testing import FlaskClient

from backend.audit.events import Channel, Outcome
from backend.audit.reading import Person
from backend.roles import Role
from backend.users.accounts import Accounts
from tests.conftest import Account
from tests.integration.audit.recorded import Recorded, in_plain

pytestmark = pytest.mark.compliance
Register = Callable[..., Account]


@pytest.fixture
def recorded(services: svcs.Container) -> Recorded:
    """What the app under test records."""
    return Recorded(services)


@pytest.fixture
def stranger(client: FlaskClient) -> FlaskClient:
    """Somebody from a network of their own: what strangers from one do all over again is counted, not recorded."""
    client.environ_base["REMOTE_ADDR"] = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.1"
    return client


def person(someone: Person | None) -> str | None:
    return str(someone.user_id) if someone else None


def log_in(recorded: Recorded, http: FlaskClient, email: str, password: str) -> tuple[Any, str]:
    return recorded.ask(http, "POST", "/auth/login", json={"email": email, "password": password})


def test_a_log_in_says_who_what_how_and_from_where(recorded: Recorded, register: Register) -> None:
    ada = register("Ada")
    ada.http.environ_base["REMOTE_ADDR"] = "192.0.2.77"
    answer, request_id = log_in(recorded, ada.http, ada.email, ada.password)
    assert answer.status_code == 200
    entry = recorded.one(request_id)
    assert (entry.action, entry.outcome, entry.reason) == ("auth.log_in", "done", "")
    assert (person(entry.who), entry.about, entry.channel) == (ada.id, None, Channel.HTTP)
    assert entry.circumstances.network == "192.0.2.0/24"
    assert entry.circumstances.resource == "POST /api/v1/auth/login"
    assert entry.circumstances.tried == ""
    assert entry.milliseconds >= 0


def test_an_ipv6_address_is_cut_to_its_site(recorded: Recorded, register: Register) -> None:
    ada = register("Ada")
    ada.http.environ_base["REMOTE_ADDR"] = "2001:db8:1:2:3:4:5:6"
    _, request_id = log_in(recorded, ada.http, ada.email, ada.password)
    assert recorded.one(request_id).circumstances.network == "2001:db8:1::/48"


@pytest.mark.security
def test_stored_is_a_pseudonym_and_nothing_that_names_anybody(recorded: Recorded, register: Register) -> None:
    ada = register("Ada")
    ada.http.environ_base["REMOTE_ADDR"] = "192.0.2.77"
    answer, request_id = log_in(recorded, ada.http, ada.email, ada.password)
    stored = in_plain(recorded.raw(request_id))
    tokens = answer.get_json()
    for secret in (ada.id, ada.email, ada.password, "Ada", "192.0.2", tokens["access_token"][:40]):
        assert secret not in stored


@pytest.mark.security
def test_a_refused_log_in_names_nobody_whether_the_address_is_known_or_not(
    recorded: Recorded, register: Register, client: FlaskClient
) -> None:
    ada = register("Ada")
    entries = []
    for email in (ada.email, ada.email.upper(), "nobody@example.com"):
        _, request_id = log_in(recorded, client, email, "not the password")
        entries.append(recorded.one(request_id))
        stored = in_plain(recorded.raw(request_id)).lower()
        assert email.lower() not in stored
        assert ada.id not in stored
    assert {(entry.action, entry.outcome, entry.reason) for entry in entries} == {
        ("auth.log_in", Outcome.REFUSED, "wrong_credentials")
    }
    assert [entry.who for entry in entries] == [None, None, None]
    same, again, other = (entry.circumstances.tried for entry in entries)
    assert re.fullmatch(r"[0-9a-f]{16}", same)
    assert same == again != other


def test_a_refused_token_is_recorded_and_so_is_a_missing_role(
    recorded: Recorded, register: Register, stranger: FlaskClient
) -> None:
    _, request_id = recorded.ask(stranger, "GET", "/users/me", headers={"Authorization": "Bearer x"})
    entry = recorded.one(request_id)
    assert (entry.action, entry.outcome, entry.reason) == ("auth.refused", "refused", "unauthenticated")
    assert entry.circumstances.resource == "GET /api/v1/users/me"
    ada = register("Ada")
    _, request_id = recorded.ask(
        ada.http, "PUT", f"/admin/users/{ada.id}/tier", headers=ada.headers, json={"tier": "pro"}
    )
    entry = recorded.one(request_id)
    assert (entry.action, entry.outcome, entry.reason) == ("users.tier_changed", "refused", "operator_only")
    assert (person(entry.who), person(entry.about)) == (ada.id, ada.id)


def test_a_reused_token_is_recorded_as_that(recorded: Recorded, register: Register) -> None:
    ada = register("Ada")
    used = ada.tokens["refresh_token"]
    for _ in range(2):
        answer, request_id = recorded.ask(
            ada.http, "POST", "/auth/refresh", json={"refresh_token": ada.tokens["refresh_token"]}
        )
        ada.tokens["refresh_token"] = answer.get_json()["refresh_token"]
    answer, request_id = recorded.ask(ada.http, "POST", "/auth/refresh", json={"refresh_token": used})
    assert answer.status_code == 401
    entry = recorded.one(request_id)
    assert (entry.action, entry.outcome, person(entry.who)) == ("auth.token_reused", "refused", ada.id)


def test_refreshing_is_routine(recorded: Recorded, register: Register) -> None:
    ada = register("Ada")
    answer, routine = recorded.ask(
        ada.http, "POST", "/auth/refresh", json={"refresh_token": ada.tokens["refresh_token"]}
    )
    assert answer.status_code == 200
    _, reading = recorded.ask(ada.http, "GET", "/recipes", headers=ada.headers)
    _, later = log_in(recorded, ada.http, ada.email, ada.password)
    assert recorded.nothing_of(routine, later)
    assert recorded.nothing_of(reading, later)


@pytest.mark.parametrize(
    ("asked", "body", "action"),
    [
        ("POST /auth/password", {"current": "PASSWORD", "new": "quite another"}, "auth.password_changed"),
        ("POST /auth/logout", {}, "auth.log_out"),
        ("POST /auth/logout-all", {}, "auth.log_out_everywhere"),
        ("POST /compliance/exports", {"password": "PASSWORD"}, "compliance.export_requested"),
        ("DELETE /compliance/erasure", None, "compliance.erasure_cancelled"),
    ],
)
def test_what_people_do_about_their_account_is_recorded(
    recorded: Recorded, register: Register, asked: str, body: dict[str, str] | None, action: str
) -> None:
    ada = register("Ada")
    said = body and {name: ada.password if value == "PASSWORD" else value for name, value in body.items()}
    answer, request_id = recorded.ask(ada.http, *asked.split(" "), headers=ada.headers, json=said)
    entry = recorded.one(request_id)
    assert (entry.action, person(entry.who)) == (action, ada.id)
    assert entry.outcome == ("done" if answer.status_code < 400 else "failed")


def test_a_deleted_group_is_named_only_for_as_long_as_who_deleted_it_is(
    recorded: Recorded, register: Register
) -> None:
    ada = register("Ada")
    group = ada.post("/groups", {"name": "Friends"}).get_json()["id"]
    _, request_id = recorded.ask(ada.http, "DELETE", f"/groups/{group}", headers=ada.headers)
    entry = recorded.one(request_id)
    assert (entry.action, entry.circumstances.resource) == (
        "groups.deleted",
        f"DELETE /api/v1/groups/{group}",
    )
    assert group not in in_plain(recorded.raw(request_id))


def test_who_is_removed_from_a_group_is_whom_it_is_about(recorded: Recorded, register: Register) -> None:
    ada, ben = register("Ada"), register("Ben")
    group = ada.post("/groups", {"name": "Friends"}).get_json()
    ben.post("/groups/join", {"token": group["invite_link"].rpartition("/")[2]})
    path = f"/groups/{group['id']}/members/{ben.id}"
    answer, request_id = recorded.ask(ada.http, "DELETE", path, headers=ada.headers)
    assert answer.status_code == 200
    entry = recorded.one(request_id)
    assert (person(entry.who), person(entry.about)) == (ada.id, ben.id)
    assert ben.id not in in_plain(recorded.raw(request_id))


def test_an_operator_who_changes_a_tier_is_recorded(
    recorded: Recorded, register: Register, services: svcs.Container
) -> None:
    olga, ada = register("Olga"), register("Ada")
    services.get(Accounts).set_role(ObjectId(olga.id), Role.OPERATOR)
    path = f"/admin/users/{ada.id}/tier"
    _, request_id = recorded.ask(olga.http, "PUT", path, headers=olga.headers, json={"tier": "pro"})
    entry = recorded.one(request_id)
    assert (person(entry.who), person(entry.about)) == (olga.id, ada.id)
    assert entry.circumstances.resource == "PUT /api/v1/admin/users/<id>/tier"


def test_what_is_unreadable_is_no_reason_to_fail(recorded: Recorded, stranger: FlaskClient) -> None:
    answer, request_id = recorded.ask(
        stranger, "POST", "/auth/login", data=b"\xff", content_type="text/plain"
    )
    assert answer.status_code == 415
    entry = recorded.one(request_id)
    assert (entry.outcome, entry.reason, entry.who) == ("failed", "unsupported_media_type", None)


def test_guests_are_subjects_too(recorded: Recorded, client: FlaskClient) -> None:
    answer, request_id = recorded.ask(client, "POST", "/auth/guest", json={"display_name": "Gil"})
    entry = recorded.one(request_id)
    assert (entry.action, person(entry.who)) == ("auth.guest_entered", answer.get_json()["user"]["id"])
