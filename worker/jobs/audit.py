"""Signing where the audit log stands."""

from __future__ import annotations

from backend.audit.trail import AuditTrail
from backend.infra.jobs import SEAL_AUDIT
from worker.jobs.context import turn_of


def seal_audit(period: str) -> dict[str, int]:
    """Sign a checkpoint of the audit log and return how far it reaches; harmless to repeat."""
    with turn_of(SEAL_AUDIT, period) as turn:
        mark = turn.services.get(AuditTrail).checkpoint()
        turn.result = {"seq": mark.link.seq, "count": mark.count} if mark else {}
    return turn.result
