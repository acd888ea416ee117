"""Signed messages about people: from Clerk, and from whoever bills."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import svcs
from bson import ObjectId

from backend.compliance.erasure.service import ErasureService
from backend.groups.service import GroupService
from backend.infra.clock import to_iso
from backend.infra.mongo import MongoDatabase
from backend.notifications.service import NotificationService
from tests.conftest import Account
from tests.federated_app import Process
from tests.issuer import Issuer, clerk_token, running_issuer
from tests.set_clock import SetClock
from tests.signed_messages import BILLING, BILLING_SECRET, CLERK, CLERK_SECRET, send


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """A Clerk instance."""
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def clock() -> SetClock:
    """What time it is here."""
    return SetClock()


@pytest.fixture
def process(services: svcs.Container, issuer: Issuer, clock: SetClock) -> Iterator[Process]:
    """An API process that takes both senders' messages."""
    process = Process(
        services,
        clock,
        clerk_issuer=issuer.url,
        clerk_authorized_parties=("https://app.example",),
        clerk_webhook_secret=CLERK_SECRET,
        billing_webhook_secret=BILLING_SECRET,
    )
    yield process
    process.close()


class Person:
    """Somebody at Clerk, and what Clerk tells about them."""

    def __init__(self, process: Process, issuer: Issuer) -> None:
        self.process, self.issuer = process, issuer
        self.subject = f"user_{secrets.token_hex(8)}"
        self.session = f"sess_{secrets.token_hex(8)}"
        self.email = f"{secrets.token_hex(6)}@example.com"

    def event(
        self, kind: str, at: int, name: str = "Grace", email: str = "", status: str = "verified"
    ) -> dict[str, Any]:
        """As Clerk has it."""
        addresses = [
            {"id": "idn_1", "email_address": "other@example.com", "verification": {"status": "verified"}},
            {"id": "idn_2", "email_address": email or self.email, "verification": {"status": status}},
        ]
        return {
            "object": "event",
            "type": kind,
            "data": {
                "object": "user",
                "id": self.subject,
                "first_name": name,
                "last_name": None,
                "username": None,
                "primary_email_address_id": "idn_2",
                "email_addresses": addresses,
                "updated_at": 1_790_000_000_000 + at,
            },
        }

    def hears(self, kind: str, at: int, **told: Any) -> None:
        """Clerk tells."""
        answer = send(self.process, CLERK, self.event(kind, at, **told), prefix="svix")
        assert answer.status_code == 204, answer.text

    def ends(self, kind: str, session: str = "") -> None:
        """Clerk tells that a log-in ended there."""
        told = {"type": kind, "data": {"id": session or self.session, "user_id": self.subject}}
        assert send(self.process, CLERK, told).status_code == 204

    @property
    def http(self) -> dict[str, str]:
        """What a token of now looks like to a route."""
        now = self.process.clock.now().timestamp()
        return {"Authorization": f"Bearer {clerk_token(self.issuer, now, self.subject, self.session)}"}

    def looks(self) -> Any:
        """Who am I."""
        return self.process.somebody().get("/api/v1/users/me", headers=self.http)


@pytest.fixture
def person(process: Process, issuer: Issuer) -> Person:
    """Somebody."""
    return Person(process, issuer)


def test_who_registers_at_clerk_has_an_account_here(person: Person) -> None:
    person.hears("user.created", 1)
    me = person.looks().get_json()
    assert (me["display_name"], me["email"], me["email_confirmed"]) == ("Grace", person.email, True)


def test_what_changes_there_changes_here(person: Person) -> None:
    before = person.looks().get_json()
    assert before["email"] is None
    person.hears("user.updated", 1, name="Ada")
    me = person.looks().get_json()
    assert (me["id"], me["display_name"], me["email"]) == (before["id"], "Ada", person.email)
    person.hears("user.updated", 2, name="Ada", email=f"new.{person.email}")
    assert person.looks().get_json()["email"] == f"new.{person.email}"


def test_an_address_that_clerk_has_not_verified_is_not_taken_over(person: Person) -> None:
    person.hears("user.created", 1)
    person.hears("user.updated", 2, email="victim@example.com", status="unverified")
    assert person.looks().get_json()["email"] == person.email


