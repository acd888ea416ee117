"""What a running stack holds: memory by process, greenlets, sockets, connections, keys."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families
from pymongo import MongoClient
from redis import Redis

from backend.config import Settings
from deploy.local.stack import LocalStack
from tests.drills.series import Series

_MEGABYTE = 1024 * 1024
_EVERY_SECONDS = 5.0
_ASK_SECONDS = 20.0
_FROM_METRICS = ("greenlets", "live_sockets", "mongo_pool_connections")
# What names something in a key: ids, pseudonyms, numbers, addresses.
_NAMES = re.compile(r"[0-9a-f]{8,}(-[0-9a-f]+)*|\d+(\.\d+)*")


class Looking:
    """Looks at a stack every few seconds, in a thread of its own; a context manager.

    Attributes:
        memory: resident megabytes, by process.
        counts: of what leaks are made of, by name.
    """

    def __init__(self, stack: LocalStack, settings: Settings) -> None:
        self.memory: dict[str, Series] = {}
        self.counts: dict[str, Series] = {}
        self._stack = stack
        self._began = time.monotonic()
        self._over = threading.Event()
        self._mongo: MongoClient[dict[str, Any]] = MongoClient(settings.mongodb_uri)
        self._valkey = Redis.from_url(settings.redis_url)
        self._thread = threading.Thread(target=self._go_on, name="looking")

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._mongo.close()
        self._valkey.close()

    def now(self) -> dict[str, float]:
        """Count once."""
        found = _metrics(self._stack.base_url)
        found["MongoDB connections"] = self._mongo.admin.command("serverStatus")["connections"]["current"]
        found["Valkey clients"] = self._valkey.info("clients")["connected_clients"]
        found["Valkey keys"] = self._valkey.dbsize()
        return found

    def keys(self) -> list[KeyKind]:
        """What lies in Valkey, by kind of key."""
        kinds: dict[str, list[int]] = {}
        for key in self._valkey.scan_iter(count=1000):
            kinds.setdefault(_NAMES.sub("*", key.decode()), []).append(self._valkey.ttl(key))
        return [KeyKind(name, len(ttls), ttls.count(-1), max(ttls)) for name, ttls in sorted(kinds.items())]

    def _go_on(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            at = self.seconds
            with suppress(psutil.NoSuchProcess):  # one has ended just now
                for name, bytes_held in self._resident():
                    self.memory.setdefault(name, Series()).add(at, bytes_held / _MEGABYTE)
            with suppress(httpx.TransportError):  # too busy to answer: the next look will do
                for name, count in self.now().items():
                    self.counts.setdefault(name, Series()).add(at, count)

    def _resident(self) -> Iterator[tuple[str, int]]:
        for name, pid in self._stack.processes.items():
            process = psutil.Process(pid)
            if name != "api":
                yield name, process.memory_info().rss
                continue
            yield "gunicorn", process.memory_info().rss
            for number, child in enumerate(sorted(process.children(), key=lambda child: child.pid), 1):
                yield f"api {number}", child.memory_info().rss


@dataclass(frozen=True)
class KeyKind:
    """Keys of one kind in Valkey.

    Attributes:
        name: with `*` for what differs.
        lasting: how many of them do not expire.
        longest: the longest time that one of them has left, in seconds; -1: for ever.
    """

    name: str
    count: int
    lasting: int
    longest: int


def lasting(kinds: list[KeyKind]) -> Counter[str]:
    """How many keys there are that nothing but the program takes away, by kind."""
    return Counter({kind.name: kind.lasting for kind in kinds if kind.lasting})


def _metrics(base_url: str) -> dict[str, float]:
    page = httpx.get(f"{base_url}/metrics", timeout=_ASK_SECONDS).raise_for_status().text
    families = text_string_to_metric_families(page)
    return {
        family.name: sum(sample.value for sample in family.samples)
        for family in families
        if family.name in _FROM_METRICS
    }
