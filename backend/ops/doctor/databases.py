"""MongoDB, Valkey, and the clocks of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import svcs

from backend.config import Settings
from backend.infra.clock import Clock
from backend.infra.indexes import missing_indexes
from backend.infra.mongo import MongoDatabase
from backend.infra.restoring import NotWhole, check_whole
from backend.infra.valkey import Valkey
from backend.migrations.schema import NewerSchema, check_schema
from backend.migrations.steps import STEPS
from backend.ops.doctor.findings import Finding, count, fail, ok, warn

_MONGODB_VERSIONS = (6, 8)
_VALKEY_VERSION = 7
# Tokens are good for minutes and rounds last tens of seconds: a second is noise, five move somebody's deadline.
_SKEW_NOTICED, _SKEW_HARMFUL = timedelta(seconds=1), timedelta(seconds=5)
_SET_CLOCKS = (
    "Keep the clocks of all machines together, with NTP: tokens, rounds and leases are told by them."
)
_EVICTION = "noeviction"


def mongodb(services: svcs.Container) -> Iterator[Finding]:
    """Its version, and whether it is a replica set with a primary."""
    database = services.get(MongoDatabase)
    hello = database.client.admin.command("hello")
    version = str(database.client.server_info()["version"])
    oldest, newest = _MONGODB_VERSIONS
    major = int(version.partition(".")[0])
    if not hello.get("isWritablePrimary"):
        yield fail("mongodb", f"{version}, no primary that takes writes", "See rs.status() on its members.")
    elif major < oldest:
        yield fail("mongodb", f"{version} is too old", f"Use MongoDB {oldest} to {newest}.")
    elif major > newest:
        yield warn("mongodb", f"{version} was never tried with DinDin", f"Use MongoDB {oldest} to {newest}.")
    else:
        yield ok("mongodb", version)
    yield _replication(hello, production=services.get(Settings).app_env == "production")


def _replication(hello: Mapping[str, Any], *, production: bool) -> Finding:
    if hello.get("msg") == "isdbgrid":
        return ok("replica set", "a sharded cluster")
    if "setName" not in hello:
        return fail(
            "replica set",
            "a single server: it cannot be backed up, and what it acknowledged is on one disk only",
            "Start mongod with --replSet; one member is enough to begin with.",
        )
    members = len(hello.get("hosts", ()))
    if production and members == 1:
        return warn(
            "replica set",
            f"{hello['setName']} has one member: if that goes, everything stops",
            "Add two members (rs.add).",
        )
    return ok("replica set", f"{hello['setName']}, {count(members, 'member')}")


def schema(services: svcs.Container) -> Iterator[Finding]:
    """Whether the database has the schema that this version works with, and is whole."""
    database = services.get(MongoDatabase)
    try:
        check_whole(database)
        pending = check_schema(database)
    except NotWhole as broken:
        yield fail("schema", "a restore was interrupted", str(broken))
        return
    except NewerSchema as newer:
        yield fail("schema", "newer than this version", str(newer))
        return
    if pending:
        names = ", ".join(step.name for step in pending)
        yield fail("schema", f"behind this version: {names}", "Run `python -m backend prepare`.")
    else:
        yield ok("schema", STEPS[-1].name)


def indexes(services: svcs.Container) -> Iterator[Finding]:
    """Whether those that the models declare are there."""
    services.get(MongoDatabase)  # the models' connection is this one
    missing = missing_indexes()
    if missing:
        yield fail(
            "indexes",
            f"missing: {'; '.join(missing)}",
            "Run `python -m backend prepare`: without them nothing keeps doubles out, and reads take long.",
        )
    else:
        yield ok("indexes", "all there")


def valkey(services: svcs.Container) -> Iterator[Finding]:
    """Its version, what it does when it is full, and what it keeps over a restart."""
    info: dict[str, Any] = services.get(Valkey).info()  # type: ignore[assignment]  # redis-py's hints mix in its asynchronous client
    version = str(info.get("valkey_version") or info["redis_version"])
    product = "Valkey" if "valkey_version" in info else "Redis"
    if int(version.partition(".")[0]) < _VALKEY_VERSION:
        yield fail(
            "valkey", f"{product} {version} is too old", f"Use Valkey or Redis {_VALKEY_VERSION} or newer."
        )
    else:
        yield ok("valkey", f"{product} {version}")
    yield _when_full(info)
    yield _over_a_restart(info)


def _when_full(info: Mapping[str, Any]) -> Finding:
    policy = info.get("maxmemory_policy")
    if policy is None:
        return warn("valkey memory", "not checked: the server does not tell", f"It must be {_EVICTION}.")
    if policy != _EVICTION:
        return fail(
            "valkey memory",
            f"when it is full it deletes what it likes ({policy}): jobs, deadlines, limits",
            f"Set maxmemory-policy {_EVICTION}.",
        )
    return ok("valkey memory", policy)


def _over_a_restart(info: Mapping[str, Any]) -> Finding:
    if "aof_enabled" not in info:
        return warn("valkey disk", "not checked: the server does not tell", "It should have appendonly yes.")
    if not info["aof_enabled"]:
        return warn(
            "valkey disk",
            "it writes no log: jobs that wait are lost when it restarts, up to its last snapshot",
            "Set appendonly yes.",
        )
    if info.get("aof_last_write_status", "ok") != "ok":
        return fail("valkey disk", "it cannot write its log", "Look at its disk and its own log.")
    return ok("valkey disk", "appendonly")


def clocks(services: svcs.Container) -> Iterator[Finding]:
    """How far this machine's clock is from those of the databases."""
    clock: Clock = services.get_abstract(Clock)

    def of_mongodb() -> datetime:
        local: datetime = services.get(MongoDatabase).client.admin.command("hello")["localTime"]
        return local.replace(tzinfo=UTC)

    def of_valkey() -> datetime:
        seconds, micros = services.get(Valkey).time()  # type: ignore[misc]  # redis-py's hints mix in its asynchronous client
        return datetime.fromtimestamp(seconds + micros / 1e6, UTC)

    for name, ask in (("MongoDB", of_mongodb), ("Valkey", of_valkey)):
        before, theirs, after = clock.now(), ask(), clock.now()
        # They looked somewhere between: what that leaves open counts for nobody.
        skew = max(before - theirs, theirs - after, timedelta(0))
        said = f"{skew.total_seconds():.1f} s from {name}'s"
        if skew >= _SKEW_HARMFUL:
            yield fail("clock", said, _SET_CLOCKS)
        elif skew >= _SKEW_NOTICED:
            yield warn("clock", said, _SET_CLOCKS)
        else:
            yield ok("clock", said)
