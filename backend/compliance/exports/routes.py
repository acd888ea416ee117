"""/compliance/exports: ask for, follow and download a copy of everything about oneself."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import svcs
from flask import Response, send_file
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.audit.requests import audited
from backend.auth.schemas import ReAuthentication
from backend.compliance.exports.schemas import ExportList, ExportOut, export_out
from backend.compliance.exports.service import ExportService
from backend.http.access import Access, access, caller_id, current_caller
from backend.http.edge import never_compressed
from backend.http.idempotency import idempotent
from backend.http.limits import EXPORTS, PASSWORD_GUESSING, rate
from backend.http.problems import Problem
from backend.http.schemas import IdPath, json_of

exports_api = APIBlueprint(
    "exports",
    __name__,
    url_prefix="/api/v1/compliance",
    abp_tags=[Tag(name="compliance", description="A copy of one's data.")],
    abp_security=[{"bearer": []}],
)

_ZIP = "application/zip"


@exports_api.post("/exports", responses={202: ExportOut, 403: Problem})
@access(Access.GUEST)
@rate(EXPORTS)
@audited("compliance.export_requested")
@idempotent
def request_export(body: ReAuthentication) -> tuple[dict[str, Any], int]:
    """Ask for an export; while one is being built, that one is returned.

    Takes the password once more: 403 `wrong_password`, `password_needed`. Who has none must have logged in within the
    last ten minutes: 403 `log_in_again`.
    """
    export = _exports().request(current_caller(), body.password)
    return json_of(export_out(export)), HTTPStatus.ACCEPTED


@exports_api.get("/exports", responses={200: ExportList})
@access(Access.GUEST)
def list_exports() -> dict[str, Any]:
    """My exports, newest first."""
    return json_of(ExportList(items=[export_out(export) for export in _exports().latest_of(caller_id())]))


@exports_api.get("/exports/<id>", responses={200: ExportOut})
@access(Access.GUEST)
def read_export(path: IdPath) -> dict[str, Any]:
    """How far one of my exports is."""
    return json_of(export_out(_exports().get(caller_id(), path.object_id)))


@exports_api.post(
    "/exports/<id>/download",
    responses={
        200: {
            "description": "The archive.",
            "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}},
        },
        403: Problem,
        409: Problem,
        410: Problem,
    },
)
@access(Access.GUEST)
@rate(PASSWORD_GUESSING)
@audited("compliance.export_downloaded")
def download_export(path: IdPath, body: ReAuthentication) -> Response:
    """The ZIP. 409 `export_not_ready` while it is being built, 410 `export_expired` afterwards.

    Takes the password once more, as asking for the export does: 403 `wrong_password`, `password_needed`,
    `log_in_again`. It goes into the body, which is why this is a POST.
    """
    download = _exports().open_download(current_caller(), body.password, path.object_id)
    response = send_file(
        download.file,
        mimetype=_ZIP,
        as_attachment=True,
        download_name=download.name,
        conditional=False,
        etag=False,
    )
    response.content_length = download.size_bytes
    return never_compressed(response)


def _exports() -> ExportService:
    return svcs.flask.get(ExportService)
