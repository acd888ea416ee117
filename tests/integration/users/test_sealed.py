"""Diet and allergies at rest: sealed with a key of each user's own, on a real MongoDB, looked at raw (P6)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import bson
import pytest
import svcs
from bson import ObjectId
from structlog.testing import capture_logs

from backend.catalog.diet import ALLERGENS, DIETARY_TAGS
from backend.infra.cache import Cache
from backend.infra.keys import KeyRing, Unreadable
from backend.infra.mongo import MongoDatabase
from backend.key_format import new_key
from backend.users.closing import Closing
from backend.users.data_keys import Locked, UserKeys
from backend.users.preferences import Preferences, PreferenceService, Settled
from tests.conftest import Account
from tests.waiting import eventually

pytestmark = [pytest.mark.compliance, pytest.mark.security]

Register = Callable[..., Account]
NEEDS: dict[str, Any] = {"dietary": ["vegan", "kosher"], "allergies": ["lupin", "molluscs"]}


@pytest.fixture
def database(services: svcs.Container) -> MongoDatabase:
    return services.get(MongoDatabase)


@pytest.fixture
def preferences(services: svcs.Container) -> PreferenceService:
    return services.get(PreferenceService)


@pytest.fixture
def ada(register: Register) -> Account:
    ada = register("Ada")
    assert ada.eats(**NEEDS, max_price=2).status_code == 200
    return ada


def mine(account: Account) -> dict[str, Any]:
    return {"_id": ObjectId(account.id)}


def test_nothing_of_it_lies_in_plain(ada: Account, database: MongoDatabase) -> None:
    sealed = database.users.find_one(mine(ada))["preferences"]["sealed"]
    assert set(sealed) == {"dietary", "allergies"}
    me = ObjectId(ada.id)
    everything = [
        record
        for name in database.list_collection_names()
        for record in database[name].find({"$or": [{"_id": me}, {"user": me}, {"user_id": me}]})
    ]
    assert {"key_name", "preferences", "digest"} <= {field for record in everything for field in record}
    raw = b"".join(bson.encode(record) for record in everything)
    for word in (*NEEDS["dietary"], *NEEDS["allergies"]):
        assert word.encode() not in raw
    assert ada.get("/users/me/preferences").get_json()["allergies"] == NEEDS["allergies"]


def test_what_is_sealed_does_not_tell_how_much_it_is(
    ada: Account, register: Register, database: MongoDatabase
) -> None:
    bo = register("Bo")
    bo.eats(dietary=list(DIETARY_TAGS), allergies=[])
    cy = register("Cy")
    cy.eats(allergies=list(ALLERGENS))
    lengths = {
        len(value)
        for one in (ada, bo, cy)
        for value in database.users.find_one(mine(one))["preferences"]["sealed"].values()
    }
    assert len(lengths) == 1


def test_who_has_nothing_to_seal_has_no_key(register: Register, database: MongoDatabase) -> None:
    bo = register("Bo")
    bo.put("/users/me/preferences", {"max_price": 2})
    assert database.user_keys.find_one(mine(bo)) is None
    bo.eats(dietary=["vegan"])
    assert database.user_keys.find_one(mine(bo))["key_name"] == "k1"
    bo.put("/users/me/preferences", {"max_price": 2})
    assert database.users.find_one(mine(bo))["preferences"].keys() == {
        "liked_cuisines", "disliked_cuisines", "max_price"
    }  # fmt: skip


@pytest.mark.parametrize("moved", ["from somebody else", "to another field", "changed"])
def test_what_was_tampered_with_stops_decks_instead_of_hurting_somebody(
    ada: Account, register: Register, database: MongoDatabase, moved: str
) -> None:
    bo = register("Bo")
    bo.eats(dietary=["vegan"])
    theirs = database.users.find_one(mine(bo))["preferences"]["sealed"]
    own = database.users.find_one(mine(ada))["preferences"]["sealed"]
    wrong = {
        "from somebody else": {**own, "dietary": theirs["dietary"]},
        "to another field": {"dietary": own["allergies"], "allergies": own["dietary"]},
        "changed": {**own, "allergies": own["allergies"][:-1] + bytes([own["allergies"][-1] ^ 1])},
    }[moved]
    database.users.update_one(mine(ada), {"$set": {"preferences.sealed": wrong}})
    refused = ada.get("/users/me/preferences")
    assert (refused.status_code, refused.get_json()["code"]) == (503, "data_locked")
    session = ada.post("/sessions", {"menu": "both"}).get_json()
    bo.post("/sessions/join", {"code": session["code"]})
    for one in (ada, bo):
        one.post(f"/sessions/{session['id']}/ready", {"ready": True})
    assert ada.post(f"/sessions/{session['id']}/start").status_code == 503
    assert ada.eats(**NEEDS).status_code == 200  # saving it anew mends it
    assert ada.post(f"/sessions/{session['id']}/start").status_code == 200


def test_a_countdown_stops_where_needs_cannot_be_read(
    ada: Account, register: Register, database: MongoDatabase
) -> None:
    bo = register("Bo")
    session = ada.post("/sessions", {"menu": "both"}).get_json()
    bo.post("/sessions/join", {"code": session["code"]})
    database.user_keys.update_one(mine(ada), {"$set": {"key_name": "lost"}})
    for one in (ada, bo):
        one.post(f"/sessions/{session['id']}/ready", {"ready": True})

    def lobby() -> dict[str, Any]:
        return bo.get(f"/sessions/{session['id']}").get_json()

    eventually(lambda: not any(person["ready"] for person in lobby()["participants"]), seconds=15)
    assert lobby()["status"] == "lobby"


def test_a_key_that_is_gone_stops_decks_instead_of_hurting_somebody(
    ada: Account, services: svcs.Container, preferences: PreferenceService
) -> None:
    me = ObjectId(ada.id)
    assert services.get(UserKeys).destroy(me)
    assert not services.get(UserKeys).destroy(me)
    uses: list[Callable[[], object]] = [
        lambda: preferences.of(me),
        lambda: preferences.at_table([me], me),
        lambda: preferences.edible_for(me, []),
    ]
    for use in uses:
        with capture_logs() as logged, pytest.raises(Locked):
            use()
        assert [(line["event"], line["log_level"]) for line in logged] == [("user_key_gone", "error")]
    refused = ada.get("/users/me/preferences")
    assert (refused.status_code, refused.get_json()["code"]) == (503, "data_locked")
    assert ada.eats(**NEEDS).get_json()["allergies"] == NEEDS["allergies"]  # saving it anew mends it


def test_of_an_account_that_is_being_erased_nothing_is_left_without_its_key(
    ada: Account, services: svcs.Container, preferences: PreferenceService
) -> None:
    me = ObjectId(ada.id)
    services.get(Closing).close(me)
    services.get(UserKeys).destroy(me)
    assert preferences.of(me) == Preferences(max_price=2)
    assert preferences.at_table([me], me).allergies == frozenset()


class TestMissingRingKey:
    @pytest.fixture
    def elsewhere(self) -> UserKeys:
        """The keys of a process whose DATA_KEYS lacks the one in use."""
        return UserKeys(KeyRing.read(new_key("k2")))

    def test_nothing_is_taken_for_empty(
        self, ada: Account, elsewhere: UserKeys, services: svcs.Container
    ) -> None:
        service, me = PreferenceService(elsewhere, services.get(Cache)), ObjectId(ada.id)
        uses: list[Callable[[], object]] = [
            lambda: service.of(me),
            lambda: service.at_table([me], me),
            lambda: service.edible_for(me, []),
            lambda: service.replace(me, Preferences(dietary=("vegan",))),
        ]
        for use in uses:
            with capture_logs() as logged, pytest.raises(Locked):
                use()
            assert [(line["event"], line["key_name"]) for line in logged] == [("user_key_locked", "k1")]
        assert ada.get("/users/me/preferences").get_json()["allergies"] == NEEDS["allergies"]

    def test_the_log_says_so_at_the_start(self, ada: Account, elsewhere: UserKeys) -> None:  # noqa: ARG002  # has a key
        with capture_logs() as logged:
            elsewhere.warn_of_missing()
        [line] = [line for line in logged if line["key_name"] == "k1"]
        assert (line["event"], line["log_level"]) == ("ring_key_missing", "error")
        assert line["users"] >= 1

    def test_rotating_leaves_such_keys_alone(
        self, ada: Account, elsewhere: UserKeys, database: MongoDatabase
    ) -> None:
        before = database.user_keys.find_one(mine(ada))
        assert elsewhere.rotate(batch=2).unreadable["k1"] >= 1
        assert database.user_keys.find_one(mine(ada)) == before


def test_of_many_who_seal_first_at_once_all_get_one_key(services: svcs.Container) -> None:
    keys, me, got = services.get(UserKeys), ObjectId(), []
    barrier = threading.Barrier(8)

    def first() -> None:
        barrier.wait()
        got.append(keys.for_sealing(me))

    threads = [threading.Thread(target=first) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(got) == 8
    assert set(got) == {keys.of([me])[me]}


def test_people_at_a_table_are_told_apart_by_nobody(
    ada: Account, register: Register, preferences: PreferenceService
) -> None:
    bo, cy = register("Bo"), register("Cy")
    bo.eats(dietary=["halal"], liked_cuisines=["thai"], home_location={"lat": 33.7, "lon": -84.4})
    cy.put("/users/me/preferences", {"max_price": 3, "disliked_cuisines": ["thai"]})
    people = [ObjectId(one.id) for one in (ada, bo, cy)]
    table = preferences.at_table([*people, ObjectId()], people[1])
    assert table.dietary == {"vegan", "kosher", "halal"}
    assert table.allergies == {"lupin", "molluscs"}
    assert (table.liked_cuisines, table.disliked_cuisines) == ({"thai"}, {"thai"})
    assert (table.max_price, table.near) == (2, (33.7, -84.4))
    assert preferences.at_table(people, people[0]).near is None


class TestPlainOfBefore:
    """Databases of before hold diet and allergies in plain, or without anybody having been asked."""

    @pytest.fixture
    def bo(self, register: Register, database: MongoDatabase) -> Account:
        bo = register("Bo")
        plain = {"dietary": ["vegan"], "allergies": ["lupin"], "liked_cuisines": ["thai"], "max_price": 2}
        database.users.update_one(mine(bo), {"$set": {"preferences": plain}})
        return bo

    def test_it_is_heeded_and_then_sealed(
        self, bo: Account, preferences: PreferenceService, database: MongoDatabase
    ) -> None:
        assert bo.agree().status_code == 200
        before = bo.get("/users/me/preferences").get_json()
        assert before["allergies"] == ["lupin"]
        assert preferences.settle_diets() == Settled(deleted=0, sealed=1)
        assert b"lupin" not in bson.encode(database.users.find_one(mine(bo)))
        assert bo.get("/users/me/preferences").get_json() == before
        assert preferences.settle_diets() == Settled(deleted=0, sealed=0)

    @pytest.mark.parametrize("how", ["in plain", "sealed", "taken back"])
    def test_without_a_consent_it_goes(
        self, how: str, bo: Account, preferences: PreferenceService, database: MongoDatabase
    ) -> None:
        if how == "sealed":  # as versions between did, without having asked
            bo.eats(**NEEDS, liked_cuisines=["thai"], max_price=2)
            database.users.update_one(mine(bo), {"$unset": {"diet_consent": ""}})
        if how == "taken back":
            database.users.update_one(mine(bo), {"$set": {"diet_consent": {"number": 2}}})
        with capture_logs() as logged:
            assert preferences.settle_diets() == Settled(deleted=1, sealed=0)
        assert [(line["event"], line["deleted"]) for line in logged] == [("diets_settled", 1)]
        assert database.users.find_one(mine(bo))["preferences"] == {
            "liked_cuisines": ["thai"], "max_price": 2, **({"disliked_cuisines": []} if how == "sealed" else {})
        }  # fmt: skip
        assert bo.get("/users/me/preferences").get_json()["allergies"] == []
        assert preferences.settle_diets() == Settled(deleted=0, sealed=0)

    def test_empty_lists_go(
        self, bo: Account, preferences: PreferenceService, database: MongoDatabase
    ) -> None:
        empty = {"dietary": [], "allergies": [], "max_price": 2}
        database.users.update_one(mine(bo), {"$set": {"preferences": empty}})
        assert bo.agree().status_code == 200
        assert preferences.settle_diets() == Settled(deleted=0, sealed=1)
        assert "sealed" not in database.users.find_one(mine(bo))["preferences"]


class TestRotating:
    """With a ring of its own; keys that other tests left are wrapped by another, which this one does not have."""

    OLD, NEW = new_key("old"), new_key("new")

    @pytest.fixture
    def people(self, database: MongoDatabase) -> list[ObjectId]:
        database.user_keys.delete_many({"key_name": {"$in": ["old", "new"]}})
        return [ObjectId() for _ in range(25)]

    def test_all_keys_are_wrapped_again_and_stay_the_same(self, people: list[ObjectId]) -> None:
        before = UserKeys(KeyRing.read(self.OLD))
        known = {person: before.for_sealing(person) for person in people}
        both = UserKeys(KeyRing.read(f"{self.NEW},{self.OLD}"))
        done = both.rotate(batch=10)
        assert (done.rewrapped, done.in_use["new"], "old" in done.in_use) == (25, 25, False)
        assert "old" not in done.unreadable
        after = UserKeys(KeyRing.read(self.NEW))
        assert after.of(people) == known
        assert both.rotate().rewrapped == 0

    def test_the_api_goes_on_meanwhile(self, people: list[ObjectId]) -> None:
        old = UserKeys(KeyRing.read(f"{self.OLD},{self.NEW}"))
        new = UserKeys(KeyRing.read(f"{self.NEW},{self.OLD}"))
        known = {person: old.for_sealing(person) for person in people}
        stop, problems, fresh = threading.Event(), [], []

        def work() -> None:
            while not stop.is_set():
                problems.extend("a key is another one" for keys in (old, new) if keys.of(people) != known)
                person = ObjectId()
                fresh.append((person, old.for_sealing(person)))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        two = [threading.Thread(target=lambda: new.rotate(batch=3)) for _ in range(2)]
        for thread in two:
            thread.start()
        for thread in two:
            thread.join(30)
        stop.set()
        for thread in threads:
            thread.join(30)
        assert problems == []
        new.rotate()
        assert "old" not in new.in_use()
        assert new.of([person for person, _ in fresh]) == dict(fresh)

    def test_a_key_destroyed_meanwhile_stays_so(
        self, people: list[ObjectId], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old = UserKeys(KeyRing.read(self.OLD))
        for person in people:
            old.for_sealing(person)
        ring = KeyRing.read(f"{self.NEW},{self.OLD}")
        new, rewrap = UserKeys(ring), ring.rewrap

        def destroyed_meanwhile(wrapped: Any, owner: str) -> Any:
            if owner == str(people[3]):
                new.destroy(people[3])
            return rewrap(wrapped, owner)

        monkeypatch.setattr(ring, "rewrap", destroyed_meanwhile)
        assert new.rotate().rewrapped == 24
        assert new.of([people[3]]) == {}

    def test_the_wrapped_key_of_somebody_else_opens_nothing(
        self, people: list[ObjectId], database: MongoDatabase
    ) -> None:
        keys = UserKeys(KeyRing.read(self.OLD))
        for person in people[:2]:
            keys.for_sealing(person)
        stolen = database.user_keys.find_one({"_id": people[0]})["sealed"]
        database.user_keys.update_one({"_id": people[1]}, {"$set": {"sealed": stolen}})
        with pytest.raises(Locked) as locked:
            keys.of([people[1]])
        assert isinstance(locked.value.__cause__, Unreadable)