def test_an_address_that_somebody_else_has_confirmed_stays_theirs(
    person: Person, process: Process, issuer: Issuer
) -> None:
    owner = Person(process, issuer)
    owner.hears("user.created", 1)
    person.hears("user.created", 1)
    person.hears("user.updated", 2, name="Mallory", email=owner.email)
    assert person.looks().get_json()["email"] == person.email
    assert person.looks().get_json()["display_name"] == "Mallory"
    assert owner.looks().get_json()["email"] == owner.email


def test_a_name_chosen_here_stays_until_it_changes_there(person: Person) -> None:
    person.hears("user.created", 1, name="Grace")
    http = person.process.somebody()
    assert (
        http.patch(
            "/api/v1/users/me", json={"display_name": "Amazing Grace"}, headers=person.http
        ).status_code
        == 200
    )
    person.hears("user.updated", 2, name="Grace")
    assert person.looks().get_json()["display_name"] == "Amazing Grace"
    person.hears("user.updated", 3, name="Gracie")
    assert person.looks().get_json()["display_name"] == "Gracie"


def test_late_news_does_not_undo_newer(person: Person) -> None:
    assert person.looks().status_code == 200
    person.hears("user.updated", 5, name="New", email=f"new.{person.email}")
    person.hears("user.created", 1, name="Old")
    me = person.looks().get_json()
    assert (me["display_name"], me["email"]) == ("New", f"new.{person.email}")


def test_who_is_deleted_there_is_deleted_here_and_stays_so(person: Person) -> None:
    person.hears("user.created", 1)
    token = person.http
    assert person.looks().status_code == 200
    told = {"type": "user.deleted", "data": {"id": person.subject, "object": "user", "deleted": True}}
    for _ in range(2):
        assert send(person.process, CLERK, told).status_code == 204
    assert person.process.somebody().get("/api/v1/users/me", headers=token).status_code == 401
    person.session = "sess_of_a_token_still_good"
    assert person.looks().status_code == 401
    person.hears("user.updated", 9)
    assert person.looks().status_code == 401


def accounts_of(person: Person, services: svcs.Container) -> int:
    """How many accounts there are by the person's identity or address."""
    reached = [{"identities.subject": person.subject}, {"email": person.email}]
    return services.get(MongoDatabase)["users"].count_documents({"$or": reached})


def test_news_of_somebody_unknown_opens_no_account(person: Person, services: svcs.Container) -> None:
    person.hears("user.updated", 1)
    assert accounts_of(person, services) == 0
    person.hears("user.created", 2)
    assert accounts_of(person, services) == 1


def test_late_news_of_somebody_who_was_erased_here_opens_no_account(
    person: Person, services: svcs.Container
) -> None:
    user_id = ObjectId(person.looks().get_json()["id"])
    services.get(ErasureService).erase_at_once(user_id)
    erasure = services.get(MongoDatabase)["erasures"].find_one({"user": user_id})
    assert erasure is not None
    assert services.get(ErasureService).carry_out(erasure["_id"]) == "finished"
    # MongoDB deletes what it remembers of Clerk's people after 30 days; their news may be later than that.
    services.get(MongoDatabase)["gone_identities"].delete_many({})
    person.hears("user.updated", 2)
    assert accounts_of(person, services) == 0


def test_a_group_whose_owner_is_deleted_there_has_another_one(
    person: Person, register: Callable[..., Account], services: svcs.Container
) -> None:
    owner_id, bo = ObjectId(person.looks().get_json()["id"]), register("Bo")
    groups, notifications = services.get(GroupService), services.get(NotificationService)
    group = groups.create(owner_id, "Home")
    groups.join(ObjectId(bo.id), group.token)
    assert notifications.of_user(owner_id, 0, 1)[1] == 1
    send(person.process, CLERK, {"type": "user.deleted", "data": {"id": person.subject}})
    left = bo.get(f"/groups/{group.id}").get_json()
    assert (left["owner_id"], len(left["members"])) == (bo.id, 1)
    erasure = services.get(MongoDatabase)["erasures"].find_one({"user": owner_id})
    assert erasure is not None
    assert services.get(ErasureService).carry_out(erasure["_id"]) == "finished"  # as a worker does soon
    assert notifications.of_user(owner_id, 0, 1)[1] == 0


