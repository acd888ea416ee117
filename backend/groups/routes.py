"""/groups: people who eat together again and again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import svcs
from bson import ObjectId
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.audit.requests import audited
from backend.groups.schemas import DecisionOut, GroupBody, GroupOut, GroupPath, JoinGroup, MemberPath
from backend.groups.service import GroupService
from backend.groups.store import Group
from backend.groups.views import GroupViews
from backend.http.access import Access, access, caller_id
from backend.http.idempotency import idempotent
from backend.http.limits import SECRET_TOKENS, rate
from backend.http.problems import Problem
from backend.http.qr import QR_ANSWER, qr_response
from backend.http.schemas import Page, PageQuery, page_response

groups_api = APIBlueprint(
    "groups",
    __name__,
    url_prefix="/api/v1/groups",
    abp_tags=[Tag(name="groups", description="People who eat together again and again.")],
    abp_security=[{"bearer": []}],
)


@groups_api.post("", responses={201: GroupOut})
@access(Access.USER)
@idempotent
def create_group(body: GroupBody) -> tuple[dict[str, Any], int]:
    """Found a group and get its invite link. 409 `too_many_groups`: a free account is in one at a time."""
    return _shown(_service().create(caller_id(), body.name)), HTTPStatus.CREATED


@groups_api.get("", responses={200: Page[GroupOut]})
@access(Access.USER)
def list_groups(query: PageQuery) -> Response:
    """One's own groups, newest first."""
    groups, total = _service().of_user(caller_id(), query.skip, query.limit)
    return page_response(_views().groups(groups), total, query)


@groups_api.post("/join", responses={200: GroupOut, 404: Problem, 409: Problem})
@access(Access.USER)
@rate(SECRET_TOKENS)
def join_group(body: JoinGroup) -> dict[str, Any]:
    """Join by an invite link's token. Joining again changes nothing. 404 `unknown_invite`, 409 `group_full`."""
    return _shown(_service().join(caller_id(), body.token))


@groups_api.get("/<id>", responses={200: GroupOut})
@access(Access.USER)
def read_group(path: GroupPath) -> dict[str, Any]:
    """The group, its members, its invite link and the session it has going."""
    return _shown(_group(path))


@groups_api.patch("/<id>", responses={200: GroupOut})
@access(Access.USER)
def rename_group(path: GroupPath, body: GroupBody) -> dict[str, Any]:
    """The owner gives it another name. 403 `not_owner`."""
    return _shown(_service().rename(path.object_id, caller_id(), body.name))


@groups_api.delete("/<id>", responses={204: None})
@access(Access.USER)
@audited("groups.deleted")
def delete_group(path: GroupPath) -> tuple[str, int]:
    """The owner deletes it. Everybody keeps their own history of sessions."""
    _service().delete(path.object_id, caller_id())
    return "", HTTPStatus.NO_CONTENT


@groups_api.post("/<id>/leave", responses={204: None})
@access(Access.USER)
def leave_group(path: GroupPath) -> tuple[str, int]:
    """Leave. An owner's place goes to the longest member; with the last one the group goes."""
    _service().leave(path.object_id, caller_id())
    return "", HTTPStatus.NO_CONTENT


@groups_api.delete("/<id>/members/<user_id>", responses={200: GroupOut})
@access(Access.USER)
@audited("groups.member_removed", about="user_id")
def remove_member(path: MemberPath) -> dict[str, Any]:
    """The owner removes a member. The invite link is another one from then on."""
    return _shown(_service().remove_member(path.object_id, caller_id(), ObjectId(path.user_id)))


@groups_api.post("/<id>/invite", responses={200: GroupOut})
@access(Access.USER)
@audited("groups.invite_changed")
@idempotent
def rotate_invite(path: GroupPath) -> dict[str, Any]:
    """The owner has a new invite link made; the old one is dead at once."""
    return _shown(_service().rotate_invite(path.object_id, caller_id()))


@groups_api.get("/<id>/qr.svg", responses={200: QR_ANSWER})
@access(Access.USER)
def read_qr_code(path: GroupPath) -> Response:
    """The invite link as a QR code."""
    return qr_response(_views().invite_link(_group(path)))


@groups_api.get("/<id>/history", responses={200: Page[DecisionOut]})
@access(Access.USER)
def list_decisions(path: GroupPath, query: PageQuery) -> Response:
    """What the group has decided, newest first."""
    decisions, total = _views().history(_group(path), query.skip, query.limit)
    return page_response(decisions, total, query)


def _group(path: GroupPath) -> Group:
    return _service().get(path.object_id, caller_id())


def _shown(group: Group) -> dict[str, Any]:
    return _views().group(group)


def _service() -> GroupService:
    return svcs.flask.get(GroupService)


def _views() -> GroupViews:
    return svcs.flask.get(GroupViews)
