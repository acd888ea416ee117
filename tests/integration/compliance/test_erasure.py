"""Being erased: asked for at the front door, waited for, cancelled, begun, carried out by a real worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import svcs
from bson import ObjectId
from flask_openapi3 import OpenAPI

from backend.audit.events import AuditEvent
from backend.audit.trail import AuditTrail
from backend.auth.accounts import AccountService
from backend.auth.mails import AccountMails
from backend.auth.service import revoked_channel
from backend.auth.tokens import TokenSigner
from backend.compliance.erasure.doors import Doors
from backend.compliance.erasure.ending import Unfinished
from backend.compliance.erasure.receipts import Receipts
from backend.compliance.erasure.service import STANDS_STILL_AFTER, ErasureService
from backend.compliance.erasure.store import ErasureStore
from backend.compliance.erasure.tombstones import Tombstones
from backend.compliance.exports.service import ExportService
from backend.compliance.register import forgetting
from backend.config import Settings
from backend.infra.job_records import JobRecords
from backend.infra.jobs import ERASE, JobQueue
from backend.infra.keys import Ledger
from backend.infra.mail import Mailer
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import Storage
from backend.infra.valkey import Valkey
from backend.users.accounts import Accounts
from backend.users.service import UserService
from deploy.local.stack import free_port
from tests.conftest import Account
from tests.post_office import PostOffice
from tests.set_clock import SetClock

pytestmark = pytest.mark.compliance

Register = Callable[..., Account]
Work = Callable[[], str]


@pytest.fixture
def erasures(services: svcs.Container, settings: Settings, clock: SetClock) -> ErasureService:
    """The service of the app under test, by a clock that the test moves."""
    return service(services, settings, clock, services.get(AccountMails))


def service(
    services: svcs.Container,
    settings: Settings,
    clock: SetClock,
    mails: AccountMails,
    record: Callable[[AuditEvent], None] | None = None,
) -> ErasureService:
    database, ledger = services.get(MongoDatabase, Ledger)
    return ErasureService(
        store=services.get(ErasureStore),
        receipts=services.get(Receipts),
        tombstones=Tombstones(database, services.get(Storage), ledger),
        doors=services.get(Doors),
        accounts=services.get(AccountService),
        mails=mails,
        jobs=services.get(JobQueue),
        clock=clock,
        settings=settings,
        record=record or services.get(AuditTrail).record,
        services=lambda: svcs.Container(services.registry),
    )


def ask(account: Account, **more: Any) -> dict[str, Any]:
    answer = account.post("/compliance/erasure", {"password": account.password, **more})
    assert answer.status_code == 202, answer.text
    return answer.get_json()


def carry_out(erasures: ErasureService, services: svcs.Container, account: Account) -> None:
    """What a worker does."""
    found = services.get(MongoDatabase)["erasures"].find_one({"user": ObjectId(account.id)})
    assert found is not None
    assert erasures.carry_out(found["_id"]) == "finished"


def receipt(account: Account, receipt_id: str) -> dict[str, Any]:
    answer = account.http.get(f"/api/v1/compliance/erasure-receipts/{receipt_id}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def user_of(services: svcs.Container, account: Account) -> dict[str, Any] | None:
    return services.get(MongoDatabase)["users"].find_one({"_id": ObjectId(account.id)})


def test_while_it_is_scheduled_one_can_stay(
    register: Register, post_office: PostOffice, services: svcs.Container
) -> None:
    ada = register()
    asked = ask(ada)
    assert asked["status"] == "scheduled"
    told = post_office.last_to(ada.email)
    assert told.subject == "Your account will be erased"
    assert asked["due_at"][:10] in told.text
    assert ada.get("/compliance/erasure").get_json() == asked
    login = {"email": ada.email, "password": ada.password}
    assert ada.http.post("/api/v1/auth/login", json=login).status_code == 200

    assert ada.http.delete("/api/v1/compliance/erasure", headers=ada.headers).status_code == 204

    assert ada.get("/compliance/erasure").get_json()["status"] == "none"
    assert ada.http.delete("/api/v1/compliance/erasure", headers=ada.headers).status_code == 204
    assert services.get(MongoDatabase)["erasures"].count_documents({"user": ObjectId(ada.id)}) == 0


def test_asking_twice_is_asking_once(register: Register, post_office: PostOffice) -> None:
    ada = register()
    assert ask(ada) == ask(ada)
    mails = [mail for mail in post_office.mails_to(ada.email) if "erased" in mail.subject]
    assert len(mails) == 1


@pytest.mark.security
def test_asking_takes_the_password_again(register: Register) -> None:
    ada = register()
    wrong = ada.post("/compliance/erasure", {"password": "not the password", "immediately": True})
    assert (wrong.status_code, wrong.get_json()["code"]) == (403, "wrong_password")
    without = ada.post("/compliance/erasure", {"immediately": True})
    assert (without.status_code, without.get_json()["code"]) == (403, "password_needed")
    assert ada.get("/compliance/erasure").get_json()["status"] == "none"


@pytest.mark.security
def test_at_once_means_that_nobody_gets_in_any_more(register: Register) -> None:
    ada = register()
    phone = ada.http.post("/api/v1/auth/login", json={"email": ada.email, "password": ada.password})
    asked = ask(ada, immediately=True)
    assert asked["status"] == "running"
    for token in (ada.tokens["access_token"], phone.get_json()["access_token"]):
        headers = {"Authorization": f"Bearer {token}"}
        assert ada.http.get("/api/v1/users/me", headers=headers).status_code == 401
    refreshed = ada.http.post("/api/v1/auth/refresh", json={"refresh_token": ada.tokens["refresh_token"]})
    assert refreshed.status_code == 401
    login = ada.http.post("/api/v1/auth/login", json={"email": ada.email, "password": ada.password})
    assert (login.status_code, login.get_json()["code"]) == (401, "wrong_credentials")


def test_from_asking_to_the_receipt(register: Register, work: Work, services: svcs.Container) -> None:
    ada = register()
    ada.put("/users/me/preferences", {"max_price": 2})
    asked = ask(ada, immediately=True)
    assert receipt(ada, asked["receipt_id"])["status"] == "running"

    log = work()

    assert ada.id not in log
    assert ada.email not in log
    assert user_of(services, ada) is None
    done = receipt(ada, asked["receipt_id"])
    assert (done["status"], done["genuine"]) == ("done", True)
    assert done["found"]["users"] == 1
    assert done["found"]["auth_sessions"] == 1
    for collection in ("erasures", "auth_sessions"):
        field = "user"
        assert services.get(MongoDatabase)[collection].count_documents({field: ObjectId(ada.id)}) == 0
    # The address is free.
    body = {"email": ada.email, "password": ada.password, "display_name": "Ada"}
    assert ada.http.post("/api/v1/auth/register", json=body).status_code == 201


@pytest.mark.security
def test_a_receipt_that_was_changed_is_not_genuine(
    register: Register, erasures: ErasureService, services: svcs.Container
) -> None:
    ada, receipts = register(), services.get(Receipts)
    asked = ask(ada, immediately=True)
    erasures.begin_due()
    carry_out(erasures, services, ada)
    signed = receipts.get(asked["receipt_id"])
    assert receipts.is_genuine(signed)
    assert not receipts.is_genuine(replace(signed, found={"users": 2}))
    assert not receipts.is_genuine(replace(signed, signature="no signature"))


def test_nobody_learns_anything_from_a_receipt_that_there_is_not(register: Register) -> None:
    answer = register().http.get(f"/api/v1/compliance/erasure-receipts/{'x' * 32}")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "receipt_not_found")


def test_it_begins_on_its_day(
    register: Register,
    erasures: ErasureService,
    services: svcs.Container,
    clock: SetClock,
    settings: Settings,
) -> None:
    ada = register()
    ask(ada)
    clock.advance(days=settings.erasure_grace_days, seconds=-60)
    erasures.begin_due()
    assert ada.get("/users/me").status_code == 200
    clock.advance(seconds=120)
    assert erasures.begin_due() >= 1
    assert ada.get("/users/me").status_code == 401
    begun = services.get(MongoDatabase)["erasures"].find_one({"user": ObjectId(ada.id)})
    assert services.get(JobQueue).is_under_way(ERASE, str(begun["_id"]))
    cancelled = ada.http.delete("/api/v1/compliance/erasure", headers=ada.headers)
    assert cancelled.status_code == 401


def test_one_that_the_version_before_has_noted_begins_as_well(
    register: Register,
    erasures: ErasureService,
    services: svcs.Container,
    clock: SetClock,
    settings: Settings,
) -> None:
    """Processes of that version note some until they are replaced."""
    ada, noted = register(), services.get(MongoDatabase)["erasures"]
    ask(ada)
    as_before = {"$unset": {"tell": ""}, "$set": {"quiet": False}}
    noted.update_one({"user": ObjectId(ada.id)}, as_before)
    clock.advance(days=settings.erasure_grace_days, seconds=60)
    assert erasures.begin_due() >= 1
    begun = noted.find_one({"user": ObjectId(ada.id)})
    assert begun["status"] == "running"
    assert receipt(ada, begun["receipt_id"])["status"] == "running"  # they are told


def test_one_that_stands_still_is_taken_up_again(
    register: Register, erasures: ErasureService, services: svcs.Container, clock: SetClock
) -> None:
    ada, jobs = register(), services.get(JobQueue)
    ask(ada, immediately=True)
    begun = services.get(MongoDatabase)["erasures"].find_one({"user": ObjectId(ada.id)})
    jobs.replace(ERASE, str(begun["_id"]), erasure_id=str(begun["_id"]))
    services.get(MongoDatabase)["erasures"].update_one(
        {"_id": begun["_id"]}, {"$set": {"touched_at": clock.now() - STANDS_STILL_AFTER}}
    )
    assert erasures.begin_due() >= 1
    assert jobs.is_under_way(ERASE, str(begun["_id"]))


def test_guests_can_be_erased_too(app: OpenAPI, erasures: ErasureService, services: svcs.Container) -> None:
    http = app.test_client()
    tokens = http.post("/api/v1/auth/guest", json={"display_name": "Gil"}).get_json()
    gil = Account(tokens["user"]["id"], "", "", tokens, http)
    asked = gil.post("/compliance/erasure", {"immediately": True})
    assert asked.status_code == 202, asked.text
    assert gil.get("/users/me").status_code == 401
    carry_out(erasures, services, gil)
    assert user_of(services, gil) is None


@pytest.mark.security
def test_sockets_are_hung_up_when_it_begins(register: Register, valkey: Valkey, settings: Settings) -> None:
    ada = register()
    with valkey.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(revoked_channel(settings.redis_prefix))
        channel.get_message(timeout=1)  # subscribed
        ask(ada, immediately=True)
        message = channel.get_message(timeout=5)
    assert message is not None
    assert ObjectId(message["data"].decode())  # the log-in whose sockets close: tests/e2e/test_socket.py


def test_groups_and_other_peoples_inboxes_name_them_no_more(
    register: Register, erasures: ErasureService, services: svcs.Container
) -> None:
    ada, bo, cy = register("Ada"), register("Bo"), register("Cy")
    group = ada.post("/groups", {"name": "Chez Ada"}).get_json()
    for friend in (bo, cy):
        friend.post("/groups/join", {"token": group["invite_link"].rpartition("/")[2]})
    ada.post("/sessions", {"menu": "both", "group_id": group["id"]})
    ask(ada, immediately=True)
    carry_out(erasures, services, ada)

    shown = bo.get(f"/groups/{group['id']}").get_json()
    assert (shown["name"], shown["owner_id"]) == ("Our group", bo.id)
    assert {member["display_name"] for member in shown["members"]} == {"Bo", "Cy"}
    told = {one["kind"]: one for one in bo.get("/users/me/notifications").get_json()["items"]}
    assert told["session_started"]["text"] == "Somebody is finding dinner with a group. Join in!"
    assert told["group_joined"]["text"] == "Cy has joined a group."
    assert told["group_owned"]["text"] == "You look after a group now: its owner has left."
    assert told["group_joined"]["data"]["user_id"] == cy.id


def test_a_name_that_somebody_else_gave_the_group_stays(
    register: Register, erasures: ErasureService, services: svcs.Container
) -> None:
    ada, bo = register("Ada"), register("Bo")
    group = ada.post("/groups", {"name": "Chez Ada"}).get_json()
    bo.post("/groups/join", {"token": group["invite_link"].rpartition("/")[2]})
    ada.post(f"/groups/{group['id']}/leave")
    renamed = bo.http.patch(f"/api/v1/groups/{group['id']}", headers=bo.headers, json={"name": "Chez Bo"})
    assert renamed.status_code == 200
    ask(ada, immediately=True)
    carry_out(erasures, services, ada)
    assert bo.get(f"/groups/{group['id']}").get_json()["name"] == "Chez Bo"
    (owned,) = bo.get("/users/me/notifications").get_json()["items"]
    assert "Ada" not in owned["text"]


def test_the_last_mail_is_tried_again_and_in_the_end_given_up(
    register: Register, services: svcs.Container, settings: Settings, clock: SetClock
) -> None:
    silent = Settings(
        _env_file=None, **{**settings.model_dump(), "smtp_url": f"smtp://127.0.0.1:{free_port()}"}
    )
    mails = AccountMails(
        users=services.get(UserService),
        accounts=services.get(Accounts),
        signer=services.get(TokenSigner),
        mailer=Mailer(silent, services.get(Valkey), clock),
        jobs=services.get(JobQueue),
        clock=clock,
        settings=silent,
    )
    erasures = service(services, settings, clock, mails)
    ada = register()
    asked = ask(ada, immediately=True)
    with pytest.raises(Unfinished):
        carry_out(erasures, services, ada)
    assert user_of(services, ada) is None
    clock.advance(days=3, seconds=60)
    carry_out(erasures, services, ada)
    assert services.get(MongoDatabase)["erasures"].find_one({"user": ObjectId(ada.id)}) is None
    assert receipt(ada, asked["receipt_id"])["status"] == "done"


def test_one_that_breaks_off_before_it_is_recorded_is_recorded_by_the_next_attempt(
    register: Register, services: svcs.Container, settings: Settings, clock: SetClock
) -> None:
    recorded: list[str] = []

    def record(event: AuditEvent) -> None:
        recorded.append(event.action)
        if len(recorded) == 1:
            raise KeyboardInterrupt

    erasures = service(services, settings, clock, services.get(AccountMails), record)
    ada = register()
    ask(ada, immediately=True)
    with pytest.raises(KeyboardInterrupt):
        carry_out(erasures, services, ada)
    carry_out(erasures, services, ada)
    assert recorded == ["compliance.erasure_finished"] * 2


def test_the_job_of_an_export_is_found_when_the_export_is_forgotten(
    register: Register, services: svcs.Container
) -> None:
    ada, records = register(), services.get(JobRecords)
    assert ada.post("/compliance/exports", {"password": ada.password}).status_code == 202
    assert services.get(ExportService).forget(ObjectId(ada.id)) == 1
    begun = ask(ada, immediately=True)
    assert begun["status"] == "running"
    found = services.get(ErasureStore).of_user(ObjectId(ada.id))
    assert found is not None
    assert forgetting.jobs(services, found) >= 1
    assert records.delete_naming([ada.id]).deleted == 0
    assert services.get(JobQueue).waiting()["bulk"] == 1  # the erasure's own
