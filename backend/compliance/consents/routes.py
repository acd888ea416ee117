"""/compliance/consents: what one agrees to, in which words; taking it back (docs/product.md P3)."""

from __future__ import annotations

from typing import Any

import svcs
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.audit.requests import audited
from backend.compliance.consents.schemas import (
    ConsentList,
    ConsentOut,
    ConsentTextOut,
    Decision,
    TextPath,
    consent_out,
    kind_of,
    text_out,
)
from backend.http.access import Access, access, caller_id
from backend.http.limits import CONSENTS, rate
from backend.http.problems import Problem
from backend.http.schemas import json_of
from backend.users.consent_texts import CURRENT_TEXTS
from backend.users.consents import ConsentService

_LOGGED_IN: list[dict[str, list[Any]]] = [{"bearer": []}]

consents_api = APIBlueprint(
    "consents",
    __name__,
    url_prefix="/api/v1/compliance",
    abp_tags=[Tag(name="compliance", description="A copy of one's data; what one agrees to.")],
)


@consents_api.get("/consent-texts/<kind>", responses={200: ConsentTextOut})
@access(Access.PUBLIC)
def read_consent_text(path: TextPath) -> dict[str, Any]:
    """The words that are in force."""
    return json_of(text_out(CURRENT_TEXTS[kind_of(path.kind)]))


@consents_api.get("/consents", responses={200: ConsentList}, security=_LOGGED_IN)
@access(Access.GUEST)
def list_consents() -> dict[str, Any]:
    """How I stand to each text."""
    return json_of(ConsentList(items=[consent_out(standing) for standing in _consents().of(caller_id())]))


@consents_api.put("/consents", responses={200: ConsentOut, 409: Problem}, security=_LOGGED_IN)
@access(Access.GUEST)
@rate(CONSENTS)
@audited("compliance.consent_changed")
def decide(body: Decision) -> dict[str, Any]:
    """Agree to a text, or take that back; harmless to repeat.

    Taking back `special_category` deletes diet and allergies before the answer. 409 `consent_outdated`: the words have
    changed.
    """
    kind = kind_of(body.kind)
    if body.given and body.version is not None:
        return json_of(consent_out(_consents().give(caller_id(), kind, body.version)))
    return json_of(consent_out(_consents().withdraw(caller_id(), kind)))


def _consents() -> ConsentService:
    return svcs.flask.get(ConsentService)
