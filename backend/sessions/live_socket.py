"""What every live socket has, whatever it is for: answers, an allowance, a log-in, an end."""

from __future__ import annotations

import json
import time
from typing import Any

from bson import ObjectId

from backend.errors import AppError
from backend.http.access import Caller
from backend.infra.allowance import Allowance
from backend.infra.websocket import (
    TAKEN_OVER,
    TOO_MANY_OPERATIONS,
    TRY_AGAIN_LATER,
    UNAUTHENTICATED,
    WebSocket,
)

HEARTBEAT_SECONDS = 25
MOST_DEVICES = 5  # of one user, in one session or with an inbox, and in one process
_PING_AFTER_SECONDS = HEARTBEAT_SECONDS - 5
_DEAD_AFTER_SECONDS = 2 * HEARTBEAT_SECONDS - 5  # noticed within two heartbeats, looked for every few seconds
_TOKEN_GRACE_SECONDS = 30
_OPERATIONS_PER_SECOND = 30
_OPERATIONS_AT_ONCE = 120
_BACK_OFF_SECONDS = 5


class LiveSocket:
    """One socket of one user."""

    __slots__ = ("_allowance", "_caller", "_ws", "since", "user_id")

    def __init__(self, ws: WebSocket, caller: Caller) -> None:
        self._ws = ws
        self.user_id = ObjectId(caller.user_id)
        self.since = time.monotonic()
        self._caller = caller
        self._allowance = Allowance(_OPERATIONS_PER_SECOND, _OPERATIONS_AT_ONCE)

    @property
    def auth_session_id(self) -> str:
        """The log-in behind this socket."""
        return self._caller.auth_session_id

    @property
    def caller(self) -> Caller:
        """Who the newest token spoke for."""
        return self._caller

    def pass_frame(self, frame: str) -> None:
        """Hand over a frame without a number."""
        self._ws.send_lazily(frame)

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
        """The client must come back, at once or in so many seconds."""
        self._ws.close(TRY_AGAIN_LATER, json.dumps({"retry_after": round(retry_after, 1)}))

    def give_way(self) -> None:
        """The user goes on elsewhere, and wants to be there alone, or has too many devices."""
        self._ws.close(TAKEN_OVER, "taken over")

    def end_log_in(self) -> None:
        """The log-in behind this socket was revoked."""
        self._ws.close(UNAUTHENTICATED, "logged_out")
