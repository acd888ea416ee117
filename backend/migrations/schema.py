"""Whether a database has the schema that this version of DinDin works with."""

from __future__ import annotations

from collections.abc import Sequence

import pymongo
import structlog
from pymongo.errors import PyMongoError

from backend.infra import mongo
from backend.infra.clock import SystemClock
from backend.infra.mongo import MongoDatabase
from backend.migrations.record import SchemaRecord
from backend.migrations.steps import STEPS
from backend.migrations.terms import Step

_log = structlog.stdlib.get_logger(__name__)

_START_SECONDS = 2.0


class NewerSchema(Exception):
    """A newer version of DinDin has changed the database. The message says what to do."""


def check_schema(database: MongoDatabase, steps: Sequence[Step] = STEPS) -> list[Step]:
    """The steps that the database still has before it; none where it is as this version wants it.

    Raises:
        NewerSchema: it has one behind it that this version does not know.
    """
    done, known = SchemaRecord(database, SystemClock()).done(), [step.name for step in steps]
    newer = [name for name in done if name not in known]
    if newer:
        raise NewerSchema(
            f"The database {database.name} was migrated by a newer DinDin ({', '.join(newer)}); this one knows the "
            f"schema up to {known[-1]}. Start the newer version; or go back: with the newer version, run "
            f"`python -m backend migrate --to {known[-1]}`, then start this one (docs/upgrading.md)."
        )
    return [step for step in steps if step.name not in done]


class SchemaGate:
    """Keeps a process from working on a schema that is newer than it knows.

    It looks once: a newer version may well migrate while this process runs, step by step and so that both can work.
    """

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._passed = False

    def at_start(self) -> None:
        """Look now, for two seconds at most: where MongoDB is away, `ping` looks when it is back.

        Raises:
            NewerSchema: this process must not start.
        """
        try:
            with pymongo.timeout(_START_SECONDS):
                self._look(self._database)
        except PyMongoError as away:
            _log.warning("schema_not_checked", error=type(away).__name__)

    def ping(self, database: MongoDatabase) -> None:
        """Raise unless MongoDB can be worked with (`mongo.ping`), and is not newer than this process."""
        mongo.ping(database)
        if not self._passed:
            self._look(database)

    def _look(self, database: MongoDatabase) -> None:
        pending = check_schema(database)
        self._passed = True
        if pending:
            _log.warning(
                "schema_behind",
                pending=[step.name for step in pending],
                what_to_do="python -m backend prepare",
            )
