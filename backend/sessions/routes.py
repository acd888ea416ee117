"""/sessions: the same actions as over the socket, for clients without one, and what is read once."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
import svcs
from bson import ObjectId
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.errors import Conflict
from backend.http.access import Access, access, caller_id
from backend.http.idempotency import idempotent
from backend.http.limits import CODE_GUESSING, SWIPING, rate
from backend.http.problems import Problem
from backend.http.qr import QR_ANSWER, qr_response
from backend.http.schemas import Page, PageQuery, page_response
from backend.sessions.attendance import Attendance
from backend.sessions.conversation import Conversation
from backend.sessions.for_groups import GroupSessions
from backend.sessions.kept import KeptSessions
from backend.sessions.rules.requirements import require_member
from backend.sessions.schemas import (
    DeckView,
    EnergyVote,
    Feedback,
    JoinCode,
    MessageBody,
    MessageId,
    MessageView,
    NewSession,
    Reaction,
    Readiness,
    SessionPath,
    SessionSummary,
    Snapshot,
    SwipeBody,
    SwipeReply,
    UndoBody,
    Vote,
)
from backend.sessions.service import SessionService
from backend.sessions.state import Session, Status
from backend.sessions.swiping import SwipeOrder, Swiping
from backend.sessions.tally import Direction
from backend.sessions.views import SessionViews

sessions_api = APIBlueprint(
    "sessions",
    __name__,
    url_prefix="/api/v1/sessions",
    abp_tags=[
        Tag(name="sessions", description="Dinner decisions. Live over the socket: docs/live-protocol.md.")
    ],
    abp_security=[{"bearer": []}],
)


@sessions_api.post("", responses={201: Snapshot, 404: Problem})
@access(Access.USER)
@idempotent
def create_session(body: NewSession) -> tuple[dict[str, Any], int]:
    """Open a lobby and get its join code. 404 `group_not_found`: for a group that the caller is not in."""
    plan = (body.menu, body.deck_size, tuple(body.rounds) if body.rounds else None)
    if body.group_id is None:
        session = _service().create(caller_id(), *plan)
    else:
        session = svcs.flask.get(GroupSessions).open(ObjectId(body.group_id), caller_id(), *plan)
    return _snapshot(session.id), HTTPStatus.CREATED


@sessions_api.post("/join", responses={200: Snapshot, 403: Problem, 404: Problem, 409: Problem, 503: Problem})
@access(Access.GUEST)
@rate(CODE_GUESSING)
def join_session(body: JoinCode) -> dict[str, Any]:
    """Join by code. Joining again changes nothing."""
    return _snapshot(_service().join(caller_id(), body.code).id)


@sessions_api.get("", responses={200: Page[SessionSummary]})
@access(Access.GUEST)
def list_sessions(query: PageQuery) -> Response:
    """One's own sessions, newest first."""
    kept = svcs.flask.get(KeptSessions)
    sessions, total = kept.of_user(caller_id(), query.skip, query.limit)
    due = kept.waiting_for_feedback(sessions, caller_id())
    entries = [_views().summary(session, caller_id(), session.id in due) for session in sessions]
    return page_response(entries, total, query)


@sessions_api.get("/<id>", responses={200: Snapshot})
@access(Access.GUEST)
def read_session(path: SessionPath) -> dict[str, Any]:
    """The session as it is now."""
    return _snapshot(path.object_id)


@sessions_api.get("/<id>/qr.svg", responses={200: QR_ANSWER})
@access(Access.GUEST)
def read_qr(path: SessionPath) -> Response:
    """The invite link as a QR code, for the session's participants."""
    return qr_response(_views().link(_session(path)))


@sessions_api.get("/<id>/deck", responses={200: DeckView, 409: Problem})
@access(Access.GUEST)
def read_deck(path: SessionPath) -> dict[str, Any]:
    """One's cards of the running round, in order. 409 `not_started` in the lobby."""
    session = _session(path)
    if session.status is Status.LOBBY:
        raise Conflict("The deck is made when the session starts.", code="not_started")
    return _views().deck(session, caller_id())


@sessions_api.post("/<id>/energy", responses={200: Snapshot, 403: Problem, 409: Problem})
@access(Access.GUEST)
def vote_energy(path: SessionPath, body: EnergyVote) -> dict[str, Any]:
    """Say how much energy one has."""
    _load(path.object_id)
    _service().vote_energy(path.object_id, caller_id(), body.energy)
    return _snapshot(path.object_id)


@sessions_api.post("/<id>/ready", responses={200: Snapshot, 403: Problem, 409: Problem})
@access(Access.GUEST)
def set_ready(path: SessionPath, body: Readiness) -> dict[str, Any]:
    """Say that one is ready, or not after all."""
    _load(path.object_id)
    _service().set_ready(path.object_id, caller_id(), body.ready)
    return _snapshot(path.object_id)


@sessions_api.post("/<id>/start", responses={200: Snapshot, 403: Problem, 409: Problem, 503: Problem})
@access(Access.GUEST)
def start_session(path: SessionPath) -> dict[str, Any]:
    """The host starts. 409 `deck_too_small` names the kinds of filter that leave too few cards; 503 `data_locked`."""
    _load(path.object_id)
    _service().start(path.object_id, caller_id())
    return _snapshot(path.object_id)


