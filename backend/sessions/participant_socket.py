"""A participant's socket: what the room hands it, in order, and what must end it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from bson import ObjectId

from backend.errors import AppError, Busy
from backend.http.access import Caller
from backend.infra.allowance import Allowance
from backend.infra.websocket import (
    NORMAL,
    TAKEN_OVER,
    TOO_MANY_OPERATIONS,
    TRY_AGAIN_LATER,
    UNAUTHENTICATED,
    WebSocket,
)

HEARTBEAT_SECONDS = 25
_PING_AFTER_SECONDS = HEARTBEAT_SECONDS - 5
_DEAD_AFTER_SECONDS = 2 * HEARTBEAT_SECONDS - 5  # noticed within two heartbeats, looked for every few seconds
_TOKEN_GRACE_SECONDS = 30
_OPERATIONS_PER_SECOND = 30
_OPERATIONS_AT_ONCE = 120
_CHANGES_PER_SECOND = 2
_CHANGES_AT_ONCE = 30
_BACK_OFF_SECONDS = 5
_HISTORY_AT_ONCE = 100
# Frames are ours and compact; inside a text of a user these quotes would be escaped.
_LEFT = '"type":"participant_left"'
_ENDED = ('"type":"session_closed"', '"type":"expired"')


class ParticipantSocket:
    """One socket of one participant in one session.

    Whatever the room hands over before the client has been welcomed is held back, so that order never breaks.
    """

    __slots__ = (
        "_allowance",
        "_caller",
        "_changes",
        "_held",
        "_leaving",
        "_seq",
        "_ws",
        "session_id",
        "since",
        "user_id",
    )

    def __init__(self, ws: WebSocket, session_id: ObjectId, caller: Caller) -> None:
        self._ws = ws
        self.session_id = session_id
        self.user_id = ObjectId(caller.user_id)
        self.since = time.monotonic()
        self._caller = caller
        self._held: list[tuple[int | None, str]] | None = []
        self._seq = 0
        self._leaving = False
        self._changes: Allowance | None = None
        self._allowance = Allowance(_OPERATIONS_PER_SECOND, _OPERATIONS_AT_ONCE)

    @property
    def auth_session_id(self) -> str:
        """The log-in behind this socket."""
        return self._caller.auth_session_id

    @property
    def caller(self) -> Caller:
        """Who the newest token spoke for."""
        return self._caller

    def deliver(self, seq: int, frame: str) -> None:
        """Hand over a numbered event; one that was sent before is passed over."""
        if self._held is not None:
            self._held.append((seq, frame))
        elif seq > self._seq:
            self._seq = seq
            self._ws.send(frame)
            if not self._leaving and self._ends_part(frame):
                self._ws.close(NORMAL, "left or closed")

    def pass_frame(self, frame: str) -> None:
        """Hand over a frame without a number."""
        if self._held is not None:
            self._held.append((None, frame))
        else:
            self._ws.send_lazily(frame)

    def forget_held_events(self) -> None:
        """Numbers have begun again: events held so far belong to the old ones, and a snapshot is to come."""
        if self._held is not None:
            self._held = [(seq, frame) for seq, frame in self._held if seq is None]

    def welcome(self, frame: str, missed: Sequence[str], after: int) -> None:
        """Send the welcome and the history that follows it, then what was held meanwhile; hold no more.

        Args:
            missed: events up to number `after`, at the pace at which the client reads.
        """
        self._ws.send(frame)
        for start in range(0, len(missed), _HISTORY_AT_ONCE):
            for event in missed[start : start + _HISTORY_AT_ONCE]:
                self._ws.send(event)
            self._ws.flush()
        self._seq = after
        held, self._held = self._held or [], None
        for seq, waiting in held:
            if seq is None:
                self.pass_frame(waiting)
            else:
                self.deliver(seq, waiting)

    def leave(self) -> None:
        """The participant is leaving through this socket: the answer still has to go out before it closes."""
        self._leaving = True

    def stay(self) -> None:
        """They could not leave."""
        self._leaving = False

    def answer(self, op_id: str, answer: dict[str, Any]) -> None:
        """Reply that an operation was carried out."""
        self._ws.send(json.dumps({"re": op_id, "ok": True, "data": answer}, separators=(",", ":")))

    def refuse(self, op_id: str, error: AppError) -> None:
        """Reply that an operation was not carried out, and why."""
        told: dict[str, Any] = {"code": error.code, "detail": error.detail}
        if error.retry_after is not None:
            told["retry_after"] = error.retry_after
        if error.errors:
            told["errors"] = [{"field": e.field, "message": e.message} for e in error.errors]
        self._ws.send(json.dumps({"re": op_id, "ok": False, "error": told}, separators=(",", ":")))

    def may_operate(self) -> bool:
        """Take one operation from the allowance; one too many ends the socket."""
        if self._allowance.take():
            return True
        self._ws.close(TOO_MANY_OPERATIONS, json.dumps({"retry_after": _BACK_OFF_SECONDS}))
        return False

    def require_patience(self) -> None:
        """Take one change that everybody is told of from the allowance for those.

        Raises:
            Busy: `too_many_changes`.
        """
        if self._changes is None:
            self._changes = Allowance(_CHANGES_PER_SECOND, _CHANGES_AT_ONCE)
        if not self._changes.take():
            raise Busy(
                "That is a lot of changes at once. Wait a moment.", code="too_many_changes", retry_after=1
            )

    def renew(self, caller: Caller) -> None:
        """A new access token was shown."""
        self._caller = caller

    def check(self) -> None:
        """Called every few seconds: end a socket with a silent peer or an old token; ask for a sign of life."""
        silent = time.monotonic() - self._ws.last_seen
        if time.time() > self._caller.token_expires_at + _TOKEN_GRACE_SECONDS:
            self._ws.close(UNAUTHENTICATED, "token_expired")
        elif silent > _DEAD_AFTER_SECONDS:
            self._ws.close(TRY_AGAIN_LATER, "no sign of life")
        elif silent > _PING_AFTER_SECONDS:
            self._ws.ping()

    def ask_to_reconnect(self, retry_after: float = 0.0) -> None:
        """The client must come back for a snapshot."""
        self._ws.close(TRY_AGAIN_LATER, json.dumps({"retry_after": round(retry_after, 1)}))

    def give_way(self) -> None:
        """The user goes on with this session on another device, and wants to be there alone."""
        self._ws.close(TAKEN_OVER, "taken over")

    def end_log_in(self) -> None:
        """The log-in behind this socket was revoked."""
        self._ws.close(UNAUTHENTICATED, "logged_out")

    def left(self) -> None:
        """The participant has left, and has been told."""
        self._ws.close(NORMAL, "left")

    def _ends_part(self, frame: str) -> bool:
        if _LEFT in frame:
            return f'"participant_id":"{self.user_id}"' in frame
        return any(kind in frame for kind in _ENDED)
