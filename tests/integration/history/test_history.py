"""One's own history over HTTP: what sessions decided, rated for oneself, notes sealed (docs/product.md M4, P6)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import svcs
from bson import ObjectId
from flask_openapi3 import OpenAPI

from backend.config import Settings
from backend.history.notes import Notes, NotesLocked
from backend.history.service import HistoryService
from backend.infra.keys import KeyRing
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Valkey
from backend.users.data_keys import UserKeys
from tests.conftest import Account
from tests.decided import Decided, decide
from tests.integration.groups.acting import founded, joined
from tests.raw_search import Words, find_everywhere

Register = Callable[..., Account]
Evening = tuple[Account, Account, Decided]
HISTORY = "/users/me/history"
NOTE = "Too much chilli for Unmistakable Aunt Zsófia"


@pytest.fixture
def evening(register: Register) -> Evening:
    """Ada and Bo have decided on something."""
    ada, bo = register("Ada"), register("Bo")
    return ada, bo, decide(ada, bo)


def rate(account: Account, session_id: str, rating: Any = None, note: Any = None) -> Any:
    return account.put(f"{HISTORY}/{session_id}", {"rating": rating, "note": note})


def entries(account: Account) -> list[dict[str, Any]]:
    return account.get(HISTORY).get_json()["items"]


def test_what_was_decided_who_was_there_and_it_still_opens(evening: Evening) -> None:
    ada, bo, decided = evening
    (entry,) = entries(ada)
    assert (entry["id"], entry["status"], entry["host_name"]) == (decided.session_id, "matched", "Ada")
    assert entry["participants"] == ["Ada", "Bo"]
    assert (entry["group"], entry["rating"], entry["note"]) == (None, None, None)
    (card,) = entry["outcome"]["items"]
    assert card["id"] == decided.card
    assert ada.get(f"/{card['kind']}s/{card['id']}").status_code == 200
    assert ada.get(f"/sessions/{entry['id']}").status_code == 200
    assert entries(bo) == [entry]


def test_newest_first_in_pages_and_only_what_was_decided(evening: Evening) -> None:
    ada, bo, first = evening
    second = decide(bo, ada)
    abandoned = ada.post("/sessions", {"menu": "both"}).get_json()
    ada.post(f"/sessions/{abandoned['id']}/leave")
    assert [entry["id"] for entry in entries(ada)] == [second.session_id, first.session_id]
    answer = ada.get(f"{HISTORY}?limit=1")
    assert (answer.get_json()["total"], answer.get_json()["has_more"]) == (2, True)
    assert any('rel="next"' in link for link in answer.headers.getlist("Link"))
    last = ada.get(f"{HISTORY}?limit=1&page=2").get_json()
    assert [entry["id"] for entry in last["items"]] == [first.session_id]


def test_the_group_is_named_to_those_who_are_in_it(register: Register) -> None:
    ada, bo = register("Ada"), register("Bo")
    group = joined(bo, founded(ada, "The Flat"))
    decide(ada, bo, group_id=group["id"])
    for one in (ada, bo):
        assert entries(one)[0]["group"] == {"id": group["id"], "name": "The Flat"}
    bo.post(f"/groups/{group['id']}/leave")
    assert entries(bo)[0]["group"] is None
    assert entries(ada)[0]["group"] == {"id": group["id"], "name": "The Flat"}


class TestRating:
    """Both are one's own."""

    def test_the_last_word_counts_and_can_be_taken_back(
        self, evening: Evening, services: svcs.Container
    ) -> None:
        ada, _, decided = evening
        for rating, note in ((3, NOTE), (5, "Line one\nline two 🌶️"), (None, NOTE), (1, None), (None, None)):
            answer = rate(ada, decided.session_id, rating, note)
            assert answer.status_code == 200, answer.text
            assert answer.get_json() == entries(ada)[0]
            assert (answer.get_json()["rating"], answer.get_json()["note"]) == (rating, note)
        kept = services.get(MongoDatabase)["ratings"].count_documents({"user_id": ObjectId(ada.id)})
        assert kept == 0

    @pytest.mark.security
    def test_nobody_else_sees_either(self, evening: Evening, register: Register) -> None:
        ada, bo, decided = evening
        rate(ada, decided.session_id, 5, NOTE)
        assert (entries(bo)[0]["rating"], entries(bo)[0]["note"]) == (None, None)
        rate(bo, decided.session_id, 1, "Mine")
        assert (entries(ada)[0]["rating"], entries(ada)[0]["note"]) == (5, NOTE)
        for path in (f"/sessions/{decided.session_id}", "/sessions", HISTORY):
            assert "Zs" not in bo.get(path).text
        cy = register("Cy")
        refused = rate(cy, decided.session_id, 5)
        assert (refused.status_code, refused.get_json()["code"]) == (404, "session_not_found")
        assert rate(cy, "0" * 24, 5).get_json()["code"] == "session_not_found"

    def test_what_is_not_decided_cannot_be_rated(self, register: Register) -> None:
        ada = register("Ada")
        session = ada.post("/sessions", {"menu": "both"}).get_json()
        refused = rate(ada, session["id"], 5)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "no_outcome")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "rating"),
            ({"rating": 5}, "note"),
            ({"rating": 0, "note": None}, "rating"),
            ({"rating": 6, "note": None}, "rating"),
            ({"rating": 4.5, "note": None}, "rating"),
            ({"rating": "5", "note": None}, "rating"),
            ({"rating": True, "note": None}, "rating"),
            ({"rating": None, "note": ""}, "note"),
            ({"rating": None, "note": "x" * 501}, "note"),
            ({"rating": None, "note": "a\u202eb"}, "note"),
            ({"rating": None, "note": {"$ne": None}}, "note"),
            ({"rating": None, "note": None, "user_id": "0" * 24}, "user_id"),
        ],
    )
    def test_what_is_no_rating(self, evening: Evening, body: dict, field: str) -> None:
        ada, _, decided = evening
        refused = ada.put(f"{HISTORY}/{decided.session_id}", body)
        assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_input")
        assert field in {error["field"] for error in refused.get_json()["errors"]}

    def test_whoever_rates_twice_at_once_has_rated_once(
        self, evening: Evening, app: OpenAPI, services: svcs.Container
    ) -> None:
        ada, _, decided = evening

        def say(rating: int) -> int:
            body = {"rating": rating, "note": f"Note {rating}"}
            path = f"/api/v1{HISTORY}/{decided.session_id}"
            return app.test_client().put(path, headers=ada.headers, json=body).status_code

        with ThreadPoolExecutor(5) as pool:
            assert set(pool.map(say, range(1, 6))) == {200}
        mine = {"user_id": ObjectId(ada.id)}
        assert services.get(MongoDatabase)["ratings"].count_documents(mine) == 1
        (entry,) = entries(ada)
        assert entry["note"] == f"Note {entry['rating']}"


