"""The live socket: handshake, operations, replies (docs/live-protocol.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import flask_sock
import structlog
from bson import ObjectId
from flask import Flask
from pymongo.errors import PyMongoError

from backend.audit.events import Outcome
from backend.audit.requests import audited, note
from backend.auth.service import AuthService
from backend.config import Settings
from backend.errors import AppError, Busy, NotFound
from backend.http.access import Access, access
from backend.http.limits import SOCKETS, rate
from backend.infra.clock import Clock, to_milliseconds
from backend.infra.event_bus import EventBus, Passing, Position
from backend.infra.metrics import LIVE_SOCKETS, RESUMES
from backend.infra.upgrade import Upgrade
from backend.infra.valkey import VALKEY_AWAY
from backend.infra.websocket import (
    INTERNAL_ERROR,
    MALFORMED,
    NOT_A_PARTICIPANT,
    TRY_AGAIN_LATER,
    WebSocket,
    WebSocketClosed,
)
from backend.sessions import rules
from backend.sessions.attendance import Attendance
from backend.sessions.greeting import Refused, greet, require_logged_in
from backend.sessions.live_socket import HEARTBEAT_SECONDS, LiveSocket
from backend.sessions.operating import NotAnOperation, Operating
from backend.sessions.operations import Hello
from backend.sessions.participant_socket import ParticipantSocket
from backend.sessions.rooms import Room, Rooms, presence_frame
from backend.sessions.service import SessionService
from backend.sessions.sockets import InboxSocket, Sockets
from backend.sessions.views import SessionViews

_log = structlog.stdlib.get_logger(__name__)

PATH = "/api/v1/live"
_RETRY_AFTER_SECONDS = 2
_MOST_SOCKETS = 10_000  # in one process; deploy/gunicorn.conf.py lets it open as many files
_REASON_BYTES = 120  # a close frame holds 123

_Result = TypeVar("_Result")


class LiveEndpoint:
    """Serves live sockets. One per process. A handler sees a socket through its welcome and ends."""

    def __init__(
        self,
        *,
        auth: AuthService,
        service: SessionService,
        views: SessionViews,
        sockets: Sockets,
        rooms: Rooms,
        operating: Operating,
        attendance: Attendance,
        bus: EventBus,
        clock: Clock,
    ) -> None:
        self._auth = auth
        self._service = service
        self._views = views
        self._sockets = sockets
        self._rooms = rooms
        self._operating = operating
        self._attendance = attendance
        self._bus = bus
        self._clock = clock
        self._open = 0

    def admit(self) -> None:
        """Refuse another socket where this process holds as many as it can.

        Raises:
            Busy: come back in a moment, to another process perhaps.
        """
        if self._open >= _MOST_SOCKETS:
            raise Busy("This server is full. Try again in a moment.", retry_after=_RETRY_AFTER_SECONDS)

    def serve(self, ws: WebSocket) -> None:
        """Greet a client; a `_Guest` goes on with what it says then. Never raises: the socket is no longer HTTP."""
        self._open += 1
        LIVE_SOCKETS.inc()
        peer = self._closing_on_error(ws, partial(self._let_in_or_note, ws))
        if peer is not None:
            ws.hand_over(_Guest(self, ws, peer))
        else:
            ws.finish()
            self._count_out()

    def take(self, ws: WebSocket, peer: LiveSocket, text: str) -> None:
        """What a welcomed client says."""
        if peer.may_operate():
            self._closing_on_error(ws, partial(self._operating.operate, peer, text))

    def leave(self, peer: LiveSocket) -> None:
        """A welcomed client's socket has ended."""
        self._count_out()
        self._sockets.exit(peer)
        if isinstance(peer, ParticipantSocket) and self._rooms.exit(peer):
            self._tell_away(peer)

    def _count_out(self) -> None:
        self._open -= 1
        LIVE_SOCKETS.dec()

    def _closing_on_error(self, ws: WebSocket, act: Callable[[], _Result]) -> _Result | None:
        try:
            return act()
        except WebSocketClosed:
            pass
        except Refused as refused:
            ws.close(refused.close_code, refused.reason)
        except NotAnOperation:
            ws.close(MALFORMED, "not an operation of this protocol")
        except NotFound as missing:
            ws.close(NOT_A_PARTICIPANT, missing.detail[:_REASON_BYTES])
        except (*VALKEY_AWAY, PyMongoError, Busy):
            ws.close(TRY_AGAIN_LATER, json.dumps({"retry_after": _RETRY_AFTER_SECONDS}))
        except Exception:  # noqa: BLE001  # past the upgrade an exception would be written into the stream as HTTP
            _log.exception("live_socket_failed")
            ws.close(INTERNAL_ERROR, "internal error")
        return None

    def _let_in_or_note(self, ws: WebSocket) -> LiveSocket:
        """Whoever is turned away is in the audit log as refused: the request itself was answered well, with 101."""
        try:
            return self._let_in(ws)
        except Refused as refused:
            note(outcome=Outcome.REFUSED, reason=f"closed_{refused.close_code}")
            raise
        except NotFound:
            note(outcome=Outcome.REFUSED, reason=f"closed_{NOT_A_PARTICIPANT}")
            raise
        except BaseException:
            note(outcome=Outcome.FAILED)
            raise

    def _let_in(self, ws: WebSocket) -> LiveSocket:
        hello, caller = greet(ws, self._auth)
        note(who=ObjectId(caller.user_id))
        structlog.contextvars.bind_contextvars(user_id=caller.user_id)
        if isinstance(hello, Hello):
            participant = ParticipantSocket(ws, ObjectId(hello.session), caller)
            return self._entered(participant, partial(self._enter_session, participant, hello))
        inbox = InboxSocket(ws, caller)
        return self._entered(inbox, partial(self._open_inbox, inbox))

    def _entered(self, peer: LiveSocket, welcome: Callable[[], None]) -> LiveSocket:
        self._sockets.enter(peer)
        try:
            welcome()
        except BaseException:
            self._sockets.exit(peer)
            raise
        return peer

    def _open_inbox(self, peer: InboxSocket) -> None:
        welcome = {"you": str(peer.user_id), "heartbeat": HEARTBEAT_SECONDS, "node": self._bus.node}
        peer.welcome(self._frame("welcome", welcome))
        RESUMES.labels(result="inbox").inc()
        require_logged_in(peer, self._auth)

    def _enter_session(self, peer: ParticipantSocket, hello: Hello) -> None:
        self._require_member(peer)
        room = self._rooms.enter(peer)
        try:
            self._attendance.arrived(peer.session_id, peer.user_id)
            if hello.takeover:
                self._rooms.take_over(peer)
            self._welcome(peer, room, hello)
        except BaseException:
            if self._rooms.exit(peer):
                self._tell_away(peer)
            raise

    def _require_member(self, peer: ParticipantSocket) -> None:
        """Let nobody near the room who is not in the session now."""
        session = self._service.load_for(peer.session_id, peer.user_id)
        if session.participant(peer.user_id).left:
            raise Refused(NOT_A_PARTICIPANT, "you have left this session")
        structlog.contextvars.bind_contextvars(session_id=str(session.id))

    def _welcome(self, peer: ParticipantSocket, room: Room, hello: Hello) -> None:
        """Snapshot or missed events, then what came meanwhile: it is held back until then, so order never breaks."""
        position = self._views.position(peer.session_id)
        self._rooms.align(room, position, newcomer=peer)
        session = self._attendance.welcome(self._rooms.fresh(room), peer.user_id)
        if session.participant(peer.user_id).left:  # meanwhile, on another device
            raise Refused(NOT_A_PARTICIPANT, "you have left this session")
        counted = self._views.tally(session)
        room.take_count(session.round, counted)
        missed = None
        if hello.resume is not None:
            missed = self._bus.since(peer.session_id, Position(hello.resume.epoch, hello.resume.seq))
        welcome: dict[str, Any] = {
            "you": str(peer.user_id),
            "heartbeat": HEARTBEAT_SECONDS,
            "node": self._bus.node,
            "epoch": position.epoch,
            "seq": position.seq,
            "resumed": missed is not None,
        }
        self._pass_on_presence(peer, "connected")
        if missed is None or hello.resume is None:
            welcome["snapshot"] = self._views.snapshot(session, peer.user_id, position, counted)
            peer.welcome(self._frame("welcome", welcome), (), after=position.seq)
        else:
            peer.welcome(self._frame("welcome", welcome), missed, after=hello.resume.seq + len(missed))
            peer.pass_frame(self._frame("progress", self._views.progress(session, counted)))
        RESUMES.labels(result=_resume_result(hello, missed)).inc()
        require_logged_in(peer, self._auth)
        # A process may have died between a swipe and what it led to: whoever comes back brings it to light.
        matched = bool(rules.match(session, counted.likes, self._clock.now()).events)
        if matched or (session.status.running and rules.everybody_finished(session, counted)):
            self._service.settle(session.id)

    def _tell_away(self, peer: ParticipantSocket) -> None:
        """The user's last socket here closed: tell, unless they are connected elsewhere or have left for good."""
        try:
            if not self._attendance.departed(peer.session_id, peer.user_id):
                return
            session = self._rooms.current(self._rooms.room(peer.session_id))
        except (*VALKEY_AWAY, PyMongoError, AppError) as error:
            _log.warning("presence_untold", error=type(error).__name__)
            return
        back_already = self._rooms.room(peer.session_id).has(peer.user_id)
        if peer.user_id in session.required and not back_already:
            self._pass_on_presence(peer, "away")

    def _pass_on_presence(self, peer: ParticipantSocket, status: str) -> None:
        frame = presence_frame(str(peer.user_id), status)
        self._rooms.pass_local(peer.session_id, frame)
        self._bus.pass_on(Passing([(peer.session_id, frame)]))

    def _frame(self, kind: str, told: dict[str, Any]) -> str:
        at = to_milliseconds(self._clock.now())
        return json.dumps({"type": kind, "at": at, "data": told}, separators=(",", ":"))


