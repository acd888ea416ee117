"""How long backups take, and how much memory: `python -m tests.performance.backups`. Fails on no number.

Documents like swipes, 150 bytes each, with the indexes of swipes. Each command is a process of its own, as an operator
starts it; its memory is the most that it ever had.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo import MongoClient
from rich.console import Console
from rich.table import Table

from backend.key_format import new_key
from deploy.local.embedded import EmbeddedMongo, EmbeddedValkey
from tests.peak_memory import peak_megabytes
from worker.backups.sealing import new_identity

_BATCH = 10_000
_COMMANDS = (("backup",), ("verify",), ("restore", "--into", "measured_again"), ("rehearse",))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance.backups", description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000, help="default: %(default)s")
    documents = parser.parse_args().documents
    with ExitStack() as stops:
        folder = Path(stops.enter_context(tempfile.TemporaryDirectory(prefix="dindin-bench-")))
        mongo = stops.enter_context(EmbeddedMongo(folder / "mongo", folder / "run"))
        valkey = stops.enter_context(EmbeddedValkey(folder / "valkey", folder / "run"))
        megabytes = _fill(mongo.uri, documents)
        table = Table(
            "command", "seconds", "MB/s", "documents/s", "most memory", title=_title(documents, megabytes)
        )
        for command in _COMMANDS:
            seconds, memory = _measure(command, _environment(mongo.uri, valkey.uri, folder))
            rates = f"{megabytes / seconds:.0f}", f"{documents / seconds:,.0f}"
            table.add_row(command[0], f"{seconds:.1f}", *rates, f"{memory:.0f} MB")
        sealed = sum(file.stat().st_size for file in (folder / "backups").rglob("*.age"))
        Console(width=100).print(table, f"The backup takes {sealed / 1e6:.0f} MB.")
    return 0


def _title(documents: int, megabytes: float) -> str:
    return f"{documents:,} documents, {megabytes:.0f} MB"


def _fill(uri: str, documents: int) -> float:
    """Fill the database; megabytes of BSON."""
    with MongoClient[dict[str, Any]](uri) as client:
        swipes = client.measured.swipes
        swipes.create_index([("session", 1), ("user", 1), ("item", 1)], unique=True)
        swipes.create_index([("user", 1), ("at", -1)])
        for batch in _batches(documents):
            swipes.insert_many(batch, ordered=False)
        return float(client.measured.command("collStats", "swipes")["size"] / 1e6)


def _batches(documents: int) -> Iterator[list[dict[str, Any]]]:
    began = datetime.now(UTC)
    for start in range(0, documents, _BATCH):
        session, users = ObjectId(), [ObjectId() for _ in range(8)]
        yield [
            {
                "session": session,
                "user": users[n % 8],
                "item": secrets.token_hex(8),
                "direction": ("like", "dislike", "skip")[n % 3],
                "round": 1 + n % 3,
                "at": began + timedelta(milliseconds=n),
            }
            for n in range(start, min(start + _BATCH, documents))
        ]


def _environment(mongodb_uri: str, redis_url: str, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "APP_ENV": "test",
        "MONGODB_URI": mongodb_uri,
        "DATABASE_NAME": "measured",
        "REDIS_URL": redis_url,
        "SECRET_KEY": secrets.token_urlsafe(36),
        "LEDGER_KEY": "the same for all of these processes",
        "DATA_KEYS": new_key("k1"),
        "BACKUP_KEYS": _IDENTITY,
        "BACKUP_URL": str(folder / "backups"),
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "WARNING",
    }


_IDENTITY = new_identity()[0]


def _measure(command: tuple[str, ...], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds, and megabytes at most."""
    began = time.monotonic()
    megabytes = peak_megabytes(command, environment)
    return time.monotonic() - began, megabytes


if __name__ == "__main__":
    sys.exit(main())