def test_somebody_deleted_before_we_ever_saw_them_does_not_appear(person: Person) -> None:
    send(person.process, CLERK, {"type": "user.deleted", "data": {"id": person.subject}})
    person.hears("user.created", 1)
    assert person.looks().status_code == 401


@pytest.mark.parametrize("kind", ["session.ended", "session.removed", "session.revoked"])
def test_a_log_in_that_ends_there_ends_here(person: Person, kind: str) -> None:
    assert person.looks().status_code == 200
    person.ends(kind, session="sess_unknown")
    assert person.looks().status_code == 200
    person.ends(kind)
    person.ends(kind)
    assert person.looks().status_code == 401


def test_events_of_other_kinds_are_passed_over(process: Process) -> None:
    for kind in ("organization.created", "email.created", None, 7):
        assert send(process, CLERK, {"type": kind, "data": {"id": "x"}}).status_code == 204
        assert send(process, BILLING, {"type": kind, "data": None}).status_code == 204


@pytest.mark.parametrize(
    "data", [None, {}, {"id": 7, "updated_at": 1}, {"id": "user_1"}, {"id": "user_1", "updated_at": -1}, []]
)
def test_an_event_that_is_not_as_it_should_be_names_what_is_wrong(process: Process, data: Any) -> None:
    answer = send(process, CLERK, {"type": "user.updated", "data": data})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")


def subscription(user_id: str, kind: str, clock: SetClock, seconds: float) -> dict[str, Any]:
    """What the billing service sends."""
    at = to_iso(clock.now() + timedelta(seconds=seconds))
    return {"type": f"subscription.{kind}", "timestamp": at, "data": {"user_id": user_id}}


def test_who_pays_is_pro_until_they_do_not(
    process: Process, register: Callable[..., Account], clock: SetClock
) -> None:
    ada = register("Ada")
    for kind, tier in (("active", "pro"), ("ended", "free"), ("active", "pro")):
        clock.advance(seconds=1)
        assert send(process, BILLING, subscription(ada.id, kind, clock, 0)).status_code == 204
        assert ada.get("/users/me").get_json()["tier"] == tier


def test_a_late_payment_does_not_undo_what_came_after(
    process: Process, register: Callable[..., Account], clock: SetClock
) -> None:
    ada = register("Ada")
    send(process, BILLING, subscription(ada.id, "ended", clock, 10))
    send(process, BILLING, subscription(ada.id, "active", clock, 5))
    assert ada.get("/users/me").get_json()["tier"] == "free"


def test_billing_for_nobody_is_taken_and_for_nonsense_refused(process: Process, clock: SetClock) -> None:
    assert send(process, BILLING, subscription("0" * 24, "active", clock, 0)).status_code == 204
    for data in ({}, {"user_id": "x"}, {"user_id": {"$ne": None}}, None):
        answer = send(process, BILLING, {"type": "subscription.active", "data": data})
        assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")


def test_a_message_delivered_again_does_nothing(
    process: Process, register: Callable[..., Account], clock: SetClock
) -> None:
    ada = register("Ada")
    paid = subscription(ada.id, "active", clock, 0)
    assert send(process, BILLING, paid, "msg_1" + ada.id).status_code == 204
    process.accounts.set_tier(ObjectId(ada.id), "free")
    clock.advance(days=3)
    assert send(process, BILLING, paid, "msg_1" + ada.id).status_code == 204
    assert ada.get("/users/me").get_json()["tier"] == "free"


def test_a_message_that_could_not_be_handled_may_come_again(process: Process) -> None:
    message = f"msg_{secrets.token_hex(8)}"
    assert send(process, CLERK, {"type": "user.updated", "data": None}, message).status_code == 422
    assert send(process, CLERK, {"type": "nothing"}, message).status_code == 204


def test_where_nothing_is_set_up_there_is_nothing(services: svcs.Container) -> None:
    bare = Process(services)
    for path in (CLERK, BILLING):
        assert send(bare, path, {"type": "x"}).get_json()["code"] == "webhook_not_set_up"
    bare.close()
