"""Preferences in the cache: of whoever keeps diet or allergies, nothing; of all others, nothing that has changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import svcs
from bson import ObjectId

from backend.compliance.register import forgetting
from backend.config import Settings
from backend.infra.cache import CACHE_KEYS
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Valkey, literal
from backend.users.preferences import Preferences, PreferenceService
from tests.conftest import Account
from tests.departed import Departed
from tests.raw_search import Words, find_in_valkey
from tests.waiting import eventually

pytestmark = pytest.mark.compliance

Register = Callable[..., Account]
PATH = "/users/me/preferences"


@pytest.fixture
def cached(valkey: Valkey, settings: Settings) -> Callable[[Account], list[bytes]]:
    """The keys that the cache has of somebody."""

    def cached(person: Account) -> list[bytes]:
        prefix = literal(settings.redis_prefix + CACHE_KEYS)
        return list(valkey.scan_iter(f"{prefix}*{person.id}*", count=1000))

    return cached


Cached = Callable[[Account], list[bytes]]


def test_who_keeps_no_diet_is_cached_and_sees_each_change_at_once(register: Register, cached: Cached) -> None:
    ada = register()
    for price in (1, 2, 3):
        assert ada.put(PATH, {"max_price": price, "liked_cuisines": ["thai"]}).status_code == 200
        eventually(lambda: cached(ada) == [])
        for _ in range(2):
            shown = ada.get(PATH).get_json()
            assert (shown["max_price"], shown["liked_cuisines"]) == (price, ["thai"])
        eventually(lambda: ada.get(PATH) and len(cached(ada)) == 2)


def test_of_who_keeps_diet_or_allergies_there_is_nothing_in_valkey(
    register: Register, services: svcs.Container, valkey: Valkey, cached: Cached
) -> None:
    ada = register()
    ada.put(PATH, {"max_price": 2})
    eventually(lambda: ada.get(PATH) and cached(ada))
    assert ada.eats(allergies=["nuts"], dietary=["vegan"], max_price=2).status_code == 200
    for _ in range(2):
        assert ada.get(PATH).get_json()["allergies"] == ["nuts"]
        eventually(lambda: cached(ada) == [])
    database, who = services.get(MongoDatabase), ObjectId(ada.id)
    user, key = database.users.find_one({"_id": who}), database.user_keys.find_one({"_id": who})
    pieces = {**user["preferences"]["sealed"], "key": key["sealed"]}
    sealed = Words(pieces={name: bytes(piece) for name, piece in pieces.items()})
    assert list(find_in_valkey(sealed, valkey)) == []

    withdrawn = ada.put("/compliance/consents", {"kind": "special_category", "given": False})
    assert withdrawn.status_code == 200
    assert list(find_in_valkey(sealed, valkey)) == []
    for _ in range(2):
        shown = ada.get(PATH).get_json()
        assert (shown["allergies"], shown["dietary"], shown["max_price"]) == ([], [], 2)
    assert list(find_in_valkey(sealed, valkey)) == []


def test_what_earlier_versions_kept_in_plain_is_not_cached(
    register: Register, services: svcs.Container, cached: Cached
) -> None:
    ada = register()
    plain = {"preferences": {"dietary": ["vegan"], "allergies": [], "max_price": 2}}
    services.get(MongoDatabase).users.update_one({"_id": ObjectId(ada.id)}, {"$set": plain})
    assert ada.get(PATH).get_json()["dietary"] == ["vegan"]
    eventually(lambda: cached(ada) == [])


def test_decks_are_built_from_what_mongodb_says(register: Register, services: svcs.Container) -> None:
    """Whatever the cache says: a card that hurts somebody is worse than a read."""
    ada, preferences = register(), services.get(PreferenceService)
    me = ObjectId(ada.id)
    ada.put(PATH, {"max_price": 2})
    ada.get(PATH)
    # What no process could tell the cache of: it was away.
    services.get(MongoDatabase).users.update_one({"_id": me}, {"$set": {"preferences": {"max_price": 4}}})
    assert preferences.of(me) == Preferences(max_price=4)
    assert preferences.at_table([me], me).max_price == 4


def test_being_erased_takes_it_along(register: Register, services: svcs.Container, cached: Cached) -> None:
    ada, bo = register(), register("Bo")
    for person in (ada, bo):
        person.put(PATH, {"max_price": 2})
        eventually(lambda: person.get(PATH) and len(cached(person)) == 2)  # noqa: B023  # called at once
    assert forgetting.cached_preferences(services, Departed(ObjectId(ada.id))) == 2
    assert cached(ada) == []
    assert len(cached(bo)) == 2
