"""What must be done with a database that was restored, before anybody uses it (docs/product.md P2)."""

from __future__ import annotations

import svcs

from backend.audit.trail import AuditTrail
from backend.compliance.erasure.service import ErasureService
from backend.config import Settings
from backend.wiring import build_registry


def replay_erasures(settings: Settings, database: str) -> int:
    """Erase everybody of whom there is a tombstone out of `database`, again; how many were back.

    First the audit log learns that it went back: what follows goes into it.
    """
    into = settings.model_copy(update={"database_name": database})
    with build_registry(into) as registry, svcs.Container(registry) as services:
        if database == settings.database_name:  # the checkpoints are about this one
            services.get(AuditTrail).note_restore()
        return services.get(ErasureService).replay_tombstones()
