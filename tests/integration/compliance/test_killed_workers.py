"""A worker that is killed with all its processes: RQ itself finds its job, and another worker brings it to its end."""

from __future__ import annotations

import io
import json
import signal
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

import pytest
import svcs
from bson import ObjectId

from backend.compliance.exports.service import file_of
from backend.config import Settings
from backend.infra.jobs import RUN_RETENTION, JobQueue
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import Storage
from backend.infra.valkey import Valkey
from tests.conftest import Account
from tests.integration.compliance.half_way import (
    DoomedWorker,
    Hold,
    begin_erasure,
    closed_session,
    hold_last_made_up_session,
    hold_middle_swipe,
    let_go_of_the_dead,
    old_sessions,
    swipe_often,
    working,
)
from tests.waiting import eventually

pytestmark = [pytest.mark.compliance, pytest.mark.timeout(300)]

_SWIPES = 40_000  # several batches
_SESSIONS = 600  # two batches


class Work(ABC):
    """Something that takes a while, asked for when it is made."""

    def __init__(self, services: svcs.Container, register: Callable[..., Account]) -> None:
        self.services = services
        self.database = services.get(MongoDatabase)
        self.ask(register)

    @abstractmethod
    def ask(self, register: Callable[..., Account]) -> None:
        """Have it enqueued."""

    @abstractmethod
    def hold(self) -> Hold:
        """Keep whoever does it from its end, before it begins."""

    def reach_the_middle(self, worker: DoomedWorker, hold: Hold) -> None:  # noqa: ARG002  # one of them needs both
        """Return once the worker has begun; it cannot go on before the hold is released."""
        eventually(self.is_under_way, seconds=60)

    @abstractmethod
    def is_under_way(self) -> bool:
        """Whether it has begun, and not ended."""

    @abstractmethod
    def is_done(self) -> bool:
        """Whether it has ended."""

    @abstractmethod
    def check(self) -> None:
        """Whether it has ended right."""


class AnExport(Work):
    def ask(self, register: Callable[..., Account]) -> None:
        self.ada = register("Ada")
        swipe_often(self.database, closed_session(self.services, self.ada), self.ada, _SWIPES)
        asked = self.ada.post("/compliance/exports", {"password": self.ada.password})
        self.id = asked.get_json()["id"]

    def hold(self) -> Hold:
        return Hold(self.database, "exports", ObjectId(self.id))

    def reach_the_middle(self, worker: DoomedWorker, hold: Hold) -> None:
        """Let its first note of how far it is through, and none after it."""
        eventually(hold.is_waited_for, seconds=60)
        worker.signal_all(signal.SIGSTOP)
        hold.release()
        eventually(self.is_under_way, seconds=60)
        hold.take()
        worker.signal_all(signal.SIGCONT)
        eventually(hold.is_waited_for, seconds=60)

    def _status(self) -> str:
        return str(self.ada.get(f"/compliance/exports/{self.id}").get_json()["status"])

    def is_under_way(self) -> bool:
        return self._status() == "running"

    def is_done(self) -> bool:
        return self._status() == "done"

    def check(self) -> None:
        with zipfile.ZipFile(
            io.BytesIO(self.services.get(Storage).read(file_of(ObjectId(self.id))))
        ) as archive:
            assert archive.testzip() is None
            assert len(json.loads(archive.read("swipes.json"))["records"]) == _SWIPES


class AnErasure(Work):
    def ask(self, register: Callable[..., Account]) -> None:
        ada = register("Ada")
        self.user_id, self.session_id = ObjectId(ada.id), closed_session(self.services, ada)
        swipe_often(self.database, self.session_id, ada, _SWIPES)
        self.id = begin_erasure(ada, self.database)

    def hold(self) -> Hold:
        return hold_middle_swipe(self.database, self.session_id, _SWIPES)

    def is_under_way(self) -> bool:
        others = {"s": self.session_id, "p": {"$ne": self.user_id}}
        return self.database["swipes"].find_one(others) is not None and not self.is_done()

    def is_done(self) -> bool:
        return self.database["erasures"].find_one({"_id": self.id}) is None

    def check(self) -> None:
        swipes = self.database["swipes"]
        assert swipes.count_documents({"s": self.session_id}) == _SWIPES
        (stand_in,) = swipes.distinct("p", {"s": self.session_id})
        assert stand_in != self.user_id
        assert self.database["users"].find_one({"_id": self.user_id}) is None


class ARetention(Work):
    def ask(self, register: Callable[..., Account]) -> None:  # noqa: ARG002  # it is about nobody
        old_sessions(self.database, _SESSIONS, days_ago=91)
        old_sessions(self.database, 1, days_ago=89)
        self.period = f"killed {ObjectId()}"
        self.services.get(JobQueue).enqueue(RUN_RETENTION, self.period, period=self.period)

    def hold(self) -> Hold:
        return hold_last_made_up_session(self.database)

    def _left(self, name: str) -> int:
        return self.database[name].count_documents({"made_up": True})

    def is_under_way(self) -> bool:
        return 1 < self._left("sessions") < _SESSIONS

    def is_done(self) -> bool:
        run = {"job": RUN_RETENTION.name, "period": self.period, "done_at": {"$ne": None}}
        return self.database["job_runs"].find_one(run) is not None

    def check(self) -> None:
        assert (self._left("sessions"), self._left("swipes")) == (1, 1)
        for name in ("sessions", "swipes"):
            self.database[name].delete_many({"made_up": True})


@pytest.mark.parametrize("kind", [AnExport, AnErasure, ARetention])
def test_another_worker_brings_its_job_to_its_end(  # noqa: PLR0917  # fixtures
    kind: type[Work],
    services: svcs.Container,
    register: Callable[..., Account],
    valkey: Valkey,
    settings: Settings,
    worker_environment: dict[str, str],
    tmp_path: Path,
) -> None:
    work = kind(services, register)
    with work.hold() as hold, working(worker_environment, tmp_path / "first") as first:
        work.reach_the_middle(first, hold)
        first.kill_all()
    assert not work.is_done()
    # The time limits of the dead are all that is hurried; finding the job and enqueuing it is RQ's own doing.
    assert len(let_go_of_the_dead(valkey, settings.redis_prefix)) == 1
    with working(worker_environment, tmp_path / "second") as second:
        eventually(work.is_done, seconds=60)
        assert second.stop() == 0
    work.check()
