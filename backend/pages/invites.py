"""`/j/CODE` and `/g/TOKEN`: who invites, to what, and how to get there."""

from __future__ import annotations

import re
from http import HTTPStatus

import svcs
from flask import Blueprint, Response

from backend.config import Settings
from backend.groups.service import GroupService
from backend.http.access import Access, access
from backend.http.limits import CODE_GUESSING, SECRET_TOKENS, rate
from backend.http.qr import qr_svg
from backend.pages.rendering import fresh_page
from backend.sessions.invitations import Invitations
from backend.sessions.service import CODE_ALPHABET, CODE_LENGTH

invite_pages = Blueprint("invites", __name__)

# docs/product.md S2: upper and lower case are one, because people read codes to each other.
_CODE = re.compile(f"[{CODE_ALPHABET}]{{{CODE_LENGTH}}}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")


@invite_pages.get("/j/<code>")
@access(Access.PUBLIC)
@rate(CODE_GUESSING)
def invite_to_session(code: str) -> Response:
    """Where a session's invite link leads. What never was, is over, or is no code at all looks alike."""
    wanted = code.upper()
    invitation = svcs.flask.get(Invitations).of_code(wanted) if _CODE.fullmatch(wanted) else None
    if invitation is None:
        return fresh_page("no_session", HTTPStatus.NOT_FOUND)
    link = f"{_base_url()}/j/{invitation.code}"
    return fresh_page(
        "session_invite",
        invitation=invitation,
        qr=qr_svg(link),
        base_url=_base_url(),
    )


@invite_pages.get("/g/<token>")
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
def invite_to_group(token: str) -> Response:
    """Where a group's invite link leads. A link that was replaced and one that never was look alike."""
    invitation = svcs.flask.get(GroupService).invitation(token) if _TOKEN.fullmatch(token) else None
    if invitation is None:
        return fresh_page("no_group", HTTPStatus.NOT_FOUND)
    link = f"{_base_url()}/g/{token}"
    return fresh_page(
        "group_invite", invitation=invitation, token=token, link=link, qr=qr_svg(link), base_url=_base_url()
    )


def _base_url() -> str:
    """The configured address, never what a request called this server."""
    return svcs.flask.get(Settings).base_url
