"""An audit log of its own for each test, on the real databases, and the one of the app."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import svcs
from bson import ObjectId

from backend.audit.chain import Chain
from backend.audit.events import AuditEvent, Channel, Origin
from backend.audit.marks import Marks
from backend.audit.queue import AuditQueue
from backend.audit.subjects import Subjects
from backend.audit.trail import AuditTrail
from backend.config import Settings
from backend.infra import valkey
from backend.infra.keys import Ledger
from backend.infra.mongo import BsonDocument, MongoDatabase
from backend.infra.storage import Storage
from backend.infra.valkey import Breaker, Valkey
from deploy.local.embedded import EmbeddedValkey
from tests.set_clock import SetClock


class Log:
    """Everything of an audit log that a test may want to look at, or lay hands on."""

    def __init__(self, database: MongoDatabase, client: Valkey, folder: Path, settings: Settings) -> None:
        self.database = database
        self.clock = SetClock()
        self.ledger = Ledger(settings.ledger_key.get_secret_value())
        self.storage = Storage(str(folder), settings)
        self.prefix = f"a{secrets.token_hex(4)}:"
        self.chain = Chain(database, self.ledger)
        self.marks = Marks(self.storage, self.ledger)
        self.accounts: set[ObjectId] = set()
        self.subjects = Subjects(database, self.ledger, self.accounts.__contains__)
        self._trails: list[AuditTrail] = []
        self.trail = self.process(client)

    def process(self, client: Valkey, *, serving: bool = False) -> AuditTrail:
        """The audit log as one more process has it."""
        trail = AuditTrail(
            chain=Chain(self.database, self.ledger),
            subjects=self.subjects,
            queue=self.queue(client),
            marks=self.marks,
            clock=self.clock,
        )
        if serving:
            trail.start_lane()
        self._trails.append(trail)
        return trail

    def queue(self, client: Valkey) -> AuditQueue:
        """One process's end of the queue."""
        return AuditQueue(client, self.prefix, Breaker(rest_seconds=0.2))

    def close(self) -> None:
        """End all processes."""
        for trail in self._trails:
            trail.close()

    def somebody(self) -> ObjectId:
        """A user with an account."""
        user_id = ObjectId()
        self.accounts.add(user_id)
        return user_id

    def write(self, count: int, **fields: Any) -> None:
        """Write so many entries."""
        for number in range(count):
            self.trail.record(event(action=f"test.number_{number}", **fields))

    def entries(self) -> list[BsonDocument]:
        """All that is in the chain, in order."""
        return list(self.chain.walk(after=0))

    def actions(self) -> list[str]:
        """What is in the chain, in order."""
        return [entry["action"] for entry in self.entries()]

    def is_whole(self) -> bool:
        """Numbered without a gap, and every hash right."""
        return self.trail.verify().findings == []


def event(action: str = "test.happened", **fields: Any) -> AuditEvent:
    """Something that happened to a request."""
    origin = Origin(Channel.HTTP, "request-1", "192.0.2.0/24")
    return AuditEvent(action=action, **{"origin": origin, **fields})


@pytest.fixture
def database(services: svcs.Container) -> Iterator[MongoDatabase]:
    """A database of the test's own, with the indexes of the real one."""
    shared = services.get(MongoDatabase)
    own = shared.client.get_database(f"{shared.name}_{secrets.token_hex(3)}", shared.codec_options)
    for name in ("audit_entries", "audit_subjects"):
        for index, how in shared[name].index_information().items():
            if index != "_id_":
                own[name].create_index(how["key"], name=index, unique=how.get("unique", False))
    yield own
    own.client.drop_database(own.name)


@pytest.fixture
def log(database: MongoDatabase, valkey: Valkey, tmp_path: Path, settings: Settings) -> Iterator[Log]:
    """An empty audit log."""
    log = Log(database, valkey, tmp_path / "storage", settings)
    yield log
    log.close()


@pytest.fixture
def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """A Valkey that a test may stop or freeze."""
    folder = tmp_path_factory.mktemp("v")
    with EmbeddedValkey(folder / "data", folder) as running:
        yield running


@pytest.fixture
def connect(settings: Settings) -> Callable[[EmbeddedValkey], Valkey]:
    """The client that every service has, to another server."""
    return lambda server: valkey.connect(
        Settings(_env_file=None, **{**settings.model_dump(), "redis_url": server.uri})
    )
