"""The cache on a real Valkey; two caches stand for two processes, which have nothing in common but Valkey."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from bson import ObjectId

from backend.config import Settings
from backend.infra import valkey as connections
from backend.infra.cache import CACHE_KEYS, Cache
from backend.infra.cache_forgetting import forget_everything
from backend.infra.cache_terms import CacheKind, Shelf
from backend.infra.mongo import BsonDocument
from backend.infra.valkey import Valkey

_PATIENT_SECONDS = 60  # no test here is about waiting
_CROWD = 50


MakeCache = Callable[..., Cache]


@pytest.fixture
def make_cache(settings: Settings) -> Iterator[MakeCache]:
    """Each is that of another process."""
    with ExitStack() as closing:

        def make(**changed: object) -> Cache:
            client = connections.connect_briefly(settings, _PATIENT_SECONDS)
            cache = Cache(client, settings.model_copy(update=changed))
            closing.callback(cache.close)
            return cache

        yield make


@pytest.fixture
def cache(make_cache: MakeCache) -> Cache:
    """That of one process."""
    return make_cache()


@pytest.fixture
def elsewhere(make_cache: MakeCache) -> Cache:
    """That of another."""
    return make_cache()


@pytest.fixture
def shelf() -> Shelf:
    """Nobody else's."""
    return Shelf(CacheKind.SESSIONS, str(ObjectId()))


class Truth:
    """What MongoDB would say, and how often it was asked."""

    def __init__(self, *names: str) -> None:
        self.documents: dict[str, BsonDocument] = {name: {"name": name, "version": 1} for name in names}
        self.asked: list[str] = []

    def load(self, names: Sequence[str]) -> dict[str, BsonDocument]:
        self.asked += names
        return {name: self.documents[name] for name in names if name in self.documents}

    def change(self, name: str) -> None:
        known = self.documents.get(name, {"name": name, "version": 0})
        self.documents[name] = {**known, "version": known["version"] + 1}


def keys_of(valkey: Valkey, settings: Settings, shelf: Shelf) -> list[bytes]:
    return list(
        valkey.scan_iter(
            f"{connections.literal(settings.redis_prefix + CACHE_KEYS + shelf.key)}*", count=1000
        )
    )


def entry_key(settings: Settings, shelf: Shelf, name: str) -> str:
    return f"{settings.redis_prefix}{CACHE_KEYS}{shelf.key}{name}"


def test_what_is_known_is_not_asked_for_again_in_any_process(
    cache: Cache, elsewhere: Cache, shelf: Shelf
) -> None:
    truth = Truth("a", "b")
    assert cache.many(shelf, ["a"], truth.load) == {"a": truth.documents["a"]}
    assert elsewhere.many(shelf, ["a", "b"], truth.load) == truth.documents
    assert cache.many(shelf, ["b", "a"], truth.load) == truth.documents
    assert truth.asked == ["a", "b"]


def test_what_somebody_does_with_a_document_is_not_seen_by_others(cache: Cache, shelf: Shelf) -> None:
    truth = Truth("a")
    for _ in range(2):
        found = cache.many(shelf, ["a"], truth.load)["a"]
        assert found == {"name": "a", "version": 1}
        found["version"] = 99


def test_a_change_is_seen_everywhere_at_once(cache: Cache, elsewhere: Cache, shelf: Shelf) -> None:
    truth = Truth("a")
    for version in range(1, 6):
        for process in (cache, elsewhere):
            assert process.many(shelf, ["a"], truth.load)["a"]["version"] == version
        truth.change("a")
        elsewhere.forget(shelf)


def test_who_read_before_a_change_and_writes_after_it_is_too_late(
    cache: Cache, elsewhere: Cache, shelf: Shelf, valkey: Valkey, settings: Settings
) -> None:
    truth = Truth("a")

    def slowly() -> BsonDocument:
        read_before = truth.documents["a"]
        truth.change("a")
        elsewhere.forget(shelf)
        return read_before

    assert cache.one(shelf, "a", slowly) == {"name": "a", "version": 1}
    assert keys_of(valkey, settings, shelf) == []
    for process in (elsewhere, cache):
        assert process.many(shelf, ["a"], truth.load)["a"]["version"] == 2


