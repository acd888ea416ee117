"""Which recurring jobs ran in which period, and who may go on: one asks, one works, and one that was overtaken stops.

It lies in MongoDB, so that a Valkey that was emptied neither loses a run nor repeats one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from backend.infra.clock import Clock
from backend.infra.mongo import DURABLE, BsonDocument, MongoDatabase
from backend.jobs.models import JobRun, JobTurn

_KNOWN_FOR = timedelta(days=100)
# What DinDin is not set up for needs somebody who changes that: until then each time is one more warning.
_SKIPPED_AGAIN_AFTER = timedelta(days=1)


class Overtaken(Exception):
    """A younger attempt at this job has begun: whoever gets this must change nothing more."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to work on a job in a period, until a later attempt takes it.

    Attributes:
        token: higher than that of every attempt at this job before.
    """

    job: str
    period: str
    token: int


class JobRuns:
    """The `job_runs` and `job_turns` collections."""

    def __init__(self, database: MongoDatabase, clock: Clock) -> None:
        runs, turns = (model._get_collection_name() for model in (JobRun, JobTurn))  # no public name for it
        self._runs = database.get_collection(runs, write_concern=DURABLE)
        self._turns = database.get_collection(turns, write_concern=DURABLE)
        self._clock = clock

    def claim(self, job: str, period: str, *, again_after: timedelta) -> bool:
        """Whether the caller is to enqueue the job for this period.

        Of all who ask, one gets True; and, while the job is not done, one more for each `again_after`, or for each day
        once it was skipped.
        """
        now = self._clock.now()
        try:
            self._runs.insert_one(_run(job, period, now))
        except DuplicateKeyError:
            long_ago: list[BsonDocument] = [
                {"outcome": {"$ne": "skipped"}, "asked_at": {"$lte": now - again_after}},
                {"outcome": "skipped", "asked_at": {"$lte": now - _SKIPPED_AGAIN_AFTER}},
            ]
            late = {"_id": _key(job, period), "done_at": None, "$or": long_ago}
            return self._runs.update_one(late, {"$set": {"asked_at": now}}).matched_count == 1
        return True

    def is_done(self, job: str, period: str) -> bool:
        """Whether the job has been done for this period."""
        done = {"_id": _key(job, period), "done_at": {"$ne": None}}
        return self._runs.find_one(done, {"_id": 1}) is not None

    def last_done(self, job: str) -> datetime | None:
        """When it was last done; None where nobody remembers."""
        done = self._runs.find_one(
            {"job": job, "done_at": {"$ne": None}}, {"done_at": 1}, sort=[("done_at", -1)]
        )
        return done["done_at"] if done else None

    def begin(self, job: str, period: str) -> Turn:
        """Begin an attempt. From now on every earlier one at this job is overtaken, whichever period it is for."""
        now = self._clock.now()
        given: BsonDocument = self._turns.find_one_and_update(
            {"_id": job}, {"$inc": {"token": 1}}, upsert=True, return_document=ReturnDocument.AFTER
        )  # type: ignore[assignment]  # None is for those who do not upsert
        turn = Turn(job, period, given["token"])
        new = _run(job, period, now)
        self._runs.update_one(
            {"_id": new.pop("_id")},
            {
                "$set": {"token": turn.token, "started_at": now},
                "$unset": {"outcome": "", "because": ""},
                "$setOnInsert": new,
            },
            upsert=True,
        )
        return turn

    def check(self, turn: Turn) -> None:
        """See whether it is still this attempt's turn.

        Raises:
            Overtaken: it is not.
        """
        if self._turns.find_one({"_id": turn.job, "token": turn.token}, {"_id": 1}) is None:
            raise Overtaken(f"{turn.job} {turn.period}: a later attempt has begun")

    def end(self, turn: Turn, result: dict[str, int]) -> None:
        """The job is done for its period.

        Raises:
            Overtaken: a later attempt at the same period has begun, and is to say so itself.
        """
        mine = {"_id": _key(turn.job, turn.period), "token": turn.token}
        done = {"done_at": self._clock.now(), "result": result, "outcome": "done"}
        if self._runs.update_one(mine, {"$set": done}).matched_count == 0:
            raise Overtaken(f"{turn.job} {turn.period}: a later attempt has begun")

    def skip(self, turn: Turn, because: str) -> None:
        """The job could not be done as things are set up. It is not done: `claim` asks again after a day."""
        mine = {"_id": _key(turn.job, turn.period), "token": turn.token}
        self._runs.update_one(mine, {"$set": {"outcome": "skipped", "because": because}})


def _key(job: str, period: str) -> str:
    return f"{job} {period}"


def _run(job: str, period: str, now: datetime) -> BsonDocument:
    return {
        "_id": _key(job, period),
        "job": job,
        "period": period,
        "asked_at": now,
        "expires_at": now + _KNOWN_FOR,
    }