@sessions_api.post("/<id>/swipes", responses={200: SwipeReply, 403: Problem, 409: Problem})
@access(Access.GUEST)
@rate(SWIPING)
def swipe(path: SessionPath, body: SwipeBody) -> dict[str, Any]:
    """Swipe a card; the answer comes when the swipe is durable. Sending it again with the same op_id is harmless."""
    _session(path)
    item, way = ObjectId(body.item_id), Direction(body.direction)
    order = SwipeOrder(path.object_id, caller_id(), body.op_id, body.round, item, way)
    return {"item": str(svcs.flask.get(Swiping).swipe_and_wait(order))}


@sessions_api.post("/<id>/undo", responses={200: SwipeReply, 403: Problem, 409: Problem})
@access(Access.GUEST)
@rate(SWIPING)
def undo(path: SessionPath, body: UndoBody) -> dict[str, Any]:
    """Take back one's last swipe of this round; answers with its card. 409 `nothing_to_undo`."""
    _session(path)
    order = SwipeOrder(path.object_id, caller_id(), body.op_id, body.round)
    return {"item": str(svcs.flask.get(Swiping).swipe_and_wait(order))}


@sessions_api.post("/<id>/votes", responses={200: Snapshot, 403: Problem, 409: Problem})
@access(Access.GUEST)
def vote(path: SessionPath, body: Vote) -> dict[str, Any]:
    """Ask for a pause, to go on, to skip the round or to end now; or vote on what somebody else asked for."""
    _session(path)
    _service().vote(path.object_id, caller_id(), body.kind, body.in_favour)
    return _snapshot(path.object_id)


@sessions_api.post("/<id>/toss", responses={200: Snapshot, 403: Problem, 409: Problem})
@access(Access.GUEST)
def toss(path: SessionPath) -> dict[str, Any]:
    """The host has a coin choose between the cards that share the first place. 409 `nothing_tied`."""
    _load(path.object_id)
    _service().toss(path.object_id, caller_id())
    return _snapshot(path.object_id)


@sessions_api.get("/<id>/messages", responses={200: Page[MessageView], 403: Problem})
@access(Access.GUEST)
def list_messages(path: SessionPath, query: PageQuery) -> Response:
    """What was said, newest first. Not for those who have left."""
    require_member(_session(path), caller_id())
    messages, total = svcs.flask.get(Conversation).page(path.object_id, query.skip, query.limit)
    return page_response(messages, total, query)


@sessions_api.post("/<id>/messages", responses={201: MessageId, 403: Problem})
@access(Access.GUEST)
@idempotent
def say(path: SessionPath, body: MessageBody) -> tuple[dict[str, Any], int]:
    """Say something to everybody in the session."""
    _session(path)
    message_id = svcs.flask.get(Conversation).say(path.object_id, caller_id(), body.op_id, body.text)
    return {"message_id": str(message_id)}, HTTPStatus.CREATED


@sessions_api.post("/<id>/reactions", responses={204: None, 403: Problem, 409: Problem})
@access(Access.GUEST)
def react(path: SessionPath, body: Reaction) -> tuple[str, int]:
    """Show a quick reaction."""
    _session(path)
    svcs.flask.get(Conversation).react(path.object_id, caller_id(), body.emoji)
    return "", HTTPStatus.NO_CONTENT


@sessions_api.post("/<id>/feedback", responses={200: SessionSummary, 403: Problem, 409: Problem})
@access(Access.GUEST)
def give_feedback(path: SessionPath, body: Feedback) -> dict[str, Any]:
    """Say whether one cooked it, or went there. 409 `no_outcome`."""
    _load(path.object_id)
    session = svcs.flask.get(KeptSessions).give_feedback(path.object_id, caller_id(), body.followed_through)
    return _views().summary(session, caller_id(), feedback_due=False)


@sessions_api.post("/<id>/leave", responses={200: Snapshot})
@access(Access.GUEST)
def leave_session(path: SessionPath) -> dict[str, Any]:
    """Leave the session."""
    _load(path.object_id)
    _service().leave(path.object_id, caller_id())
    return _snapshot(path.object_id)


def _session(path: SessionPath) -> Session:
    """The session, for its participants; to call is a sign of life."""
    session = _load(path.object_id)
    svcs.flask.get(Attendance).seen(session, caller_id())
    return session


def _snapshot(session_id: ObjectId) -> dict[str, Any]:
    position = _views().position_if_known(session_id)
    session = _load(session_id)
    svcs.flask.get(Attendance).seen(session, caller_id())
    return _views().snapshot(session, caller_id(), position)


def _load(session_id: ObjectId) -> Session:
    """The session, for its participants. From here on the log says which: only now it is known to be one's id."""
    session = _service().load_for(session_id, caller_id())
    structlog.contextvars.bind_contextvars(session_id=str(session_id))
    return session


def _service() -> SessionService:
    return svcs.flask.get(SessionService)


def _views() -> SessionViews:
    return svcs.flask.get(SessionViews)
