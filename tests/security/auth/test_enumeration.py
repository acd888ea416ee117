"""Nobody learns whether an address is known: not from answers, and not from how much work an answer takes.

Time itself is not asserted, for it depends on the machine. What it is made of is counted: password hashes, commands to
the database and jobs on the queue.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import argon2
import pytest
import svcs
from bson import ObjectId
from flask_openapi3 import OpenAPI

from backend.infra.jobs import JobQueue
from backend.users.accounts import Accounts
from tests.addresses import somebody
from tests.conftest import Account
from tests.security.conftest import COMMANDS

pytestmark = pytest.mark.security

WRONG = "none of their passwords"
# What differs between two answers of the same kind, and tells nothing.
VARYING = {"X-Request-ID", "X-RateLimit-Reset", "X-RateLimit-Remaining", "X-RateLimit-Reset-After", "Date"}


@dataclass(frozen=True)
class Effort:
    """What an answer took."""

    hashes: dict[str, int]
    commands: dict[str, int]
    jobs: int


@pytest.fixture
def addresses(register: Callable[..., Account], services: svcs.Container) -> dict[str, str]:
    """One of each kind."""
    confirmed, unconfirmed, twice = register("Ada"), register("Bo"), register("Cy")
    services.get(Accounts).confirm_email(ObjectId(confirmed.id), confirmed.email)
    services.get(Accounts).confirm_email(ObjectId(twice.id), twice.email)
    services.get(Accounts).open(twice.email, argon2.PasswordHasher().hash("another's"), "Eve")
    return {
        "unknown": f"nobody.{secrets.token_hex(6)}@example.com",
        "unconfirmed": unconfirmed.email,
        "confirmed": confirmed.email,
        "confirmed and claimed": twice.email,
    }


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts what argon2 is asked to do; it does it."""
    done: Counter[str] = Counter()
    for name in ("hash", "verify"):
        monkeypatch.setattr(argon2.PasswordHasher, name, _counted(getattr(argon2.PasswordHasher, name), done))
    return done


def _counted(work: Callable[..., Any], done: Counter[str]) -> Callable[..., Any]:
    def count_and_work(*args: Any, **kwargs: Any) -> Any:
        done[work.__name__] += 1
        return work(*args, **kwargs)

    return count_and_work


@contextmanager
def measured(
    services: svcs.Container, hashes: Counter[str], efforts: dict[str, Effort], kind: str
) -> Iterator[None]:
    """Note what is done inside."""
    queue = services.get(JobQueue)
    hashes.clear()
    before = sum(queue.waiting().values())
    with COMMANDS.counted() as commands:
        yield
    efforts[kind] = Effort(dict(hashes), dict(commands), sum(queue.waiting().values()) - before)


def shape(value: Any) -> Any:
    """What an answer looks like, without what it says."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return type(value).__name__


def look(answer: Any) -> tuple[int, Any, set[tuple[str, str]]]:
    """All of an answer that could tell something."""
    headers = {(key, value) for key, value in answer.headers.items() if key not in VARYING}
    headers = {
        (key, "" if key == "Content-Length" and answer.status_code < 400 else value) for key, value in headers
    }
    return answer.status_code, shape(answer.get_json(silent=True)), headers


ATTEMPTS: dict[str, tuple[str, Callable[[str], dict[str, str]]]] = {
    "log in": ("/auth/login", lambda email: {"email": email, "password": WRONG}),
    "forgot": ("/auth/password/forgot", lambda email: {"email": email}),
    "register": ("/auth/register", lambda email: {"email": email, "password": WRONG, "display_name": "Eve"}),
}


@pytest.mark.parametrize("what", ATTEMPTS)
def test_answers_and_effort_are_the_same_for_every_address(
    what: str, app: OpenAPI, services: svcs.Container, addresses: dict[str, str], hashes: Counter[str]
) -> None:
    path, body = ATTEMPTS[what]
    looks, efforts = {}, {}
    for kind, address in addresses.items():
        with measured(services, hashes, efforts, kind):
            answer = somebody(app).post(f"/api/v1{path}", json=body(address))
        looks[kind] = look(answer)
    assert looks == dict.fromkeys(addresses, looks["unknown"])
    assert efforts == dict.fromkeys(addresses, efforts["unknown"])
    assert efforts["unknown"].commands
    assert sum(efforts["unknown"].hashes.values()) == {"log in": 2, "forgot": 0, "register": 3}[what]


def test_claiming_is_the_same_for_every_address(
    app: OpenAPI, services: svcs.Container, addresses: dict[str, str], hashes: Counter[str]
) -> None:
    looks, efforts = {}, {}
    for kind, address in addresses.items():
        door = somebody(app)
        guest = door.post("/api/v1/auth/guest", json={"display_name": "Gil"}).get_json()["access_token"]
        bearer = {"Authorization": f"Bearer {guest}"}
        with measured(services, hashes, efforts, kind):
            answer = door.post(
                "/api/v1/auth/claim", json={"email": address, "password": WRONG}, headers=bearer
            )
        looks[kind] = look(answer)
    assert looks == dict.fromkeys(addresses, looks["unknown"])
    assert efforts == dict.fromkeys(addresses, efforts["unknown"])
    assert efforts["unknown"].hashes


def test_what_a_new_account_is_told_of_itself_is_the_same(app: OpenAPI, addresses: dict[str, str]) -> None:
    told = {}
    for kind, address in addresses.items():
        body = {"email": address, "password": WRONG, "display_name": "Eve"}
        user = somebody(app).post("/api/v1/auth/register", json=body).get_json()["user"]
        assert user.pop("email") == address
        assert user.pop("id")
        told[kind] = user
    assert told == dict.fromkeys(addresses, told["unknown"])


def test_a_password_that_fits_takes_as_many_hashes_as_one_that_does_not(
    app: OpenAPI, services: svcs.Container, register: Callable[..., Account], hashes: Counter[str]
) -> None:
    ada = register()
    efforts: dict[str, Effort] = {}
    for password in (ada.password, WRONG):
        with measured(services, hashes, efforts, password):
            somebody(app).post("/api/v1/auth/login", json={"email": ada.email, "password": password})
    assert efforts[ada.password].hashes == efforts[WRONG].hashes == {"verify": 2}
