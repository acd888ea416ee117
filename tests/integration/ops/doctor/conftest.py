"""Checks against the real servers, and services to break them with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import svcs
from pymongo import MongoClient

from backend.config import Settings
from backend.infra import valkey
from backend.infra.backup_figures import BackupFigures
from backend.infra.clock import Clock, SystemClock
from backend.infra.jobs import JobQueue
from backend.infra.keys import key_ring_of
from backend.infra.mail import Mailer
from backend.infra.mongo import BsonDocument, MongoDatabase
from backend.infra.storage import BackupStorage, Storage, backup_storage_of, storage_of
from backend.infra.valkey import Valkey
from backend.jobs.runs import JobRuns
from backend.ops.doctor import examining
from backend.ops.doctor.findings import Check
from backend.users.data_keys import UserKeys

Examine = Callable[..., list[str]]


@pytest.fixture
def examine(settings: Settings, services: svcs.Container) -> Iterator[Examine]:  # noqa: ARG001  # they connect the models
    """Carry out one check, with some settings changed; its lines, as `level part: said -> to do`."""
    opened: list[MongoClient[BsonDocument]] = []

    def lines(check: Check, *, clock: Clock | None = None, **changed: object) -> list[str]:
        own = settings.model_copy(update=changed)
        own.__dict__.pop("valkey_url", None)  # what was worked out of other settings
        own.__dict__.pop("base_url", None)
        client: MongoClient[BsonDocument] = MongoClient(
            own.mongodb_uri, tz_aware=True, serverSelectionTimeoutMS=300
        )
        opened.append(client)
        database, told = client[own.database_name], valkey.connect(own)
        registry, clock = svcs.Registry(), clock or SystemClock()
        registry.register_value(Settings, own)
        registry.register_value(Clock, clock)
        registry.register_value(MongoDatabase, database)
        registry.register_value(Valkey, told)
        registry.register_value(Mailer, Mailer(own, told, clock))
        registry.register_value(Storage, storage_of(own))
        registry.register_value(BackupStorage, backup_storage_of(own))
        registry.register_value(JobRuns, JobRuns(database, clock))
        registry.register_value(JobQueue, JobQueue(told, own.redis_prefix))
        registry.register_value(BackupFigures, BackupFigures(told, own.redis_prefix))
        registry.register_value(UserKeys, UserKeys(key_ring_of(own)))
        found = examining.examine(registry, (("the part", check),))
        return [f"{f.level.value} {f.part}: {f.said}" + (f" -> {f.to_do}" if f.to_do else "") for f in found]

    yield lines
    for client in opened:
        client.close()