@pytest.mark.compliance
@pytest.mark.security
class TestSealed:
    """The words of a note are nowhere in plain."""

    def test_nothing_of_a_note_lies_in_plain(
        self, evening: Evening, services: svcs.Container, settings: Settings
    ) -> None:
        ada, _, decided = evening
        rate(ada, decided.session_id, 2, NOTE)
        words = Words(texts=[NOTE, "Unmistakable", "Zsófia"])
        valkey, database = services.get(Valkey), services.get(MongoDatabase)
        assert find_everywhere(words, database, valkey, [settings.data_dir]) == []
        assert entries(ada)[0]["note"] == NOTE

    def test_its_length_tells_little_and_the_same_words_are_not_the_same_twice(
        self, evening: Evening, services: svcs.Container
    ) -> None:
        ada, bo, decided = evening
        sealed = []
        for one, note in ((ada, "No"), (bo, NOTE), (ada, "No")):
            rate(one, decided.session_id, None, note)
            mine = {"user_id": ObjectId(one.id)}
            sealed.append(bytes(services.get(MongoDatabase)["ratings"].find_one(mine)["note"]))
        assert len({len(one) for one in sealed}) == 1
        assert len(set(sealed)) == 3

    def test_it_opens_for_its_author_and_its_session_alone(
        self, evening: Evening, services: svcs.Container
    ) -> None:
        ada, bo, decided = evening
        second = decide(ada, bo)
        for one in (ada, bo):
            rate(one, decided.session_id, 3, f"{one.id} says")
        ratings = services.get(MongoDatabase)["ratings"]
        theirs = ratings.find_one({"user_id": ObjectId(bo.id)})["note"]
        mine = {"user_id": ObjectId(ada.id)}
        own = ratings.find_one(mine)["note"]
        for change in ({"note": theirs}, {"session_id": ObjectId(second.session_id), "note": own}):
            ratings.update_one(mine, {"$set": change})
            refused = ada.get(HISTORY)
            assert (refused.status_code, refused.get_json()["code"]) == (503, "data_locked")
            assert "notes cannot be read" in refused.get_json()["detail"]

    def test_without_the_ring_key_nothing_is_shown_and_nothing_overwritten(
        self, evening: Evening, services: svcs.Container
    ) -> None:
        ada, _, decided = evening
        rate(ada, decided.session_id, 2, NOTE)
        me, session = ObjectId(ada.id), ObjectId(decided.session_id)
        kept = services.get(MongoDatabase)["ratings"].find_one({"user_id": me})
        elsewhere = Notes(UserKeys(KeyRing({"other": bytes(32)})))
        with pytest.raises(NotesLocked):
            elsewhere.opened(me, {session: bytes(kept["note"])})
        with pytest.raises(NotesLocked):
            elsewhere.sealed(me, session, "another")

    def test_with_the_users_key_the_note_is_gone(self, evening: Evening, services: svcs.Container) -> None:
        ada, _, decided = evening
        rate(ada, decided.session_id, 2, NOTE)
        services.get(UserKeys).destroy(ObjectId(ada.id))
        assert (entries(ada)[0]["rating"], entries(ada)[0]["note"]) == (2, None)


