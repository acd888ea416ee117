"""What people agree to, through the front door: without the consent no diet, and withdrawing it deletes at once."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import svcs
from bson import ObjectId
from flask.testing import FlaskClient

from backend.errors import Conflict
from backend.infra.cache import Cache
from backend.infra.clock import Clock
from backend.infra.keys import KeyRing
from backend.infra.mongo import MongoDatabase
from backend.users.consent_texts import CURRENT_TEXTS, ConsentKind
from backend.users.consents import ConsentService
from backend.users.data_keys import UserKeys
from backend.users.preferences import Preferences, PreferenceService
from tests.conftest import Account
from tests.set_clock import SetClock

pytestmark = pytest.mark.compliance

Register = Callable[..., Account]
DIET = ConsentKind.SPECIAL_CATEGORY
VERSIONS = {kind: text.version for kind, text in CURRENT_TEXTS.items()}
OLD = "2020-01-01"
ACCEPTED = {"terms": VERSIONS[ConsentKind.TERMS], "privacy": VERSIONS[ConsentKind.PRIVACY]}


def standing(account: Account, kind: str) -> dict[str, Any]:
    [one] = [one for one in account.get("/compliance/consents").get_json()["items"] if one["kind"] == kind]
    return one


def decide(account: Account, kind: str, *, given: bool, version: str | None = None) -> Any:
    said = {} if version is None else {"version": version}
    return account.put("/compliance/consents", {"kind": kind, "given": given, **said})


def kept(services: svcs.Container, account: Account) -> dict[str, Any]:
    return services.get(MongoDatabase).users.find_one({"_id": ObjectId(account.id)})


@pytest.mark.parametrize("kind", list(ConsentKind))
def test_anybody_can_read_the_words(client: FlaskClient, kind: ConsentKind) -> None:
    answer = client.get(f"/api/v1/compliance/consent-texts/{kind}").get_json()
    assert (answer["kind"], answer["version"]) == (kind, VERSIONS[kind])
    assert answer["sha256"] == hashlib.sha256(answer["text"].encode()).hexdigest()


def test_there_is_no_other_text(client: FlaskClient) -> None:
    assert client.get("/api/v1/compliance/consent-texts/cookies").status_code == 422


def test_nobody_has_agreed_to_anything_at_first(register: Register) -> None:
    for one in register().get("/compliance/consents").get_json()["items"]:
        assert one == {
            "kind": one["kind"],
            "current_version": VERSIONS[ConsentKind(one["kind"])],
            "given": False,
            "given_version": None,
            "given_at": None,
            "withdrawn_at": None,
            "up_to_date": False,
        }


@pytest.mark.parametrize("kind", list(ConsentKind))
def test_agreeing_taking_back_and_agreeing_again(register: Register, kind: ConsentKind) -> None:
    ada = register()
    given = ada.agree(kind).get_json()
    assert given == standing(ada, kind)
    assert (given["given"], given["up_to_date"], given["given_version"]) == (True, True, VERSIONS[kind])
    assert given["given_at"] is not None
    back = decide(ada, kind, given=False).get_json()
    assert (back["given"], back["up_to_date"], back["given_version"]) == (False, False, VERSIONS[kind])
    assert back["withdrawn_at"] >= back["given_at"]
    again = ada.agree(kind).get_json()
    assert (again["given"], again["withdrawn_at"]) == (True, None)


def test_repeating_a_decision_records_nothing_new(register: Register, services: svcs.Container) -> None:
    ada = register()
    for _ in range(3):
        ada.agree()
    for _ in range(3):
        assert decide(ada, DIET, given=False).status_code == 200
    decisions = list(services.get(ConsentService).history_of(ObjectId(ada.id)))
    assert [one["given"] for one in decisions] == [True, False]
    assert {one["text_sha256"] for one in decisions} == {CURRENT_TEXTS[DIET].digest}


def test_a_long_history_is_not_read(register: Register, services: svcs.Container) -> None:
    ada, consents = register(), services.get(MongoDatabase)["consents"]
    ada.agree("terms")
    one = consents.find_one({"user": ObjectId(ada.id)}, {"_id": 0})
    decisions = [{**one, "number": number, "given": number % 2 == 1} for number in range(2, 2001)]
    consents.insert_many(decisions)
    assert standing(ada, "terms")["withdrawn_at"] is not None
    for wanted in ({}, {"given": True}):
        found = consents.find({"user": ObjectId(ada.id), "kind": "terms", **wanted})
        stats = found.sort("number", -1).limit(1).explain()["executionStats"]
        assert stats["totalDocsExamined"] <= 2


def test_nobody_decides_all_day_long(register: Register) -> None:
    ada = register()
    answers = [decide(ada, "terms", given=False).status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]
    assert register().agree("terms").status_code == 200


def test_to_old_words_nobody_can_agree(register: Register) -> None:
    ada = register()
    refused = decide(ada, "terms", given=True, version=OLD)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "consent_outdated")
    assert VERSIONS[ConsentKind.TERMS] in refused.get_json()["detail"]
    assert not standing(ada, "terms")["given"]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "cookies", "given": True, "version": OLD},
        {"kind": "terms", "given": True},
        {"kind": "terms", "given": True, "version": "newest"},
        {"kind": "terms", "given": "yes", "version": OLD},
        {"kind": "terms", "version": OLD},
    ],
)
def test_what_is_no_decision_is_refused(register: Register, body: dict[str, Any]) -> None:
    assert register().put("/compliance/consents", body).status_code == 422


class TestComingIn:
    def test_what_one_accepts_is_recorded(self, client: FlaskClient, services: svcs.Container) -> None:
        email = f"{secrets.token_hex(8)}@example.com"
        body = {"email": email, "password": secrets.token_hex(8), "display_name": "Ada", "accepted": ACCEPTED}
        for _ in range(2):  # the second time it is a log-in, and no new decision
            user = client.post("/api/v1/auth/register", json=body).get_json()["user"]
            decisions = list(services.get(ConsentService).history_of(ObjectId(user["id"])))
            assert {(one["kind"], one["given"]) for one in decisions} == {("terms", True), ("privacy", True)}
            assert len(decisions) == 2

    def test_guests_too_and_again_when_they_stay(self, client: FlaskClient) -> None:
        answer = client.post(
            "/api/v1/auth/guest",
            json={"display_name": "Gil", "accepted": {"terms": VERSIONS[ConsentKind.TERMS]}},
        ).get_json()
        guest = Account(answer["user"]["id"], "", "", answer, client)
        assert standing(guest, "terms")["given"]
        assert not standing(guest, "privacy")["given"]
        claim = {
            "email": f"{secrets.token_hex(8)}@example.com",
            "password": secrets.token_hex(8),
            "accepted": ACCEPTED,
        }
        user = Account(guest.id, "", "", guest.post("/auth/claim", claim).get_json(), client)
        assert standing(user, "privacy")["given"]

    def test_with_old_words_nobody_gets_in(self, client: FlaskClient, services: svcs.Container) -> None:
        email = f"{secrets.token_hex(8)}@example.com"
        body = {
            "email": email,
            "password": secrets.token_hex(8),
            "display_name": "Ada",
            "accepted": {"terms": OLD},
        }
        refused = client.post("/api/v1/auth/register", json=body)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "consent_outdated")
        assert services.get(MongoDatabase).users.find_one({"email": email}) is None


class TestDiet:
    @pytest.mark.parametrize("needs", [{"dietary": ["vegan"]}, {"allergies": ["nuts"]}])
    def test_without_consent_it_is_not_kept(
        self, register: Register, services: svcs.Container, needs: dict[str, Any]
    ) -> None:
        ada = register()
        assert ada.put("/users/me/preferences", {"max_price": 2}).status_code == 200
        before = kept(services, ada)
        refused = ada.put("/users/me/preferences", {"max_price": 3, **needs})
        assert (refused.status_code, refused.get_json()["code"]) == (409, "consent_needed")
        assert VERSIONS[DIET] in refused.get_json()["detail"]
        assert kept(services, ada) == before

    def test_other_consents_do_not_do(self, register: Register) -> None:
        ada = register()
        ada.agree("terms")
        ada.agree("privacy")
        assert ada.put("/users/me/preferences", {"allergies": ["nuts"]}).status_code == 409

    def test_a_consent_to_older_words_does_not_do(self, register: Register, services: svcs.Container) -> None:
        ada = register()
        ada.agree()
        mine = {"user": ObjectId(ada.id)}
        services.get(MongoDatabase).consents.update_one(mine, {"$set": {"version": OLD}})
        services.get(MongoDatabase).users.update_one(
            {"_id": ObjectId(ada.id)}, {"$set": {"diet_consent.version": OLD}}
        )
        now = standing(ada, DIET)
        assert (now["given"], now["given_version"], now["up_to_date"]) == (True, OLD, False)
        assert ada.put("/users/me/preferences", {"allergies": ["nuts"]}).status_code == 409
        assert ada.eats(allergies=["nuts"]).status_code == 200

    def test_taking_the_consent_back_deletes_it_and_nothing_else(
        self, register: Register, services: svcs.Container
    ) -> None:
        ada = register()
        ada.eats(dietary=["vegan"], allergies=["nuts"], max_price=2, liked_cuisines=["thai"])
        assert decide(ada, DIET, given=False).status_code == 200
        left = ada.get("/users/me/preferences").get_json()
        assert (left["dietary"], left["allergies"]) == ([], [])
        assert (left["max_price"], left["liked_cuisines"]) == (2, ["thai"])
        assert "sealed" not in kept(services, ada)["preferences"]
        assert ada.put("/users/me/preferences", {"allergies": ["nuts"]}).status_code == 409
        assert ada.agree().status_code == 200
        assert ada.get("/users/me/preferences").get_json()["allergies"] == []  # it does not come back

    def test_also_what_was_kept_before_anybody_asked(
        self, register: Register, services: svcs.Container
    ) -> None:
        ada = register()
        plain = {"preferences": {"dietary": ["vegan"], "allergies": [], "max_price": 2}}
        services.get(MongoDatabase).users.update_one({"_id": ObjectId(ada.id)}, {"$set": plain})
        assert ada.get("/users/me/preferences").get_json()["dietary"] == ["vegan"]
        decide(ada, DIET, given=False)
        assert kept(services, ada)["preferences"] == {"max_price": 2}

    def test_a_tag_read_before_does_not_bring_it_back(self, register: Register) -> None:
        ada = register()
        tag = ada.eats(dietary=["vegan"], max_price=1).headers["ETag"]
        decide(ada, DIET, given=False)
        ada.agree()
        stale = ada.http.put(
            "/api/v1/users/me/preferences",
            json={"dietary": ["vegan"]},
            headers={**ada.headers, "If-Match": tag},
        )
        assert stale.status_code == 412


class TestAtTheSameMoment:
    def run(self, *actions: Callable[[], Any]) -> None:
        barrier, failed = threading.Barrier(len(actions)), []

        def act(action: Callable[[], Any]) -> None:
            barrier.wait()
            try:
                action()
            except Exception as problem:  # noqa: BLE001  # told below
                failed.append(problem)

        threads = [threading.Thread(target=act, args=(action,)) for action in actions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not failed

    def test_whoever_takes_the_consent_back_wins_over_whoever_saves(
        self, register: Register, services: svcs.Container
    ) -> None:
        outcomes = set()
        for _ in range(25):
            ada = register()
            ada.eats(allergies=["milk"])
            statuses: list[int] = []

            def save(ada: Account = ada, statuses: list[int] = statuses) -> None:
                for _ in range(4):
                    answer = ada.put("/users/me/preferences", {"allergies": ["nuts"]})
                    statuses.append(answer.status_code)

            self.run(save, save, lambda ada=ada: decide(ada, DIET, given=False))
            outcomes |= set(statuses)
            assert "sealed" not in kept(services, ada).get("preferences", {})
            assert not standing(ada, DIET)["given"]
        assert outcomes <= {200, 409}
        assert len(outcomes) == 2  # they did meet

    def test_of_giving_and_taking_back_the_last_decision_holds_everywhere(
        self, register: Register, services: svcs.Container
    ) -> None:
        consents, database = services.get(ConsentService, MongoDatabase)
        for _ in range(15):
            ada = register()
            me = ObjectId(ada.id)
            give = partial(consents.give, me, DIET, VERSIONS[DIET])
            take = partial(consents.withdraw, me, DIET)
            self.run(give, take, give, take)
            last = database.consents.find_one({"user": me}, sort=[("number", -1)])
            marked = database.users.find_one({"_id": me})["diet_consent"].get("version")
            assert (marked is not None) == last["given"]
            assert standing(ada, DIET)["given"] == last["given"]


class TestExactlyInBetween:
    """What threads meet only by luck."""

    def test_taken_back_between_looking_and_saving(
        self, register: Register, services: svcs.Container
    ) -> None:
        ada, consents = register(), services.get(ConsentService)
        ada.eats(allergies=["milk"])
        me = ObjectId(ada.id)

        class TakenBack(UserKeys):
            def for_sealing(self, user_id: ObjectId) -> bytes:
                consents.withdraw(user_id, DIET)
                return super().for_sealing(user_id)

        saving = PreferenceService(TakenBack(services.get(KeyRing)), services.get(Cache))
        with pytest.raises(Conflict) as refused:
            saving.replace(me, Preferences(allergies=("nuts",)))
        assert refused.value.code == "consent_needed"
        assert "sealed" not in kept(services, ada)["preferences"]

    def test_taken_back_between_recording_and_marking(
        self, register: Register, services: svcs.Container
    ) -> None:
        ada, consents = register(), services.get(ConsentService)
        me = ObjectId(ada.id)

        class Slow(ConsentService):
            def _add(self, *decision: Any, given: bool) -> int:
                number = super()._add(*decision, given=given)
                consents.withdraw(me, DIET)
                return number

        given = Slow(services.get_abstract(Clock)).give(me, DIET, VERSIONS[DIET])
        assert not given.given
        assert "version" not in kept(services, ada)["diet_consent"]
        assert ada.put("/users/me/preferences", {"allergies": ["nuts"]}).status_code == 409

    def test_agreed_and_saved_between_deleting_and_recording(
        self, register: Register, services: svcs.Container
    ) -> None:
        ada = register()
        ada.eats(allergies=["milk"])
        me = ObjectId(ada.id)

        class Slow(ConsentService):
            def _add(self, *decision: Any, given: bool) -> int:
                assert ada.eats(allergies=["nuts"]).status_code == 200
                return super()._add(*decision, given=given)

        Slow(services.get_abstract(Clock)).withdraw(me, DIET)
        assert "sealed" not in kept(services, ada)["preferences"]
        assert not standing(ada, DIET)["given"]


def test_a_withdrawal_broken_off_half_way_has_deleted_and_can_be_repeated(
    register: Register, services: svcs.Container
) -> None:
    ada = register()
    ada.eats(allergies=["nuts"])
    # As it is when the process dies after the first of its steps.
    services.get(MongoDatabase).users.update_one(
        {"_id": ObjectId(ada.id)}, {"$unset": {"diet_consent.version": "", "preferences.sealed": ""}}
    )
    assert not standing(ada, DIET)["given"]
    assert decide(ada, DIET, given=False).get_json()["withdrawn_at"] is not None
    assert ada.eats(allergies=["nuts"]).status_code == 200


def test_decisions_are_told_in_their_order_with_their_time(register: Register) -> None:
    clock = SetClock()
    consents, me = ConsentService(clock), ObjectId(register().id)
    consents.give(me, DIET, VERSIONS[DIET])
    clock.advance(hours=1)
    consents.withdraw(me, DIET)
    told = list(consents.history_of(me))
    assert [(one["kind"], one["given"], one["version"]) for one in told] == [
        ("special_category", True, VERSIONS[DIET]),
        ("special_category", False, VERSIONS[DIET]),
    ]
    assert told[0]["at"] < told[1]["at"]
    assert consents.forget(me) == 2
    assert list(consents.history_of(me)) == []
