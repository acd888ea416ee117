"""Guests, and accounts that never confirmed an address, go when nobody was there for GUEST_KEEP_DAYS."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import svcs
from bson import ObjectId
from flask_openapi3 import OpenAPI

from backend.compliance.retention.service import RetentionService
from backend.infra.jobs import ERASE, JobQueue
from backend.infra.mongo import MongoDatabase
from backend.roles import Role
from backend.users.accounts import Accounts
from tests.addresses import somebody
from tests.conftest import Account

pytestmark = pytest.mark.compliance

Register = Callable[..., Account]
LONG_AGO, LATELY = timedelta(days=40), timedelta(days=20)


class Past:
    """Moves what the database knows of somebody into the past."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database

    def opened(self, user_id: ObjectId, ago: timedelta) -> None:
        self._database["users"].update_one({"_id": user_id}, {"$set": {"created_at": _before(ago)}})

    def logged_out(self, user_id: ObjectId, ago: timedelta) -> None:
        ended = {"rotated_at": _before(ago), "revoked_at": _before(ago)}
        self._database["auth_sessions"].update_many({"user": user_id}, {"$set": ended})


def _before(ago: timedelta) -> datetime:
    return datetime.now(UTC) - ago


@pytest.fixture
def past(services: svcs.Container) -> Past:
    return Past(services.get(MongoDatabase))


@pytest.fixture
def guest(app: OpenAPI) -> ObjectId:
    answer = somebody(app).post("/api/v1/auth/guest", json={"display_name": f"Gil {secrets.token_hex(2)}"})
    return ObjectId(answer.get_json()["user"]["id"])


@pytest.fixture
def claimant(register: Register) -> ObjectId:
    """Somebody who never confirmed their address."""
    return ObjectId(register("Una").id)


@pytest.fixture
def clean_up(services: svcs.Container) -> Callable[..., int]:
    """The whole of it, as every night; how many accounts went."""

    def clean_up(*, dry_run: bool = False) -> int:
        ran = services.get(RetentionService).run(services, dry_run=dry_run)
        return next(swept.gone for swept in ran if swept.place == "users")

    return clean_up


CleanUp = Callable[..., int]


@pytest.fixture(params=["guest", "claimant"])
def one(request: pytest.FixtureRequest, past: Past) -> ObjectId:
    """Somebody, of either kind, who came long ago and is logged in."""
    user_id: ObjectId = request.getfixturevalue(request.param)
    past.opened(user_id, LONG_AGO)
    return user_id


class TestGoing:
    def test_one_that_was_not_there_for_long_is_erased(
        self, one: ObjectId, past: Past, clean_up: CleanUp, services: svcs.Container
    ) -> None:
        past.logged_out(one, LONG_AGO)
        assert clean_up(dry_run=True) == 1
        assert clean_up() == 1
        assert clean_up() == 0
        account = services.get(MongoDatabase)["users"].find_one({"_id": one})
        assert account is None or account["closed_at"]
        erasure = services.get(MongoDatabase)["erasures"].find_one({"user": one})
        assert not erasure["tell"]
        assert services.get(JobQueue).is_under_way(ERASE, str(erasure["_id"]))

    @pytest.mark.usefixtures("one")
    def test_one_that_is_logged_in_stays(self, clean_up: CleanUp) -> None:
        assert clean_up(dry_run=True) == clean_up() == 0

    def test_one_that_was_there_lately_stays_also_when_its_log_in_is_forgotten(
        self, one: ObjectId, past: Past, clean_up: CleanUp, services: svcs.Container
    ) -> None:
        past.logged_out(one, LATELY)
        assert clean_up(dry_run=True) == clean_up() == 0
        assert services.get(MongoDatabase)["auth_sessions"].find_one({"user": one}) is None
        assert clean_up() == 0

    def test_a_new_one_stays(self, one: ObjectId, past: Past, clean_up: CleanUp) -> None:
        past.opened(one, LATELY)
        past.logged_out(one, LATELY)
        assert clean_up(dry_run=True) == clean_up() == 0


class TestStaying:
    """Whoever has confirmed an address, pays, operates the server or logs in elsewhere may stay away for long."""

    @pytest.mark.parametrize("as_", ["confirmed", "pro", "operator"])
    def test_they_are_never_idle(
        self, as_: str, register: Register, past: Past, clean_up: CleanUp, services: svcs.Container
    ) -> None:
        ada, accounts = register("Ada"), services.get(Accounts)
        user_id = ObjectId(ada.id)
        match as_:
            case "confirmed":
                accounts.confirm_email(user_id, ada.email)
            case "pro":
                accounts.set_tier(user_id, "pro")
            case "operator":
                accounts.set_role(user_id, Role.OPERATOR)
        past.opened(user_id, LONG_AGO)
        past.logged_out(user_id, LONG_AGO)
        assert clean_up(dry_run=True) == clean_up() == 0
