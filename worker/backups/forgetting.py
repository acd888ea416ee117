"""Emptying Valkey of what it holds for this installation, whose database has gone back in time.

Others may use the same Valkey: their keys stay as they are. So do events that wait to be written into the audit log,
and which workers there are, which RQ looks after.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    prefix = settings.redis_prefix
    if not prefix:
        raise BackupError(
            "The database is restored, but Valkey not emptied: REDIS_PREFIX is empty, so that it cannot be told whose "
            "keys are whose. If nobody else uses this Valkey, empty it with FLUSHDB."
        )
    client = valkey.connect(settings)
    try:
        jobs = JobRecords(client, prefix).delete_all()
        keys = 0
        for found in _batches(client, prefix):
            keys += client.delete(*found)  # type: ignore[operator]  # redis-py's hints mix in its asynchronous client
    except VALKEY_AWAY as away:
        raise BackupError(
            f"The database is restored, but Valkey cannot be reached ({type(away).__name__}): what it holds is about "
            "the state before. Run this again with --drop, or delete it by hand."
        ) from away
    finally:
        client.close()
    return jobs + keys


def _batches(client: Valkey, prefix: str) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for begin in (prefix, f"{_LIMITS}{prefix}limit"):
        for key in client.scan_iter(
            match=f"{begin}*", count=_AT_ONCE
        ):  # a prefix has no characters of patterns
            if key.decode(errors="replace").startswith(f"{prefix}{_AUDIT_KEPT}"):
                continue
            batch.append(key)
            if len(batch) == _AT_ONCE:
                yield batch
                batch = []
    if batch:
        yield batch