def test_one_that_is_too_late_does_not_disturb_what_others_have_put_there_since(
    cache: Cache, elsewhere: Cache, shelf: Shelf
) -> None:
    truth = Truth("a")

    def slowly() -> BsonDocument:
        read_before = truth.documents["a"]
        truth.change("a")
        elsewhere.forget(shelf)
        elsewhere.many(shelf, ["a"], truth.load)
        return read_before

    cache.one(shelf, "a", slowly)
    asked = len(truth.asked)
    assert cache.many(shelf, ["a"], truth.load)["a"]["version"] == 2
    assert len(truth.asked) == asked


def test_who_comes_after_a_change_does_not_wait_for_who_read_before_it(
    cache: Cache, elsewhere: Cache, shelf: Shelf
) -> None:
    truth, reading, go_on = Truth("a"), threading.Event(), threading.Event()

    def slowly() -> BsonDocument:
        read_before = truth.documents["a"]
        reading.set()
        assert go_on.wait(60)
        return read_before

    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(cache.one, shelf, "a", slowly)
        assert reading.wait(60)
        truth.change("a")
        elsewhere.forget(shelf)
        assert cache.many(shelf, ["a"], truth.load)["a"]["version"] == 2
        go_on.set()
        assert early.result(60) == {"name": "a", "version": 1}
    assert cache.many(shelf, ["a"], truth.load)["a"]["version"] == 2


def test_fifty_who_miss_the_same_at_once_are_one_load(cache: Cache, shelf: Shelf) -> None:
    truth, together = Truth("a"), threading.Barrier(_CROWD, timeout=60)

    def miss() -> dict[str, BsonDocument]:
        together.wait()
        return cache.many(shelf, ["a"], truth.load)

    with ThreadPoolExecutor(_CROWD) as pool:
        answers = [one.result(60) for one in [pool.submit(miss) for _ in range(_CROWD)]]
    assert answers == [truth.documents] * _CROWD
    assert truth.asked == ["a"]


def test_what_a_load_raises_reaches_the_caller_and_nothing_is_kept(
    cache: Cache, shelf: Shelf, valkey: Valkey, settings: Settings
) -> None:
    def fail(_names: Sequence[str]) -> dict[str, BsonDocument]:
        raise LookupError("MongoDB is away")

    with pytest.raises(LookupError):
        cache.many(shelf, ["a"], fail)
    assert [key for key in keys_of(valkey, settings, shelf) if not key.endswith(b":stamp")] == []
    assert cache.many(shelf, ["a"], Truth("a").load)


def test_that_something_does_not_exist_is_remembered_until_it_appears(cache: Cache, shelf: Shelf) -> None:
    truth = Truth("a")
    for _ in range(3):
        assert cache.many(shelf, ["a", "new"], truth.load) == {"a": truth.documents["a"]}
        assert cache.many(shelf, ["new"], truth.load) == {}
    assert truth.asked == ["a", "new"]
    truth.change("new")
    cache.forget(shelf)
    assert cache.many(shelf, ["new"], truth.load)["new"]["version"] == 1


def test_times_are_bounded_and_spread(
    make_cache: MakeCache, shelf: Shelf, valkey: Valkey, settings: Settings
) -> None:
    hour = 3_600_000
    patient = make_cache(cache_sessions_seconds=24 * 3600, cache_absent_seconds=6 * 3600)
    names = [f"n{number}" for number in range(40)]
    patient.many(shelf, [*names, "none"], Truth(*names).load)
    left = [valkey.pttl(entry_key(settings, shelf, name)) for name in names]
    assert all(18 * hour < one <= 24 * hour for one in left)
    assert max(left) - min(left) > hour
    assert 4 * hour < valkey.pttl(entry_key(settings, shelf, "none")) <= 6 * hour
    assert valkey.pttl(entry_key(settings, shelf, "stamp")) > max(left)


