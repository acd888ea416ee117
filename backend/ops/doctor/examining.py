"""Carrying out checks: all at once, each in bounded time, so that one that hangs or breaks hides no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import svcs
from pymongo.errors import PyMongoError

from backend.config import Settings
from backend.infra.valkey import VALKEY_AWAY
from backend.ops.doctor import databases, outside, work
from backend.ops.doctor.findings import Check, Finding, Level, fail, ok, warn

_LIMIT_SECONDS = 25.0


def _settings(services: svcs.Container) -> list[Finding]:
    """They were read and are good, or nobody would be here."""
    env = services.get(Settings).app_env
    if env == "production":
        return [ok("settings", "good for production")]
    return [ok("settings", f"good; APP_ENV={env} takes weaker ones than production")]


LOOKING: tuple[tuple[str, Check], ...] = (
    ("settings", _settings),
    ("mongodb", databases.mongodb),
    ("schema", databases.schema),
    ("indexes", databases.indexes),
    ("valkey", databases.valkey),
    ("clock", databases.clocks),
    ("keys", work.keys),
    ("data keys", work.data_keys),
    ("flags", work.flags),
    ("backups", work.backups),
    ("worker", work.workers),
    ("cron", work.cron),
)
"""Cheap, and changes nothing."""

TRYING: tuple[tuple[str, Check], ...] = (
    ("websocket", outside.web_socket),
    ("storage", outside.storage),
    ("mail", outside.mail),
)
"""Goes out to others: for the command alone."""

# These say that a database is away; what else needs it only says that it could not look.
_ANSWERS = {
    "mongodb": "See that it runs, and that MONGODB_URI is right.",
    "valkey": "See that it runs, and REDIS_URL.",
}


def examine(
    registry: svcs.Registry, checks: Sequence[tuple[str, Check]], limit_seconds: float = _LIMIT_SECONDS
) -> list[Finding]:
    """What the checks find, in their order. What does not end in time is a finding as well."""
    found: dict[str, list[Finding]] = {}

    def look(part: str, check: Check) -> None:
        with svcs.Container(registry) as services:
            found[part] = _carried_out(part, check, services)

    threads = {
        part: threading.Thread(target=look, args=(part, check), name=f"doctor {part}", daemon=True)
        for part, check in checks
    }
    deadline = time.monotonic() + limit_seconds
    for thread in threads.values():
        thread.start()
    for thread in threads.values():
        thread.join(max(0.0, deadline - time.monotonic()))
    late = f"not checked: it takes longer than {limit_seconds:.0f} s"
    return [
        finding
        for part in threads
        for finding in found.get(part) or [fail(part, late, "See what it waits for.")]
    ]


def worst(findings: Sequence[Finding]) -> Level:
    """The level of the worst of them."""
    return max((finding.level for finding in findings), key=list(Level).index, default=Level.OK)


def _carried_out(part: str, check: Check, services: svcs.Container) -> list[Finding]:
    try:
        return list(check(services))
    except PyMongoError as away:
        return [_away(part, "MongoDB", away)]
    except VALKEY_AWAY as away:
        return [_away(part, "Valkey", away)]
    except Exception as broken:  # noqa: BLE001  # one check that is wrong must not hide what others find
        said = f"not checked: the check itself broke ({type(broken).__name__}: {broken})"
        return [warn(part, said, "Please report this.")]


def _away(part: str, what: str, error: Exception) -> Finding:
    if part in _ANSWERS:
        return fail(part, f"{what} does not answer as it should: {type(error).__name__}", _ANSWERS[part])
    return warn(part, f"not checked: {what} does not answer as it should", "Mend that first.")
