"""Puts the audit log together."""

from __future__ import annotations

from collections.abc import Callable

import svcs
from bson import ObjectId
from flask import Flask

from backend.audit.chain import Chain
from backend.audit.marks import Marks
from backend.audit.queue import AuditQueue
from backend.audit.requests import init_audit
from backend.audit.subjects import Subjects
from backend.audit.trail import AuditTrail
from backend.config import Settings
from backend.infra.clock import Clock
from backend.infra.keys import Ledger
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import Storage
from backend.infra.valkey import Breaker, Valkey


def register_audit(registry: svcs.Registry, has_account: Callable[[ObjectId], bool]) -> AuditTrail:
    """Register the trail; what it takes from the registry must be there. Its lane is started by `open_audit`.

    Args:
        has_account: whether there is a user of that id.
    """
    with svcs.Container(registry) as known:
        settings, database, valkey = known.get(Settings, MongoDatabase, Valkey)
        ledger, storage, breaker = known.get(Ledger, Storage, Breaker)
        clock = known.get_abstract(Clock)

    queue = AuditQueue(valkey, settings.redis_prefix, breaker)
    trail = AuditTrail(
        chain=Chain(database, ledger),
        subjects=Subjects(database, ledger, has_account),
        queue=queue,
        marks=Marks(storage, ledger),
        clock=clock,
    )
    registry.register_value(AuditQueue, queue)
    registry.register_value(AuditTrail, trail, on_registry_close=trail.close)
    return trail


def open_audit(app: Flask, registry: svcs.Registry) -> None:
    """Record this API process's requests. Call behind `init_edge` and before `init_limits`."""
    with svcs.Container(registry) as known:
        settings, trail = known.get(Settings, AuditTrail)
    init_audit(app, settings, trail)
    trail.start_lane()
