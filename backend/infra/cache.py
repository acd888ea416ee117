"""What is read often and changes seldom, kept in Valkey for a while (docs/caching.md, docs/decisions/0019).

Entries stand on shelves. A shelf has a stamp, a random one, that its first reader puts there, and every entry bears the
stamp that was in force *before* what is in it was read from MongoDB. To forget a shelf is to delete its stamp: what it
holds is then nobody's any more, and whoever still carries something that they read earlier is refused.

Nothing here is the only copy of anything, and nothing that goes wrong here reaches a caller: MongoDB answers then.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

import structlog

from backend.config import Settings
from backend.infra.cache_debts import Debts
from backend.infra.cache_entries import ABSENT, Broken, body_in, body_of, document_of, entry_of, new_stamp
from backend.infra.cache_flights import Flights
from backend.infra.cache_terms import CacheKind, CacheResult, Shelf
from backend.infra.metrics import CACHE_REQUESTS
from backend.infra.mongo import BsonDocument
from backend.infra.valkey import VALKEY_AWAY, Breaker, Valkey, undeterred

_log = structlog.stdlib.get_logger(__name__)

CACHE_KEYS = "cache:"
"""What all its keys begin with, REDIS_PREFIX taken off."""

_LARGEST_BYTES = 1 << 20  # a larger one would hold up what else waits for Valkey
_SHORTEST = 0.8  # of its time; what was written together does not end together

# KEYS: the stamp, then entries. ARGV: the stamp that was in force before, its milliseconds, then for each entry what is
# written and its milliseconds. Whoever comes after the shelf was forgotten writes nothing.
_WRITE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], ARGV[2 * i - 1], 'PX', ARGV[2 * i])
end
return 1
"""

Load = Callable[[Sequence[str]], Mapping[str, BsonDocument]]
"""Reads documents from MongoDB, by name; those that do not exist are left out."""


