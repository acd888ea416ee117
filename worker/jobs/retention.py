"""Deleting what need not be kept any longer."""

from __future__ import annotations

from backend.compliance.retention import RetentionService
from backend.infra.jobs import RUN_RETENTION
from worker.jobs.context import turn_of


def run_retention(period: str) -> dict[str, int]:
    """Run the nightly clean-up and return how much was deleted, by place; harmless to repeat."""
    with turn_of(RUN_RETENTION, period) as turn:
        ran = turn.services.get(RetentionService).run(turn.services, after_batch=turn.check)
        turn.result = {swept.place: swept.gone for swept in ran}
    return turn.result