@pytest.mark.compliance
class TestEnding:
    """Ratings go with their author, and no later than their session."""

    def test_erasing_takes_ones_own_and_leaves_the_others(
        self, evening: Evening, services: svcs.Container
    ) -> None:
        ada, bo, decided = evening
        for one in (ada, bo):
            rate(one, decided.session_id, 4, f"Words of {one.id}")
        service, me = services.get(HistoryService), ObjectId(ada.id)
        (told,) = service.history_of(me)
        assert (told["rating"], told["note"]) == (4, f"Words of {ada.id}")
        assert {me, ObjectId(bo.id)} <= set(service.people())
        assert (service.forget(me), service.forget(me)) == (1, 0)
        sealed = services.get(MongoDatabase)["ratings"].find({"user_id": me})
        assert list(sealed) == []
        assert entries(bo)[0]["note"] == f"Words of {bo.id}"

    def test_they_are_kept_as_long_as_what_they_are_about(
        self, evening: Evening, services: svcs.Container
    ) -> None:
        ada, bo, decided = evening
        newer = decide(ada, bo)
        for session_id in (decided.session_id, newer.session_id):
            rate(ada, session_id, 4, NOTE)
        long_ago = datetime(2001, 2, 3, tzinfo=UTC)
        old = {"session_id": ObjectId(decided.session_id)}
        ratings = services.get(MongoDatabase)["ratings"]
        ratings.update_one(old, {"$set": {"decided_at": long_ago}})
        service, cutoff = services.get(HistoryService), long_ago + timedelta(days=1)
        assert service.oldest() == long_ago
        assert list(service.delete_before(cutoff, batch=10, dry_run=True)) == [1]
        assert ratings.count_documents(old) == 1
        assert list(service.delete_before(cutoff, batch=10, dry_run=False)) == [1]
        assert list(service.delete_before(cutoff, batch=10, dry_run=False)) == []
        rated = {entry["id"]: entry["rating"] for entry in entries(ada)}
        assert rated == {decided.session_id: None, newer.session_id: 4}
        assert service.oldest() != long_ago
