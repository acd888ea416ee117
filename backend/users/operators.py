"""/admin/users: what operators change about users."""

from __future__ import annotations

from typing import Any, Literal

import structlog
import svcs
from flask_openapi3.blueprint import APIBlueprint

from backend.audit.requests import audited
from backend.http.access import Access, access, current_caller
from backend.http.openapi import OPERATORS
from backend.http.schemas import Body, IdPath, json_of
from backend.users.accounts import Accounts
from backend.users.schemas import UserOut, user_out

_log = structlog.stdlib.get_logger(__name__)

operators_api = APIBlueprint(
    "operators",
    __name__,
    url_prefix="/api/v1/admin/users",
    abp_tags=[OPERATORS],
    abp_security=[{"bearer": []}],
)


class TierChange(Body):
    """What somebody is to be."""

    tier: Literal["free", "pro"]


@operators_api.put("/<id>/tier", responses={200: UserOut})
@access(Access.OPERATOR)
@audited("users.tier_changed", about="id")
def set_tier(path: IdPath, body: TierChange) -> dict[str, Any]:
    """Make somebody free or pro. 404 `user_not_found`."""
    user = svcs.flask.get(Accounts).set_tier(path.object_id, body.tier)
    _log.info("tier_set", user_id=path.id, tier=body.tier, by_user_id=current_caller().user_id)
    return json_of(user_out(user))
