"""Retention over a million swipes while people swipe: its time, its memory, and what the others notice of it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread

import psutil
import svcs
from bson import ObjectId
from pymongo import WriteConcern
from rich.console import Console

from backend.config import Settings
from backend.infra.clock import SystemClock
from backend.infra.jobs import RUN_RETENTION, JobQueue
from backend.infra.mongo import BsonDocument, MongoDatabase
from backend.jobs.runs import JobRuns
from backend.wiring import build_registry
from deploy.local.stack import LocalStack
from tests.performance.load import Load
from tests.performance.measured import HEADINGS, Measured, percentile, spread
from tests.performance.scene import DECK_SIZE, ROOM_SIZE, fill_rooms
from tests.performance.servers import Server
from tests.performance.stages import table

SWIPES = 1_000_000
_SWIPES_OF_A_SESSION = 80
# So many that nobody swipes more often in these minutes than one may change one's mind in a round.
_SOCKETS = 1000
_RATE, _BEFORE_SECONDS, _SLICE_SECONDS = 300, 20.0, 5.0
_LONG_AGO = timedelta(days=100)
_AT_ONCE = 10_000
_MEBIBYTE = 1024 * 1024
_LOOK_EVERY_SECONDS = 0.2


async def measure_retention(
    stack: LocalStack, settings: Settings, server: Server, console: Console, swipes: int
) -> None:
    """Print what it took, and the latency of swipes before and during it."""
    await asyncio.to_thread(_wait_for_the_nightly_run, settings)
    seats = await asyncio.to_thread(fill_rooms, settings, _SOCKETS // ROOM_SIZE)
    await asyncio.to_thread(_fill_past, settings, seats[0].session_id, swipes)
    load = Load(server)
    await load.connect(seats)
    before = await load.run(_RATE, _BEFORE_SECONDS)
    watch = _MemoryOfJobs(stack.processes["worker"])
    period, started = f"bench {secrets.token_hex(4)}", time.monotonic()
    during = Measured(_RATE)
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        services.get(JobQueue).enqueue(RUN_RETENTION, period, period=period)
        watching = asyncio.create_task(asyncio.to_thread(_wait, services.get(JobRuns), period))
        while not watching.done():
            _add(during, await load.run(_RATE, _SLICE_SECONDS))
        seconds = watching.result() - started
        left = services.get(MongoDatabase).swipes.count_documents({"past": True})
    load.close()
    _print(console, before, during)
    console.print(
        f"Retention of {swipes:,} swipes in {swipes // _SWIPES_OF_A_SESSION:,} sessions: {seconds:.0f} s, "
        f"{swipes / seconds:,.0f} a second; {left} left; "
        f"at most {watch.stop() / _MEBIBYTE:.0f} MiB in the job's process."
    )


def _print(console: Console, before: Measured, during: Measured) -> None:
    times = table(
        f"Retention beside swipes ({_SOCKETS} sockets): ms until a swipe was acknowledged",
        f"when, wanted/s, done/s, {', '.join(HEADINGS)}, p95 to before, exactly once",
    )
    for name, measured in (("before", before), ("during", during)):
        ratio = percentile(measured.acks, 0.95) / percentile(before.acks, 0.95)
        times.add_row(
            name,
            f"{_RATE}",
            f"{measured.rate:.0f}",
            *spread(measured.acks),
            f"{ratio:.2f}",
            measured.verdict,
        )
    console.print(times)


def _wait_for_the_nightly_run(settings: Settings) -> None:
    """A new installation makes up for its last night: it would delete sessions here before their swipes are written."""
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        runs = services.get(JobRuns)
        while runs.last_done(RUN_RETENTION.name) is None:
            time.sleep(_LOOK_EVERY_SECONDS)


def _wait(runs: JobRuns, period: str) -> float:
    """When the run is done, by the monotonic clock."""
    while not runs.is_done(RUN_RETENTION.name, period):
        time.sleep(_LOOK_EVERY_SECONDS)
    return time.monotonic()


def _add(to: Measured, one: Measured) -> None:
    to.acks += one.acks
    to.seconds += one.seconds
    for name in ("sent", "refused", "doubled", "unanswered", "untold", "closed"):
        setattr(to, name, getattr(to, name) + getattr(one, name))


def _fill_past(settings: Settings, like: str, swipes: int) -> None:
    """Sessions that ended long ago, copies of a real one, with their swipes."""
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        database = services.get(MongoDatabase)
        model = database.sessions.find_one({"_id": ObjectId(like)})
        assert model is not None
        ended_at = SystemClock().now() - _LONG_AGO
        over = {**model, "status": "closed", "live": False, "finished_at": ended_at, "due_at": None}
        quickly = WriteConcern(w=1)
        sessions = database.get_collection("sessions", write_concern=quickly)
        log = database.get_collection("swipes", write_concern=quickly)
        ids = [ObjectId() for _ in range(swipes // _SWIPES_OF_A_SESSION)]
        for start in range(0, len(ids), 1000):
            sessions.insert_many(
                [{**over, "_id": one, "code": str(one)} for one in ids[start : start + 1000]], ordered=False
            )
        waiting: list[BsonDocument] = []
        for one in ids:
            waiting += _swipes_in(one)
            if len(waiting) >= _AT_ONCE:
                log.insert_many(waiting, ordered=False)
                waiting = []
        if waiting:
            log.insert_many(waiting, ordered=False)


def _swipes_in(session_id: ObjectId) -> Iterator[BsonDocument]:
    people = [ObjectId() for _ in range(ROOM_SIZE)]
    cards = [ObjectId() for _ in range(DECK_SIZE)]
    for number in range(_SWIPES_OF_A_SESSION):
        person, card = people[number % ROOM_SIZE], cards[number // ROOM_SIZE]
        yield {
            "s": session_id,
            "p": person,
            "o": f"{number:026d}",
            "i": card,
            "d": "right" if number % 3 else "left",
            "r": 1,
            "t": number,
            "c": session_id.binary + card.binary + b"\x01",
            "past": True,
        }


class _MemoryOfJobs:
    """Watches how much memory the processes hold in which a worker runs its jobs."""

    def __init__(self, worker_pid: int) -> None:
        self._worker = psutil.Process(worker_pid)
        self._most, self._over = 0, Event()
        self._watching = Thread(target=self._watch, name="memory")
        self._watching.start()

    def stop(self) -> int:
        """Bytes at most."""
        self._over.set()
        self._watching.join()
        return self._most

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_EVERY_SECONDS):
            for child in self._worker.children():
                try:
                    self._most = max(self._most, child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue
