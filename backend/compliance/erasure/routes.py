"""/compliance/erasure: ask to be erased, look, change one's mind; and the receipts of erasures."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import svcs
from bson import ObjectId
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.audit.requests import audited
from backend.compliance.erasure.receipts import Receipts
from backend.compliance.erasure.schemas import ErasureOut, ErasureRequest, ReceiptOut, ReceiptPath
from backend.compliance.erasure.service import ErasureService
from backend.http.access import Access, access, current_caller
from backend.http.limits import PASSWORD_GUESSING, SECRET_TOKENS, rate
from backend.http.problems import Problem
from backend.http.schemas import json_of

erasure_api = APIBlueprint(
    "erasure",
    __name__,
    url_prefix="/api/v1/compliance",
    abp_tags=[Tag(name="compliance", description="One's data: copies of it, and its end.")],
)

_BEARER: list[dict[str, list[str]]] = [{"bearer": []}]


@erasure_api.post("/erasure", responses={202: ErasureOut, 403: Problem}, security=_BEARER)
@access(Access.GUEST)
@rate(PASSWORD_GUESSING)
@audited("compliance.erasure_requested")
def request_erasure(body: ErasureRequest) -> tuple[dict[str, Any], int]:
    """Erase me: in ERASURE_GRACE_DAYS, or at once; nothing brings back what is erased.

    403 `wrong_password`, `password_needed`, or `log_in_again` where there is no password and the log-in is not fresh.
    """
    asked = _erasures().request(current_caller(), body.password, immediately=body.immediately)
    return json_of(ErasureOut.of(asked)), HTTPStatus.ACCEPTED


@erasure_api.get("/erasure", responses={200: ErasureOut}, security=_BEARER)
@access(Access.GUEST)
def read_erasure() -> dict[str, Any]:
    """Whether, and when, I am going to be erased."""
    return json_of(ErasureOut.of(_erasures().of(ObjectId(current_caller().user_id))))


@erasure_api.delete("/erasure", responses={204: None, 409: Problem}, security=_BEARER)
@access(Access.GUEST)
@audited("compliance.erasure_cancelled")
def cancel_erasure() -> tuple[str, int]:
    """Do not erase me after all; harmless to repeat. 409 `erasure_begun`."""
    _erasures().cancel(ObjectId(current_caller().user_id))
    return "", HTTPStatus.NO_CONTENT


@erasure_api.get("/erasure-receipts/<receipt_id>", responses={200: ReceiptOut, 404: Problem})
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
def read_receipt(path: ReceiptPath) -> dict[str, Any]:
    """The receipt of an erasure, for whoever was given its id. 404 `receipt_not_found`."""
    receipts = svcs.flask.get(Receipts)
    receipt = receipts.get(path.receipt_id)
    return json_of(ReceiptOut.of(receipt, genuine=receipts.is_genuine(receipt)))


def _erasures() -> ErasureService:
    return svcs.flask.get(ErasureService)
