"""What crosses the wire about exports."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from backend.compliance.exports.store import ExportState
from backend.http.schemas import Moment


class ExportOut(BaseModel):
    """Where an export is."""

    id: str
    status: Literal["queued", "running", "done", "failed"]
    progress: int
    requested_at: Moment
    finished_at: Moment | None
    expires_at: Moment
    size_bytes: int | None


class ExportList(BaseModel):
    """The caller's exports, newest first."""

    items: list[ExportOut]


def export_out(export: ExportState) -> ExportOut:
    """As its owner sees it."""
    return ExportOut.model_validate(
        {
            "id": str(export.id),
            "status": export.status,
            "progress": export.progress,
            "requested_at": export.requested_at,
            "finished_at": export.finished_at,
            "expires_at": export.expires_at,
            "size_bytes": export.size_bytes,
        }
    )
