"""The cache while Valkey is away, hangs, or comes back: MongoDB's answers are right, and nobody waits for long."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from backend.config import Settings
from backend.infra import valkey as connections
from backend.infra.cache import CACHE_KEYS, Cache
from backend.infra.cache_forgetting import NotForgotten, forget_everything
from backend.infra.cache_terms import CacheKind, Shelf
from backend.infra.mongo import BsonDocument
from deploy.local.embedded import EmbeddedValkey
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(300)  # waits for a busy machine, several times in one test

SHELF = Shelf(CacheKind.PREFERENCES, "5f0000000000000000000001")
_LOOKS = 100


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A Valkey that a test may stop."""
    with EmbeddedValkey(tmp_path / "data", tmp_path) as running:
        yield running


@pytest.fixture
def own(settings: Settings, server: EmbeddedValkey) -> Settings:
    """Settings of an installation on that Valkey."""
    return Settings(_env_file=None, **{**settings.model_dump(), "redis_url": server.uri})


@pytest.fixture
def cache(own: Settings) -> Iterator[Cache]:
    """That of one process, with the patience of a real one."""
    cache = Cache(connections.connect_briefly(own, own.cache_timeout_milliseconds / 1000), own)
    yield cache
    cache.close()


@pytest.fixture
def elsewhere(own: Settings) -> Iterator[Cache]:
    """That of another process."""
    cache = Cache(connections.connect_briefly(own, own.cache_timeout_milliseconds / 1000), own)
    yield cache
    cache.close()


@pytest.fixture
def stamp(own: Settings) -> str:
    """The key of the shelf's stamp."""
    return f"{own.redis_prefix}{CACHE_KEYS}{SHELF.key}stamp"


class Truth:
    """What MongoDB would say, and how often it was asked."""

    def __init__(self) -> None:
        self.version = 1
        self.asked = 0

    def load(self) -> BsonDocument:
        self.asked += 1
        return {"version": self.version}


def is_kept(cache: Cache, truth: Truth) -> bool:
    """Whether the cache answers; what it says must be true in any case."""
    asked = truth.asked
    assert cache.one(SHELF, "own", truth.load) == {"version": truth.version}
    return truth.asked == asked


def bypassed() -> float:
    labels = {"kind": SHELF.kind.value, "result": "bypass"}
    return REGISTRY.get_sample_value("cache_requests_total", labels) or 0


def test_while_valkey_is_stopped_mongodb_answers_and_it_is_counted(
    cache: Cache, server: EmbeddedValkey
) -> None:
    truth = Truth()
    eventually(lambda: is_kept(cache, truth), seconds=60)
    server.stop()
    before = bypassed()
    assert not any(is_kept(cache, truth) for _ in range(_LOOKS))
    assert bypassed() - before >= _LOOKS
    server.start()
    eventually(lambda: is_kept(cache, truth), seconds=60)


def test_one_that_hangs_is_not_waited_for_each_time(cache: Cache, server: EmbeddedValkey) -> None:
    truth = Truth()
    eventually(lambda: is_kept(cache, truth), seconds=60)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        before = time.monotonic()
        assert not any(is_kept(cache, truth) for _ in range(400))
        # 400 waits of half a second would be 200 s; there is one in three seconds. The machine may be slow.
        assert time.monotonic() - before < 100
    finally:
        os.kill(server.pid, signal.SIGCONT)
    eventually(lambda: is_kept(cache, truth), seconds=60)


def test_what_changed_while_valkey_was_away_is_never_shown_as_it_was(
    cache: Cache, elsewhere: Cache, server: EmbeddedValkey
) -> None:
    truth = Truth()
    eventually(lambda: is_kept(cache, truth), seconds=60)
    server.stop()
    truth.version += 1
    cache.forget(SHELF)
    server.start()  # it still holds the old version
    eventually(lambda: is_kept(cache, truth), seconds=60)
    eventually(lambda: is_kept(elsewhere, truth), seconds=60)


def test_who_failed_to_tell_keeps_trying_and_does_not_wait_for_the_next_reader(
    cache: Cache, elsewhere: Cache, server: EmbeddedValkey
) -> None:
    truth = Truth()
    eventually(lambda: is_kept(cache, truth), seconds=60)
    server.stop()
    truth.version += 1
    cache.forget(SHELF)
    truth.version += 1
    cache.forget(SHELF)
    server.start()

    def others_see_it() -> bool:
        return elsewhere.one(SHELF, "own", truth.load) == {"version": truth.version}

    eventually(others_see_it, seconds=60)
    eventually(lambda: is_kept(elsewhere, truth), seconds=60)


def test_that_a_reader_waited_in_vain_keeps_nobody_from_telling_of_a_change(
    own: Settings, server: EmbeddedValkey, stamp: str
) -> None:
    def is_told() -> bool:
        with ExitStack() as closing_all:
            cache = Cache(connections.connect_briefly(own, 1), own)
            closing_all.callback(cache.close)
            valkey = closing_all.enter_context(closing(connections.connect(own)))
            valkey.set(stamp, "of before")
            os.kill(server.pid, signal.SIGSTOP)
            try:
                assert not is_kept(cache, Truth())
            finally:
                os.kill(server.pid, signal.SIGCONT)
            cache.forget(SHELF)
            return not valkey.exists(stamp)

    eventually(is_told, seconds=60)  # at once, but on a busy machine it may be waited for in vain as well


def test_what_is_still_owed_at_the_end_is_tried_once_more(
    own: Settings, server: EmbeddedValkey, stamp: str
) -> None:
    cache = Cache(connections.connect_briefly(own, 60), own)
    with closing(connections.connect(own)) as valkey:
        valkey.set(stamp, "of before")
        server.stop()
        cache.forget(SHELF)
        server.start()
        cache.close()
        assert not valkey.exists(stamp)


def test_everything_cannot_be_forgotten_while_it_is_away(own: Settings, server: EmbeddedValkey) -> None:
    server.stop()
    stays = f"recipes for {own.cache_recipes_seconds} seconds"
    with closing(connections.connect(own)) as valkey, pytest.raises(NotForgotten, match=stays):
        forget_everything(valkey, own, patience_seconds=0.5)


def test_to_forget_everything_is_tried_again(own: Settings, stamp: str) -> None:
    with closing(connections.connect(own)) as valkey, ThreadPoolExecutor(1) as command:
        valkey.set(stamp, "of before")
        valkey.execute_command("ACL", "SETUSER", "default", "-scan")
        forgotten = command.submit(forget_everything, valkey, own, patience_seconds=60)
        eventually(valkey.acl_log, seconds=60)  # somebody was refused
        valkey.execute_command("ACL", "SETUSER", "default", "+scan")
        forgotten.result(90)
        assert not valkey.exists(stamp)
