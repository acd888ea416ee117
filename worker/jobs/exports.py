"""Building the ZIP of everything about one user."""

from __future__ import annotations

from bson import ObjectId

from backend.compliance.exports.building import ExportBuilder
from backend.compliance.exports.service import ExportService
from backend.infra.jobs import BUILD_EXPORT
from worker.jobs.context import is_last_attempt, job_services


def build_export(export_id: str, request_id: str = "") -> None:  # noqa: ARG001  # see below
    """Build one export; harmless to repeat. After the last failed attempt its owner sees "failed".

    Args:
        export_id: whose record says for whom.
        request_id: means nothing any more. The version before gives it, and what it has put on the queue may still
            wait there after an upgrade; the next version need not take it.
    """
    with job_services(BUILD_EXPORT.name) as services:
        try:
            services.get(ExportBuilder).build(services, ObjectId(export_id))
        except Exception:
            if is_last_attempt():
                services.get(ExportService).give_up(ObjectId(export_id))
            raise
