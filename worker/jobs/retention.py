"""Deleting what need not be kept any longer."""

from __future__ import annotations

from backend.compliance.retention import RetentionService
from worker.jobs.context import job_services


def run_retention(period: str = "") -> dict[str, int]:  # noqa: ARG001  # names the job in RQ's lists
    """Run the nightly clean-up and return how much of each kind was deleted; harmless to repeat."""
    with job_services("run_retention") as services:
        return services.get(RetentionService).run().as_dict()
