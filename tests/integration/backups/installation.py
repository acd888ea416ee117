"""A whole installation beside the one of the other tests, in which people are known in many places."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bson import ObjectId
from redis import Redis

from backend.audit.events import AuditEvent
from backend.config import Settings
from backend.infra.jobs import SEND_MAIL, JobQueue
from backend.infra.mongo import MongoDatabase
from tests.commands import run
from tests.conftest import Account
from tests.environment import environment_of
from tests.waiting import eventually
from worker.backups.vault import Vault

ISSUER = "http://127.0.0.1:9"


def held(client: Redis, prefix: str) -> dict[bytes, bytes]:
    """Every key in Valkey that has to do with a prefix, as it was dumped."""
    names = (prefix, prefix.replace(":", "-"))
    keys = [key for key in client.scan_iter(count=1000) if any(name.encode() in key for name in names)]
    return {key: client.dump(key) for key in keys}


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file with what is in it."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def let_the_second_pass(vault: Vault) -> None:
    """A backup is named by the second in which it is begun: wait until the next one has a name of its own."""
    eventually(lambda: not any(f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}" in name for name in vault.begun()))


class Doorbell:
    """A server that answers nobody, and knows whether somebody came."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self.address = f"127.0.0.1:{listening.getsockname()[1]}"

    @property
    def rang(self) -> bool:
        return bool(select.select([self._listening], [], [], 0)[0])


@contextmanager
def doorbell() -> Iterator[Doorbell]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Doorbell(listening)


@dataclass(frozen=True)
class Installation:
    """One with a database, a prefix and folders of its own."""

    settings: Settings
    database: MongoDatabase
    valkey: Redis
    changed: dict[str, str] = field(default_factory=dict)

    def worker(self, *arguments: str, status: int = 0) -> str:
        """`python -m worker ...` in a process of its own; what it said."""
        own = self.settings
        environment = environment_of(
            own, BACKUP_URL=own.backup_url, STORAGE_URL=own.storage_url, ERASURE_SETTLE_SECONDS="0"
        )
        done = run("worker", *arguments, env=environment | self.changed, timeout=90)
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    def outbox(self) -> str:
        """All mails that were put aside, in one."""
        written = files_below(self.settings.data_dir / "outbox").values()
        return "\n".join(mail.decode().replace("=\r\n", "") for mail in written)

    def leave_traces(self, of: Account) -> None:
        """What an erasure of this person would find outside of the database."""
        storage, prefix, now = Path(self.settings.storage_url), self.settings.redis_prefix, datetime.now(UTC)
        export = {
            "_id": ObjectId(),
            "user": ObjectId(of.id),
            "status": "done",
            "progress": 100,
            "running": False,
            "requested_at": now,
            "touched_at": now,
            "expires_at": now,
        }
        self.database.exports.insert_one(export)
        outbox = self.settings.data_dir / "outbox"
        for folder in (storage / "exports", outbox):
            folder.mkdir(parents=True, exist_ok=True)
        (storage / "exports" / f"{export['_id']}.zip").write_bytes(b"their export")
        (outbox / "one.eml").write_text(f"To: {of.email}\n\nHello\n")
        event = AuditEvent("auth.log_in", who=ObjectId(of.id)).at_least_at(now)
        self.valkey.xadd(f"{prefix}audit:queue", {b"e": event.text()})
        self.valkey.set(f"{prefix}idempotency:x", of.id)
        JobQueue(self.valkey, prefix).enqueue(SEND_MAIL, "x", about="confirm", user_id=of.id)


def copy_database(source: MongoDatabase, target: MongoDatabase) -> None:
    """Every collection, with its indexes: those first and together, while there is nothing to be indexed yet."""
    for name in source.list_collection_names():
        indexes = [
            {key: value for key, value in index.items() if key != "ns"}
            for index in source[name].list_indexes()
            if index["name"] != "_id_"
        ]
        if indexes:
            target.command("createIndexes", name, indexes=indexes)
        documents = list(source[name].find())
        if documents:
            target[name].insert_many(documents)
