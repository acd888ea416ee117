"""Blows against those who work behind the API: what they were at must be done all the same, and once."""

from __future__ import annotations

import io
import json
import time
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import MongoClient
from redis import Redis

from backend.config import Settings
from backend.infra.job_figures import JobFigures
from backend.infra.jobs import ENQUEUE_DUE_ERASURES
from deploy.local.stack import LocalStack
from tests.drills.strikes import Strike, kill_family
from tests.e2e.person import Person
from tests.performance.exports import live_long
from tests.performance.scene import fill_rooms
from tests.waiting import eventually

_SWIPES = 100_000
# RQ believes for 65 s that a killed worker is alive, and looks every 20 (docs/jobs.md).
_DONE_WITHIN_SECONDS = 300.0
_PERIOD = timedelta(minutes=5)
_BEFORE_THE_PERIOD = timedelta(seconds=20)


class _OfJobs(Strike):
    """With the databases at hand."""

    def __init__(self, stack: LocalStack, settings: Settings) -> None:
        super().__init__(stack)
        self.settings = settings
        self.mongo: MongoClient[dict[str, Any]] = MongoClient(settings.mongodb_uri, tz_aware=True)
        self.database = self.mongo[settings.database_name]
        self.struck_at = 0.0

    @property
    def since_the_blow(self) -> float:
        """Seconds."""
        return time.monotonic() - self.struck_at

    def somebody(self) -> Person:
        """Who has swiped a hundred thousand times."""
        person = Person(self.stack.base_url, "Ada")
        live_long(self.database, fill_rooms(self.settings, 1)[0], ObjectId(person.id), _SWIPES)
        return person

    def ended(self) -> dict[tuple[str, str], int]:
        """How many attempts at jobs have ended, by job and result."""
        with Redis.from_url(self.settings.redis_url) as valkey:
            return JobFigures(valkey, self.settings.redis_prefix).ended()


class _Worker(_OfJobs):
    """The only worker, with the job's own process."""

    def kill(self) -> None:
        """Both."""
        kill_family(self.stack.processes["worker"])
        self.struck_at = time.monotonic()

    def bring_back(self) -> None:
        """Start a worker."""
        self.stack.restart("worker")


class WorkerExporting(_Worker):
    """In the middle of a large export."""

    name = "the worker, while it builds an export"

    def prepare(self) -> None:
        """Somebody has a long history."""
        self._person = self.somebody()

    def wait_for_moment(self) -> None:
        """They ask for an export, and it is under way."""
        self._path = f"/compliance/exports/{self._ask()['id']}"
        eventually(lambda: 5 < self._state()["progress"] < 80, seconds=60)

    def finish(self) -> None:
        """The export is whole."""
        before = self._state()
        if before["status"] == "done":
            self.wrong.append("the export was done before the worker was killed")
        eventually(lambda: self._state()["status"] == "done", seconds=_DONE_WITHIN_SECONDS)
        self.told.append(f"the export was done {self.since_the_blow:.0f} s after the blow")
        download = self._person.http.post(f"{self._path}/download", json={"password": self._person.password})
        with zipfile.ZipFile(io.BytesIO(download.content)) as archive:
            swipes = json.loads(archive.read("swipes.json"))
        count = len(swipes["records"])
        if count != _SWIPES:
            self.wrong.append(f"the export has {count} of {_SWIPES} swipes")

    def _ask(self) -> dict[str, Any]:
        return self._person.post("/compliance/exports", {"password": self._person.password})

    def _state(self) -> dict[str, Any]:
        return self._person.get(self._path)


class WorkerErasing(_Worker):
    """In the middle of an erasure."""

    name = "the worker, while it erases somebody"

    def prepare(self) -> None:
        """Somebody has a long history."""
        self._person = self.somebody()
        self._id = ObjectId(self._person.id)

    def wait_for_moment(self) -> None:
        """They ask to be erased, and some of their swipes are a pseudonym's by now."""
        self._person.post("/compliance/erasure", {"password": self._person.password, "immediately": True})
        eventually(lambda: self._left() < _SWIPES, seconds=60, every=0.02)

    def finish(self) -> None:
        """Nothing names them any more, and their swipes are still there."""
        if not self._left():
            self.wrong.append("all swipes were handed over before the worker was killed")
        eventually(lambda: not self.database.erasures.count_documents({}), seconds=_DONE_WITHIN_SECONDS)
        self.told.append(f"the erasure was done {self.since_the_blow:.0f} s after the blow")
        if self._left() or self.database.users.count_documents({"_id": self._id}):
            self.wrong.append(f"{self._left()} swipes name somebody who was erased")

    def _left(self) -> int:
        return self.database.swipes.count_documents({"p": self._id})


class Cron(_OfJobs):
    """The only cron, in the moment in which it has claimed a period."""

    name = "the cron, as a period begins"
    load_seconds = 60.0

    def prepare(self) -> None:
        """Shortly before the next five minutes."""
        now = datetime.now(UTC)
        begins = datetime.fromtimestamp((now + _BEFORE_THE_PERIOD).timestamp() // 300 * 300, UTC) + _PERIOD
        self._period = f"{begins:%Y-%m-%dT%H:%MZ}"
        time.sleep((begins - _BEFORE_THE_PERIOD - now).total_seconds())
        self._before = self._done()

    def wait_for_moment(self) -> None:
        """It has claimed the period."""
        eventually(lambda: self._run() is not None, seconds=120, every=0.002)

    def kill(self) -> None:
        """The cron, in whatever it does next."""
        kill_family(self.stack.processes["cron"])
        self.struck_at = time.monotonic()

    def bring_back(self) -> None:
        """Start a cron."""
        self.stack.restart("cron")

    def finish(self) -> None:
        """The period's job was done, once."""
        eventually(lambda: (self._run() or {}).get("done_at"), seconds=_DONE_WITHIN_SECONDS)
        late = (self._run() or {})["done_at"] - datetime.fromisoformat(self._period)
        self.told.append(
            f"the job of {self._period} was done {late.total_seconds():.0f} s after the period began"
        )
        eventually(lambda: not self._is_young(), seconds=120, every=1.0)
        times = self._done() - self._before
        if times != 1:
            self.wrong.append(f"the job of {self._period} was done {times} times")

    def _run(self) -> dict[str, Any] | None:
        return self.database.job_runs.find_one({"_id": f"{ENQUEUE_DUE_ERASURES.name} {self._period}"})

    def _is_young(self) -> bool:
        """Whether a cron might still ask for the period again: it looks each minute."""
        return self.since_the_blow < 75

    def _done(self) -> int:
        return self.ended().get((ENQUEUE_DUE_ERASURES.name, "done"), 0)
