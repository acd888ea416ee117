"""Deleting what need not be kept any longer."""

from __future__ import annotations

from backend.compliance.erasure.service import ErasureService
from backend.compliance.retention.service import RetentionService
from backend.infra.jobs import RUN_RETENTION
from worker.jobs.context import turn_of

LEFTOVERS = "people with leftovers"  # beside the places, in the results of a run


def run_retention(period: str) -> dict[str, int]:
    """Run the nightly clean-up and return how much was deleted, by place; harmless to repeat.

    Also begins to erase again those of whom a request left something that was under way while they were erased.
    """
    with turn_of(RUN_RETENTION, period) as turn:
        ran = turn.services.get(RetentionService).run(turn.services, after_batch=turn.check)
        left = turn.services.get(ErasureService).erase_leftovers(after_each=turn.check)
        turn.result = {**{swept.place: swept.gone for swept in ran}, LEFTOVERS: left}
    return turn.result
