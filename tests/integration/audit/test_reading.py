"""People read what is recorded of them, operators search, and somebody who was erased is found by nobody."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import svcs
from bson import ObjectId

from backend.audit.reading import AuditReading, Criteria, Cursor
from backend.audit.trail import AuditTrail
from backend.compliance.register.recording import AuditEntryShape
from backend.errors import InvalidInput
from backend.roles import Role
from backend.users.accounts import Accounts
from tests.conftest import Account
from tests.integration.audit.conftest import Log, event
from tests.integration.audit.recorded import Recorded, in_plain
from tests.waiting import eventually

pytestmark = pytest.mark.compliance
Register = Callable[..., Account]


@pytest.fixture
def olga(register: Register, services: svcs.Container) -> Account:
    """An operator."""
    account = register("Olga")
    services.get(Accounts).set_role(ObjectId(account.id), Role.OPERATOR)
    return account


def search(olga: Account, **wanted: object) -> list[dict[str, Any]]:
    answer = olga.get(f"/admin/audit?{urlencode(wanted)}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def own(account: Account, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = account.get(f"/compliance/audit{query}").get_json()["items"]
    return items


def test_somebody_sees_their_own_entries_newest_first(register: Register) -> None:
    ada = register("Ada")
    ada.post("/compliance/exports", {"password": "wrong"})
    eventually(lambda: len(own(ada)) == 2)
    refused, registered = own(ada)
    assert (refused["action"], refused["outcome"], refused["reason"], refused["by"]) == (
        "compliance.export_requested",
        "refused",
        "wrong_password",
        "you",
    )
    assert registered["action"] == "auth.registered"
    assert registered["network"].endswith("/24")
    assert own(register("Ben"))[:-1] == []


def test_what_an_operator_did_to_somebody_is_theirs_to_know_but_not_from_where(
    register: Register, olga: Account
) -> None:
    ada = register("Ada")
    olga.put(f"/admin/users/{ada.id}/tier", {"tier": "pro"})
    search(olga, user=ada.id)
    eventually(lambda: len(own(ada)) == 3)
    looked, changed = own(ada)[:2]
    assert (looked["action"], changed["action"]) == ("audit.searched", "users.tier_changed")
    for entry in (looked, changed):
        assert (entry["by"], entry["network"], entry["resource"]) == ("somebody else", "", "")
        assert olga.id not in str(entry)


def test_operators_search_by_each_criterion(
    register: Register, olga: Account, services: svcs.Container
) -> None:
    ada = register("Ada")
    _, request_id = Recorded(services).ask(ada.http, "POST", "/auth/logout", headers=ada.headers)
    eventually(lambda: search(olga, request_id=request_id))
    (found,) = search(olga, request_id=request_id)
    assert (found["action"], found["who"]["user_id"]) == ("auth.log_out", ada.id)

    def found_by(**wanted: object) -> list[str]:
        """Without the searches, which are entries about her too."""
        entries = search(olga, user=ada.id, **wanted)
        return [entry["action"] for entry in entries if entry["action"] != "audit.searched"]

    assert found_by() == ["auth.log_out", "auth.registered"]
    assert found_by(action="auth.log_out") == ["auth.log_out"]
    assert found_by(outcome="refused") == []
    assert found_by(since=found["at"]) == ["auth.log_out"]
    assert found_by(until=found["at"]) == ["auth.registered"]
    assert search(olga, user=str(ObjectId())) == []


def test_that_an_operator_looked_is_recorded(register: Register, olga: Account) -> None:
    ada = register("Ada")
    search(olga, user=ada.id)
    eventually(lambda: search(olga, action="audit.searched", user=ada.id))
    (looked, *_) = search(olga, action="audit.searched", user=ada.id)
    assert (looked["who"]["user_id"], looked["about"]["user_id"]) == (olga.id, ada.id)


@pytest.mark.security
def test_nobody_else_searches(register: Register) -> None:
    refused = register("Ada").get("/admin/audit")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "operator_only")


@pytest.mark.parametrize(
    "query",
    [
        "user=x",
        "action=a b",
        "outcome=perhaps",
        "since=yesterday",
        "since=2026-01-01T00:00:00",
        "cursor=1",
        "cursor=999999999999999-1",
        "since=9999-12-31T23:59:59-23:00",
        "until=0001-01-01T00:00:00%2B23:00",
        "other=1",
        "request_id=short",
    ],
)
def test_a_search_that_makes_no_sense_is_refused(olga: Account, query: str) -> None:
    assert olga.get(f"/admin/audit?{query}").status_code == 422


def test_pages_go_on_where_the_last_one_ended_whatever_is_added_meanwhile(log: Log) -> None:
    user = log.somebody()
    for number in range(7):
        log.trail.record(event(action=f"test.{number}", who=user))
        if number % 3 == 0:
            log.clock.advance(seconds=1)
    everything = Criteria(user_id=user)
    seen: list[str] = []
    after: Cursor | None = None
    while True:
        page, after = log.trail.search(everything, after, 2)
        seen += [record.action for record in page]
        log.trail.record(event(action="test.meanwhile", who=user))
        if after is None:
            break
        after = Cursor.parse(str(after))
    assert seen == [f"test.{number}" for number in range(6, -1, -1)]


def test_no_page_is_looked_for_by_walking_past_the_others(log: Log) -> None:
    user = log.somebody()
    for number in range(40):
        log.trail.record(event(action=f"test.{number % 2}", who=user))
    late = Cursor(log.clock.now() - timedelta(seconds=1), 1)
    reading = AuditReading(log.chain, log.subjects)
    for criteria in (
        Criteria(),
        Criteria(user_id=user),
        Criteria(action="test.1"),
        Criteria(outcome="done"),
        Criteria(request_id="request-1"),
    ):
        query = reading.query(criteria, late)
        assert query is not None
        plan = log.chain.entries.find(query).sort([("at", -1), ("seq", -1)]).limit(5).explain()
        assert plan["executionStats"]["totalDocsExamined"] == 0, criteria
        assert "SORT" not in str(plan["queryPlanner"]["winningPlan"].get("stage"))


def test_by_its_request_an_entry_of_the_version_before_is_found_as_well(log: Log) -> None:
    """That version wrote the id itself into entries; they are never changed."""
    log.trail.record(event(who=log.somebody()))
    log.chain.entries.update_one({}, {"$set": {"request_id": "asked-long-ago"}})
    (found,) = log.trail.search(Criteria(request_id="asked-long-ago"), None, 5)[0]
    assert found.request_id == "asked-long-ago"


def test_a_cursor_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        Cursor.parse("'; drop")


@pytest.mark.security
def test_who_is_forgotten_is_in_no_search_and_the_chain_stays_whole(log: Log, valkey: Any) -> None:
    gone, stays = log.somebody(), log.somebody()
    log.trail.record(event(who=gone, resource=f"DELETE /groups/{secrets.token_hex(12)}"))
    log.trail.record(event(who=stays, about=gone))
    log.queue(valkey).put(event(action="test.still_waiting", who=gone, at=log.clock.now()).text())
    assert log.trail.forget(gone) == 1
    assert log.trail.forget(gone) == 0
    assert log.actions()[2:] == ["test.still_waiting", "compliance.erased"]
    assert log.trail.search(Criteria(user_id=gone), None, 10) == ([], None)
    assert list(log.trail.history_of(gone)) == []
    every = log.trail.search(Criteria(), None, 10)[0]
    assert {person.user_id for record in every for person in (record.who, record.about) if person} == {
        None,
        stays,
    }
    assert {record.circumstances.resource for record in every if record.who and not record.who.user_id} == {
        ""
    }
    assert str(gone) not in "".join(in_plain(entry) for entry in log.entries())
    assert log.is_whole()


@pytest.mark.security
def test_who_has_no_account_any_more_gets_no_lasting_pseudonym(log: Log) -> None:
    erased = ObjectId()
    log.trail.record(event(who=erased))
    assert log.subjects.known(erased) is None
    assert len(log.entries()) == 1
    assert str(erased) not in in_plain(log.entries()[0])


@pytest.mark.security
def test_what_was_sealed_and_then_changed_is_not_shown(log: Log) -> None:
    user = log.somebody()
    log.trail.record(event(who=user, resource="GET /x"))
    log.chain.entries.update_one({"seq": 1}, {"$set": {"sealed": b"something else entirely, thirty bytes"}})
    (record,) = log.trail.search(Criteria(user_id=user), None, 10)[0]
    assert record.circumstances.resource == ""


def test_the_export_holds_all_of_ones_entries_oldest_first(log: Log) -> None:
    user, other = log.somebody(), log.somebody()
    for number in range(250):
        log.trail.record(event(action=f"test.{number}", who=user if number % 2 else other))
    told = list(log.trail.history_of(user))
    assert [entry["action"] for entry in told] == [f"test.{number}" for number in range(1, 250, 2)]
    for entry in told:
        AuditEntryShape.model_validate(entry)


def test_the_apps_own_log_is_whole(services: svcs.Container, register: Register) -> None:
    register("Ada")
    trail = services.get(AuditTrail)
    eventually(lambda: trail.waiting() == 0)
    assert trail.verify().findings == []
