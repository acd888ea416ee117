"""Work that takes long enough to be interrupted, and whoever does it, killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import psutil
import svcs
from bson import ObjectId
from pymongo.client_session import ClientSession
from rq.registry import StartedJobRegistry

from backend.infra.jobs import SERIALIZER, queues_of
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Valkey
from tests.commands import Command
from tests.conftest import Account


def begin_erasure(account: Account, database: MongoDatabase) -> ObjectId:
    """Ask for it at once; the erasure's id."""
    asked = account.post("/compliance/erasure", {"password": account.password, "immediately": True})
    assert asked.status_code == 202, asked.text
    found = database["erasures"].find_one({"user": ObjectId(account.id)})
    assert found is not None
    return ObjectId(found["_id"])


def closed_session(services: svcs.Container, *people: Account) -> ObjectId:
    """A session of these people that is over."""
    session = people[0].post("/sessions", {"menu": "both"}).get_json()
    for guest in people[1:]:
        assert guest.post("/sessions/join", {"code": session["code"]}).status_code == 200
    for person in people:
        person.post(f"/sessions/{session['id']}/leave")
    found = services.get(MongoDatabase)["sessions"].find_one({"_id": ObjectId(session["id"])})
    assert found is not None
    assert not found["live"]
    return ObjectId(session["id"])


def swipe_often(database: MongoDatabase, session_id: ObjectId, account: Account, count: int) -> None:
    """Put so many swipes of one person into the log of a session."""
    made: Iterator[dict[str, Any]] = (
        {
            "s": session_id,
            "p": ObjectId(account.id),
            "o": f"{number}",
            "i": ObjectId(),
            "d": "right",
            "r": 1,
            "t": number,
            "c": b"%025d" % number,
        }
        for number in range(count)
    )
    database["swipes"].insert_many(made)


def old_sessions(database: MongoDatabase, count: int, *, days_ago: int) -> None:
    """So many sessions that ended then, each with a swipe; all are marked as `made_up`."""
    ids = [ObjectId() for _ in range(count)]
    ended_at = datetime.now(UTC) - timedelta(days=days_ago)
    database["sessions"].insert_many(
        {"_id": one, "code": str(one), "live": False, "finished_at": ended_at, "made_up": True} for one in ids
    )
    database["swipes"].insert_many(
        {"s": one, "p": one, "o": "1", "i": one, "d": "right", "r": 1, "t": 0, "c": b"", "made_up": True}
        for one in ids
    )


class Hold:
    """Keeps everybody else from writing one document: a job that comes to it waits there, whoever else has the CPU.

    A transaction that has written it is left open; MongoDB lets any other write of it wait. It gives up after a minute.
    """

    def __init__(self, database: MongoDatabase, name: str, document_id: ObjectId) -> None:
        self._database, self._name, self._id = database, name, document_id
        self._session: ClientSession | None = None
        self.take()

    def __enter__(self) -> Self:
        """For a block, at whose end everybody may write it."""
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def take(self) -> None:
        """Let nobody write it from now on."""
        self._session = self._database.client.start_session()
        self._session.start_transaction()
        held = {"$set": {"held": True}}
        assert (
            self._database[self._name]
            .update_one({"_id": self._id}, held, session=self._session)
            .matched_count
        )

    def release(self) -> None:
        """Let everybody go on; harmless to repeat. Nothing of the hold stays in the document."""
        if self._session is not None:
            self._session.end_session()  # which aborts the transaction
            self._session = None

    def is_waited_for(self) -> bool:
        """Whether somebody is at updating it by its id."""
        updating = {"op": "update", "ns": f"{self._database.name}.{self._name}", "command.q._id": self._id}
        stages: list[dict[str, Any]] = [{"$currentOp": {}}, {"$match": updating}]
        # The hold itself updates no more; its session only is open.
        return any(self._database.client.admin.aggregate(stages))


def hold_middle_swipe(database: MongoDatabase, session_id: ObjectId, count: int) -> Hold:
    """Hold the one in the middle of so many, in the order in which batches of them are found."""
    (middle,) = database["swipes"].find({"s": session_id}, {"_id": 1}).skip(count // 2).limit(1)
    return Hold(database, "swipes", middle["_id"])


def hold_last_made_up_session(database: MongoDatabase) -> Hold:
    """Hold the last one that ended longest ago: those before it go, it stays."""
    order = [("finished_at", 1), ("_id", -1)]
    last = database["sessions"].find_one({"made_up": True}, {"_id": 1}, sort=order)
    assert last is not None
    return Hold(database, "sessions", last["_id"])


class DoomedWorker:
    """A real worker with a life of its own, and no manners when it ends."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._process = Command("worker", "run", env=environment, errors=log)

    def kill_all(self) -> None:
        """`kill -9` for it and everything it has started. Harmless when some of it has ended."""
        self.signal_all(signal.SIGSTOP)  # first of all nobody goes on, or starts another
        self.signal_all(signal.SIGKILL)
        self._process.kill()

    def signal_all(self, number: signal.Signals) -> None:
        """Send it and everything it has started a signal. Harmless when some of it has ended."""
        with suppress(psutil.NoSuchProcess):
            for one in [process := psutil.Process(self._process.pid), *process.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    one.send_signal(number)

    def kill_attempt(self) -> None:
        """`kill -9` for the process that works on the job; the worker itself lives on."""
        max(psutil.Process(self._process.pid).children(), key=lambda child: child.create_time()).kill()

    def stop(self) -> int:
        """Ask it to end; how it did."""
        return self._process.stop()


@contextmanager
def working(environment: dict[str, str], log: Path) -> Iterator[DoomedWorker]:
    """A worker that is gone at the end, whatever happens."""
    worker = DoomedWorker(environment, log)
    try:
        yield worker
    finally:
        worker.kill_all()


def let_go_of_the_dead(valkey: Valkey, prefix: str) -> list[str]:
    """Let what RQ holds for a killed worker run out now, not after a minute; the ids of the jobs it was at."""
    held: list[str] = []
    for queue in queues_of(valkey, prefix).values():
        at_work = StartedJobRegistry(queue=queue, serializer=SERIALIZER)
        held += at_work.get_job_ids(cleanup=False)
        for entry in valkey.zrange(at_work.key, 0, -1):
            valkey.zadd(at_work.key, {entry: 1}, xx=True)
        valkey.delete(f"rq:scheduler-lock:{queue.name}")
    return held
