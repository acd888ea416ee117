"""Working on a copy of the database so that the live side notices nothing.

A backup is restored beside the live database to look into it, and on trial every month. What is done with such a copy
must not reach this installation or the people in it: its Valkey, its files, its mails, Clerk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from pydantic import SecretStr

from backend.config import Settings
from backend.infra.valkey import VALKEY_AWAY
from worker.backups.forgetting import forget_all_of

_log = structlog.stdlib.get_logger(__name__)

_NOBODY = SecretStr("")


@contextmanager
def aside(settings: Settings, database: str) -> Iterator[Settings]:
    """The settings by which a copy named `database` is worked on, on the same MongoDB and with the same keys.

    What is kept elsewhere lies below a prefix in Valkey and in a folder that nobody else uses, and goes at the end. The
    prefix is the same each time: what a killed process has left goes at the next beginning. Nobody is written to, and
    nobody elsewhere is told of anything. The database itself stays.
    """
    with TemporaryDirectory(prefix="dindin-aside-") as folder:
        copy = settings.model_copy(
            update={
                "database_name": database,
                "redis_prefix": prefix_of(settings, database),
                "data_dir": Path(folder),
                "storage_url": "",  # below data_dir, as are backups
                "backup_url": "",
                "smtp_url": _NOBODY,
                "clerk_issuer": "",
                "clerk_secret_key": _NOBODY,
                # No request that knew the live database can be under way here.
                "erasure_settle_seconds": 0,
            }
        )
        _tidy_up(copy)
        try:
            yield copy
        finally:
            _tidy_up(copy)


def prefix_of(settings: Settings, database: str) -> str:
    """What the copy's keys begin with: as no installation's do, and different for those that share a Valkey."""
    whose = sha256(f"{database} {settings.redis_prefix}".encode()).hexdigest()
    return f"aside:{whose[:16]}:"


def _tidy_up(copy: Settings) -> None:
    try:
        forget_all_of(copy)
    except VALKEY_AWAY as away:  # where it is away, nothing was put into it, or it goes the next time
        _log.warning("aside_not_tidied_up", error=type(away).__name__)
