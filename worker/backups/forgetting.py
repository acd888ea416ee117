"""Emptying Valkey of what it holds for this installation, whose database has gone back in time.

Others may use the same Valkey: their keys stay as they are. So do events that wait to be written into the audit log,
and which workers there are, which RQ looks after.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from backend.config import Settings
from backend.infra import valkey
from backend.infra.job_records import JobRecords
from backend.infra.valkey import VALKEY_AWAY, Valkey
from worker.backups.errors import BackupError

_AUDIT_KEPT = "audit:"
_AT_ONCE = 500
# Put before our prefix by the library that counts requests.
_LIMITS = "LIMITS:LIMITER/"


def forget_valkey(settings: Settings) -> int:
    """Delete this installation's keys and jobs; how many records went.

    Raises:
        BackupError: they cannot be told from those of others, or Valkey is away.
    """
    check_can_forget(settings)
    try:
        return _forget(settings, kept=f"{settings.redis_prefix}{_AUDIT_KEPT}")
    except VALKEY_AWAY as away:
        raise BackupError(
            f"The database is restored, but Valkey cannot be reached ({type(away).__name__}): what it holds is about "
            "the state before, and people are not erased again yet. When it is back, run the same command again: it "
            "finishes what was begun."
        ) from away


def check_can_forget(settings: Settings) -> None:
    """Raise BackupError where this installation's keys cannot be told from those of others."""
    if not settings.redis_prefix:
        raise BackupError(
            "--forget-valkey: REDIS_PREFIX is empty, so that it cannot be told whose keys are whose. Restore without "
            "it; if nobody else uses this Valkey, empty it with FLUSHDB before that."
        )


def forget_all_of(settings: Settings) -> int:
    """Delete everything below a prefix that no installation uses, events for an audit log too; how many records.

    Raises:
        RedisError: Valkey is away.
    """
    return _forget(settings)


def _forget(settings: Settings, kept: str | None = None) -> int:
    with closing(valkey.connect(settings)) as client:
        jobs = JobRecords(client, settings.redis_prefix).delete_all()
        keys = 0
        for found in _batches(client, settings.redis_prefix, kept):
            keys += client.delete(*found)  # type: ignore[operator]  # redis-py's hints mix in its asynchronous client
    return jobs + keys


def _batches(client: Valkey, prefix: str, kept: str | None) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for begin in (prefix, f"{_LIMITS}{prefix}limit"):
        for key in client.scan_iter(
            match=f"{begin}*", count=_AT_ONCE
        ):  # a prefix has no characters of patterns
            if kept is not None and key.startswith(kept.encode()):
                continue
            batch.append(key)
            if len(batch) == _AT_ONCE:
                yield batch
                batch = []
    if batch:
        yield batch
