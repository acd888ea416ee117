"""Erasing people who asked for it."""

from __future__ import annotations

from bson import ObjectId

from backend.compliance.erasure.service import ErasureService
from backend.infra.jobs import ENQUEUE_DUE_ERASURES, ERASE
from worker.jobs.context import job_services, turn_of


def erase(erasure_id: str) -> str:
    """Go on with one erasure, as far as it goes now: `finished` or `waits`. Harmless to repeat."""
    with job_services(ERASE.name) as services:
        return services.get(ErasureService).carry_out(ObjectId(erasure_id))


def enqueue_due_erasures(period: str) -> dict[str, int]:
    """Begin erasures whose day has come, and go on with those that stand still; harmless to repeat."""
    with turn_of(ENQUEUE_DUE_ERASURES, period) as turn:
        turn.result = {"erasures": turn.services.get(ErasureService).begin_due()}
    return turn.result
