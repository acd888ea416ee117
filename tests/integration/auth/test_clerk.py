"""Clerk's session tokens at our door, checked against keys that a real server publishes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import svcs
from bson import ObjectId

from backend.auth.sessions import AuthSessions
from tests.conftest import Account
from tests.federated_app import Process
from tests.issuer import Issuer, clerk_token, running_issuer
from tests.set_clock import SetClock

KEYS = "/.well-known/jwks.json"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """A Clerk instance."""
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def clock() -> SetClock:
    """What time it is for everybody."""
    return SetClock()


@pytest.fixture
def process(services: svcs.Container, issuer: Issuer, clock: SetClock) -> Iterator[Callable[[], Process]]:
    """Start API processes that know the instance."""
    started: list[Process] = []

    def start() -> Process:
        started.append(
            Process(
                services, clock, clerk_issuer=issuer.url, clerk_authorized_parties=("https://app.example",)
            )
        )
        return started[-1]

    yield start
    for one in started:
        one.close()


class Person:
    """Somebody who logs in at Clerk."""

    def __init__(self, issuer: Issuer, clock: SetClock) -> None:
        self.issuer = issuer
        self.clock = clock
        self.subject = f"user_{secrets.token_hex(8)}"
        self.session = f"sess_{secrets.token_hex(8)}"

    def token(self, **claims: Any) -> str:
        """A token of now."""
        return clerk_token(self.issuer, self.clock.now().timestamp(), self.subject, self.session, **claims)

    def ask(self, process: Process, path: str = "/auth/verify", token: str = "", method: str = "GET") -> Any:
        """Call a route."""
        bearer = {"Authorization": f"Bearer {token or self.token()}"}
        return process.somebody().open(f"/api/v1{path}", method=method, headers=bearer)


@pytest.fixture
def person(issuer: Issuer, clock: SetClock) -> Person:
    """Somebody."""
    return Person(issuer, clock)


def test_first_sight_opens_an_account_and_later_tokens_lead_to_it_in_every_process(
    process: Callable[[], Process], person: Person, issuer: Issuer, clock: SetClock
) -> None:
    first, second = process(), process()
    users = []
    for where in (first, second, first, second):
        answer = person.ask(where)
        assert answer.status_code == 200, answer.text
        users.append(answer.get_json()["user"])
        clock.advance(seconds=50)
    assert all(user == users[0] for user in users)
    assert (users[0]["role"], users[0]["email"]) == ("user", None)
    assert issuer.asked[KEYS] == 2, "each process asks for the keys once"


def test_a_log_in_there_is_one_device_here(process: Callable[[], Process], person: Person) -> None:
    here = process()
    for _ in range(3):
        devices = person.ask(here, "/users/me/devices").get_json()["items"]
        assert [(device["name"], device["current"]) for device in devices] == [("Clerk", True)]


def test_logged_out_here_is_logged_out_whatever_clerk_says(
    process: Callable[[], Process], person: Person, clock: SetClock
) -> None:
    first, second = process(), process()
    assert person.ask(first, "/auth/logout", method="POST").status_code == 204
    for _ in range(3):
        refused = person.ask(second)
        assert (refused.status_code, refused.get_json()["code"]) == (401, "unauthenticated")
        clock.advance(days=20)
        now = clock.now()
        list(second.auth.delete_ended_before(now, batch=100, dry_run=False))
    person.session = "sess_another"
    assert person.ask(second).status_code == 200


def test_who_logs_out_everywhere_is_logged_out_at_clerks_too(
    process: Callable[[], Process], person: Person
) -> None:
    here = process()
    user = person.ask(here).get_json()["user"]
    here.auth.log_out_everywhere(ObjectId(user["id"]))
    assert person.ask(here).status_code == 401


def test_a_log_in_that_is_used_does_not_expire(
    process: Callable[[], Process], person: Person, clock: SetClock
) -> None:
    here = process()
    first = person.ask(here).get_json()["user"]
    for _ in range(3):
        clock.advance(days=here.settings.refresh_token_days - 5)
        list(here.auth.delete_ended_before(clock.now(), batch=100, dry_run=False))
        assert person.ask(here).get_json()["user"] == first
    assert len(person.ask(here, "/users/me/devices").get_json()["items"]) == 1


def test_keys_may_be_rotated(
    process: Callable[[], Process], person: Person, issuer: Issuer, clock: SetClock
) -> None:
    here = process()
    old = person.token(exp=int(clock.now().timestamp()) + 3600)
    assert person.ask(here).status_code == 200
    issuer.rotate("second")
    clock.advance(seconds=6)
    assert person.ask(here).status_code == 200
    assert person.ask(here, token=old).status_code == 401, "a key that was taken back signs no more"


def test_known_keys_go_on_while_clerk_is_away(
    process: Callable[[], Process], person: Person, issuer: Issuer, clock: SetClock
) -> None:
    here = process()
    assert person.ask(here).status_code == 200
    issuer.broken.add(KEYS)
    for _ in range(3):
        clock.advance(minutes=30)
        assert person.ask(here).status_code == 200
    issuer.rotate("second")
    clock.advance(minutes=30)
    away = person.ask(here)
    assert (away.status_code, away.get_json()["code"]) == (503, "busy")
    issuer.broken.clear()
    clock.advance(seconds=6)
    assert person.ask(here).status_code == 200


def test_without_any_keys_the_answer_is_try_again(
    process: Callable[[], Process], person: Person, issuer: Issuer, clock: SetClock
) -> None:
    here = process()
    issuer.broken.add(KEYS)
    for _ in range(5):
        assert person.ask(here).status_code == 503
    assert issuer.asked[KEYS] == 1, "an issuer in trouble is left alone"
    issuer.broken.clear()
    clock.advance(seconds=6)
    assert person.ask(here).status_code == 200


def test_a_token_that_was_good_says_that_it_expired(
    process: Callable[[], Process], person: Person, clock: SetClock
) -> None:
    here = process()
    token = person.token()
    clock.advance(seconds=64)
    assert person.ask(here, token=token).status_code == 200, "clocks may differ by a few seconds"
    clock.advance(seconds=2)
    assert person.ask(here, token=token).get_json()["code"] == "token_expired"


def test_name_and_verified_address_are_taken_from_the_token(
    process: Callable[[], Process], person: Person
) -> None:
    email = f"{secrets.token_hex(6)}@example.com"
    token = person.token(name="Grace", email=email, email_verified=True)
    user = person.ask(process(), token=token).get_json()["user"]
    assert (user["display_name"], user["email"], user["email_confirmed"]) == ("Grace", email, True)


def test_an_account_is_joined_only_where_both_sides_have_proved_the_address(
    process: Callable[[], Process],
    issuer: Issuer,
    clock: SetClock,
    register: Callable[..., Account],
) -> None:
    here = process()
    owner, claimant = register("Owner"), register("Claimant")
    here.accounts.confirm_email(ObjectId(owner.id), owner.email)

    def comes_as(email: str, *, verified: bool) -> str:
        token = Person(issuer, clock).token(email=email, email_verified=verified)
        return str(Person(issuer, clock).ask(here, token=token).get_json()["user"]["id"])

    assert comes_as(owner.email, verified=True) == owner.id
    assert comes_as(owner.email, verified=False) != owner.id
    assert comes_as(claimant.email, verified=True) != claimant.id


def test_our_own_tokens_are_good_beside_them(
    process: Callable[[], Process], person: Person, register: Callable[..., Account], issuer: Issuer
) -> None:
    ada = register("Ada")
    answer = person.ask(process(), token=ada.tokens["access_token"])
    assert answer.get_json()["user"]["id"] == ada.id
    assert issuer.asked[KEYS] == 0


def test_two_first_requests_at_once_open_one_account(
    process: Callable[[], Process], person: Person, clock: SetClock
) -> None:
    here = process()
    user_id = person.ask(here).get_json()["user"]["id"]
    external = f"{person.issuer.url} {person.subject} {person.session}"
    now = clock.now()
    again = AuthSessions().open_external(external, ObjectId(user_id), now, now + timedelta(days=1), "Clerk")
    assert str(again.user_id) == user_id
    assert len(person.ask(here, "/users/me/devices").get_json()["items"]) == 1
