"""/compliance/audit: what is recorded of oneself. /admin/audit: operators search."""

from __future__ import annotations

from typing import Any

import svcs
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.audit.reading import Criteria, own
from backend.audit.requests import audited, note
from backend.audit.schemas import AuditEntryOut, Entries, EntriesQuery, OwnEntries, SearchQuery
from backend.audit.trail import AuditTrail
from backend.http.access import Access, access, caller_id
from backend.http.openapi import OPERATORS
from backend.http.schemas import json_of

audit_api = APIBlueprint("audit", __name__, url_prefix="/api/v1", abp_security=[{"bearer": []}])


@audit_api.get(
    "/compliance/audit",
    tags=[Tag(name="compliance", description="A copy of one's data.")],
    responses={200: OwnEntries},
)
@access(Access.GUEST)
def read_own_entries(query: EntriesQuery) -> dict[str, Any]:
    """What the audit log holds about oneself, newest first. An entry appears within about a second."""
    me = caller_id()
    found, following = _trail().search(Criteria(user_id=me), query.after, query.limit)
    return {
        "items": [own(record, me) for record in found],
        "next": str(following) if following else None,
    }


@audit_api.get("/admin/audit", tags=[OPERATORS], responses={200: Entries})
@access(Access.OPERATOR)
@audited("audit.searched")
def search_entries(query: SearchQuery) -> dict[str, Any]:
    """Entries of the audit log, newest first. That somebody looked is recorded as well."""
    note(about=query.user_id)
    found, following = _trail().search(query.to_criteria(), query.after, query.limit)
    return json_of(
        Entries(
            items=[AuditEntryOut.of(record) for record in found],
            next=str(following) if following else None,
        )
    )


def _trail() -> AuditTrail:
    return svcs.flask.get(AuditTrail)