@pytest.mark.parametrize(
    "garbage", [b"", b"x", b"\x00" * 12, b"\x00" * 400, b"null", b"\xff\xfe cos\nsystem\n"]
)
def test_garbage_is_a_miss_and_is_replaced(
    cache: Cache, shelf: Shelf, valkey: Valkey, settings: Settings, garbage: bytes
) -> None:
    truth, key = Truth("a"), entry_key(settings, shelf, "a")
    cache.many(shelf, ["a"], truth.load)
    for broken in (garbage, (valkey.get(key) or b"")[:-1] + b"!"):
        valkey.set(key, broken)
        assert cache.many(shelf, ["a"], truth.load) == truth.documents
    assert len(truth.asked) == 3
    assert cache.many(shelf, ["a"], truth.load) == truth.documents
    assert len(truth.asked) == 3


def test_keys_of_another_type_are_no_error(
    cache: Cache, shelf: Shelf, valkey: Valkey, settings: Settings
) -> None:
    truth = Truth("a")
    valkey.lpush(entry_key(settings, shelf, "a"), "list")
    assert cache.many(shelf, ["a"], truth.load) == truth.documents
    other = Shelf(CacheKind.SESSIONS, str(ObjectId()))
    valkey.lpush(entry_key(settings, other, "stamp"), "list")
    assert cache.many(other, ["a"], truth.load) == truth.documents


def test_what_may_not_be_kept_leaves_no_key(
    cache: Cache, shelf: Shelf, valkey: Valkey, settings: Settings
) -> None:
    truth = Truth("a")
    for _ in range(2):
        assert cache.many(shelf, ["a"], truth.load, lambda _document: False) == truth.documents
        assert keys_of(valkey, settings, shelf) == []
    assert truth.asked == ["a", "a"]


def test_entries_can_be_deleted_rather_than_left_unread(
    cache: Cache, shelf: Shelf, valkey: Valkey, settings: Settings
) -> None:
    cache.many(shelf, ["a", "b"], Truth("a", "b").load)
    cache.forget(shelf, "a", "b")
    assert keys_of(valkey, settings, shelf) == []


def test_what_is_too_large_is_shown_and_not_kept(
    cache: Cache, shelf: Shelf, valkey: Valkey, settings: Settings
) -> None:
    large = {"text": "x" * (1 << 20)}
    assert cache.one(shelf, "large", lambda: large) == large
    assert not valkey.exists(entry_key(settings, shelf, "large"))


def test_switched_off_it_asks_each_time_and_others_still_hear_of_changes(
    make_cache: MakeCache, cache: Cache, shelf: Shelf
) -> None:
    truth, off = Truth("a"), make_cache(enable_cache=False)
    cache.many(shelf, ["a"], truth.load)
    for _ in range(2):
        assert off.many(shelf, ["a"], truth.load) == truth.documents
    assert len(truth.asked) == 3
    truth.change("a")
    off.forget(shelf)
    assert cache.many(shelf, ["a"], truth.load)["a"]["version"] == 2


def test_everything_can_be_forgotten_and_nothing_else_is(
    make_cache: MakeCache, valkey: Valkey, settings: Settings
) -> None:
    prefix = f"{settings.redis_prefix}own:"
    cache, truth = make_cache(redis_prefix=prefix), Truth("a")
    shelves = [Shelf(kind, owner) for kind in CacheKind for owner in ("", str(ObjectId()))]
    for shelf in shelves:
        cache.many(shelf, ["a"], truth.load)
    valkey.set(f"{prefix}other", "1", ex=600)
    forget_everything(valkey, settings.model_copy(update={"redis_prefix": prefix}))
    assert list(valkey.scan_iter(f"{prefix}*", count=1000)) == [f"{prefix}other".encode()]
    valkey.delete(f"{prefix}other")