def _resume_result(hello: Hello, missed: list[str] | None) -> str:
    if hello.resume is None:
        return "first"
    return "resumed" if missed is not None else "snapshot"


class _Guest:
    """A welcomed client's socket, and where what it says goes. Small, for there are many."""

    __slots__ = ("_endpoint", "_peer", "_request_id", "_ws")

    def __init__(self, endpoint: LiveEndpoint, ws: WebSocket, peer: LiveSocket) -> None:
        self._endpoint = endpoint
        self._request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        self._ws = ws
        self._peer = peer

    def take(self, text: str) -> None:
        """Carry out an operation."""
        self._bind_log()
        self._endpoint.take(self._ws, self._peer, text)

    def ended(self) -> None:
        """Leave the room."""
        self._bind_log()
        self._endpoint.leave(self._peer)

    def _bind_log(self) -> None:
        """Each message is taken in a greenlet of its own, which has to know where it belongs."""
        structlog.contextvars.bind_contextvars(request_id=self._request_id, user_id=str(self._peer.user_id))
        if isinstance(self._peer, ParticipantSocket):
            structlog.contextvars.bind_contextvars(session_id=str(self._peer.session_id))


def open_live_route(app: Flask, endpoint: LiveEndpoint, settings: Settings) -> None:
    """Route the socket through flask-sock, with our transport in the place of simple-websocket's."""
    flask_sock.Server = Upgrade
    app.config["SOCK_SERVER_OPTIONS"] = {
        "allowed_origins": frozenset(settings.allowed_origins),
        "admit": endpoint.admit,
    }
    sock = flask_sock.Sock(app)

    @sock.route(PATH, endpoint="live")  # type: ignore[untyped-decorator]  # flask-sock has no hints
    @access(Access.SOCKET)
    @rate(SOCKETS)
    @audited("live.opened")
    def live(upgrade: Upgrade) -> None:
        endpoint.serve(upgrade.socket)
