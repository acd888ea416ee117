"""/compliance/retention: how long this server keeps what."""

from __future__ import annotations

from typing import Any

import svcs
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from backend.compliance.retention.service import RetentionService
from backend.http.access import Access, access
from backend.http.schemas import json_of

retention_api = APIBlueprint(
    "retention",
    __name__,
    url_prefix="/api/v1/compliance",
    abp_tags=[Tag(name="compliance")],
    abp_security=[{"bearer": []}],
)


class PeriodOut(BaseModel):
    """How long one place keeps what it holds.

    `place` is its name in the data register, `kind` what it is, for example "MongoDB collection".
    """

    place: str
    kind: str
    holds: str
    kept: str


class PolicyOut(BaseModel):
    """The rules in force, place by place."""

    items: list[PeriodOut]


@retention_api.get("/retention", responses={200: PolicyOut})
@access(Access.GUEST)
def read_retention() -> dict[str, Any]:
    """How long everything that can hold personal data is kept, by this server's settings (docs/product.md P4)."""
    policy = svcs.flask.get(RetentionService).policy()
    return json_of(
        PolicyOut(
            items=[PeriodOut(place=at.place, kind=at.kind, holds=at.holds, kept=at.kept) for at in policy]
        )
    )