@dataclass(slots=True)
class _Looked:
    """What is on a shelf: the stamp that is in force, and documents by name; None where known not to exist."""

    stamp: bytes
    known: dict[str, BsonDocument | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What somebody misses, looked for under a stamp when so many flights had `landed`."""

    shelf: Shelf
    stamp: bytes
    names: Sequence[str]
    load: Load
    may_be_kept: Callable[[BsonDocument], bool]
    landed: int


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What MongoDB had, as bytes by name, and whether all of that may be cached."""

    bodies: Mapping[str, bytes]
    may_be_kept: bool


def _anything(_document: BsonDocument) -> bool:
    return True


class Cache:
    """The cache of one process. Safe to share between threads and greenlets."""

    def __init__(self, valkey: Valkey, settings: Settings) -> None:
        """Args:
        valkey: a client of its own that waits briefly (`valkey.connect_briefly`).
        """
        self._valkey = valkey
        self._prefix = f"{settings.redis_prefix}{CACHE_KEYS}"
        self._on = settings.enable_cache
        self._seconds = {
            CacheKind.RECIPES: settings.cache_recipes_seconds,
            CacheKind.RESTAURANTS: settings.cache_restaurants_seconds,
            CacheKind.PREFERENCES: settings.cache_preferences_seconds,
            CacheKind.SESSIONS: settings.cache_sessions_seconds,
        }
        self._absent_seconds = settings.cache_absent_seconds
        self._breaker = Breaker()
        self._write = valkey.register_script(_WRITE)
        self._flights: Flights[_Loaded] = Flights()
        # That a reader waited in vain must keep nobody from telling of a change: another client, another breaker.
        self._telling = undeterred(valkey)
        self._debts = Debts(self._delete, Breaker())

    def one(
        self,
        shelf: Shelf,
        name: str,
        load: Callable[[], BsonDocument | None],
        may_be_kept: Callable[[BsonDocument], bool] = _anything,
    ) -> BsonDocument | None:
        """One document; None where there is none. As `many`."""

        def load_it(_names: Sequence[str]) -> dict[str, BsonDocument]:
            document = load()
            return {} if document is None else {name: document}

        return self.many(shelf, [name], load_it, may_be_kept).get(name)

    def many(
        self,
        shelf: Shelf,
        names: Collection[str],
        load: Load,
        may_be_kept: Callable[[BsonDocument], bool] = _anything,
    ) -> dict[str, BsonDocument]:
        """The documents of these names; those that do not exist are left out.

        Args:
            load: asked once for what is not cached, however many want it at once in this process.
            may_be_kept: says no to a document that must not lie in Valkey; then nothing of the shelf does.

        Raises:
            what `load` raises, and nothing else.
        """
        if not names:
            return {}
        landed = self._flights.landed
        looked = self._look(shelf, names)
        if looked is None:
            self._count(shelf, CacheResult.BYPASS)
            return dict(load(list(names)))
        if missing := [name for name in names if name not in looked.known]:
            looked.known |= self._fetch(_Wanted(shelf, looked.stamp, missing, load, may_be_kept, landed))
        else:
            nothing = all(document is None for document in looked.known.values())
            self._count(shelf, CacheResult.NEGATIVE if nothing else CacheResult.HIT)
        return {name: document for name, document in looked.known.items() if document is not None}

    def forget(self, shelf: Shelf, *names: str) -> None:
        """Let nobody get what stands on the shelf now, nor what was read from MongoDB before this call.

        Call it after the change, also where that may or may not have happened, and where this process itself does not
        use the cache. While Valkey is away this is owed: the process reads nothing from the cache before it is done,
        and keeps trying. What a command does to the whole database is another matter: `forget_everything`.

        Args:
            names: entries that are to be deleted as well, rather than to lie there unread until their time is up.
        """
        self._debts.pay_or_owe([self._key(shelf, "stamp"), *(self._key(shelf, name) for name in names)])

    def close(self) -> None:
        """End with the process. What is owed is tried once more."""
        self._debts.stop()
        with suppress(*VALKEY_AWAY):
            self._debts.pay()
        self._valkey.close()

    def _look(self, shelf: Shelf, names: Collection[str]) -> _Looked | None:
        """What is cached; None where that cannot be found out."""
        if not self._on:
            return None
        keys = [self._key(shelf, "stamp"), *(self._key(shelf, name) for name in names)]
        try:
            with self._breaker.guard():
                self._debts.pay()
                stamp, *entries = cast("list[bytes | None]", self._valkey.mget(keys))
                looked = _Looked(stamp or self._stamped(shelf))
        except VALKEY_AWAY:
            return None
        for name, entry in zip(names, entries, strict=True):
            try:
                body = None if entry is None else body_in(entry, looked.stamp)
                if body is not None:
                    looked.known[name] = document_of(body)
            except Broken:
                _log.warning("cache_entry_broken", kind=shelf.kind.value)
        return looked

    def _stamped(self, shelf: Shelf) -> bytes:
        """Put a stamp on a shelf that has none; of several who do it at once, all get the first."""
        key = self._key(shelf, "stamp")
        with self._valkey.pipeline(transaction=True) as pipeline:
            pipeline.set(key, new_stamp(), nx=True, px=self._stamp_milliseconds(shelf))
            pipeline.get(key)
            return cast(bytes, pipeline.execute()[-1])

    def _fetch(self, wanted: _Wanted) -> dict[str, BsonDocument | None]:
        """Read from MongoDB and put it on the shelf. Who came under another stamp may know more: they wait apart."""
        flight = (wanted.shelf, wanted.stamp, tuple(wanted.names))
        loaded = self._flights.join(flight, lambda: self._load(wanted))
        self._count(wanted.shelf, CacheResult.MISS if loaded.may_be_kept else CacheResult.BYPASS)
        return {name: document_of(body) for name, body in loaded.bodies.items()}

    def _load(self, wanted: _Wanted) -> _Loaded:
        known: dict[str, BsonDocument | None] = {}
        if self._flights.landed != wanted.landed:  # somebody may have brought it since it was looked for
            looked = self._look(wanted.shelf, wanted.names)
            known = looked.known if looked and looked.stamp == wanted.stamp else {}
        if left := [name for name in wanted.names if name not in known]:
            found = wanted.load(left)
            brought = {name: found.get(name) for name in left}
            may_be_kept = all(map(wanted.may_be_kept, found.values()))
            self._keep(wanted, {n: body_of(document) for n, document in brought.items()}, may_be_kept)
            known |= brought
        else:
            may_be_kept = True
        return _Loaded({name: body_of(document) for name, document in known.items()}, may_be_kept)

    def _keep(self, wanted: _Wanted, bodies: Mapping[str, bytes], may_be_kept: bool) -> None:
        shelf, stamp = wanted.shelf, wanted.stamp
        if not may_be_kept:
            self.forget(shelf, *bodies)
            return
        keys = [self._key(shelf, "stamp")]
        written: list[bytes | int] = [stamp, self._stamp_milliseconds(shelf)]
        for name, body in bodies.items():
            if len(body) <= _LARGEST_BYTES:
                keys.append(self._key(shelf, name))
                written += [entry_of(stamp, body), self._milliseconds(shelf, absent=body == ABSENT)]
        try:
            with self._breaker.guard():
                self._write(keys=keys, args=written)
        except VALKEY_AWAY as away:
            _log.info("cache_not_written", kind=shelf.kind.value, error=type(away).__name__)

    def _delete(self, keys: Collection[str]) -> None:
        self._telling.unlink(*keys)

    def _milliseconds(self, shelf: Shelf, *, absent: bool) -> int:
        """How long an entry is kept: never longer than its kind's setting, and seldom as long as its neighbour."""
        longest = self._seconds[shelf.kind]
        if absent:
            longest = min(longest, self._absent_seconds)
        return int(longest * 1000 * random.uniform(_SHORTEST, 1))  # noqa: S311  # keeps nothing secret

    def _stamp_milliseconds(self, shelf: Shelf) -> int:
        """A stamp outlives what bears it. Each write makes it last longer."""
        return self._seconds[shelf.kind] * 2000

    def _key(self, shelf: Shelf, name: str) -> str:
        return self._prefix + shelf.key + name

    def _count(self, shelf: Shelf, result: CacheResult) -> None:
        CACHE_REQUESTS.labels(kind=shelf.kind.value, result=result.value).inc()
