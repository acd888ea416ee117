"""Carrying out what clients ask for over the socket: one reply to each operation (docs/live-protocol.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from bson import ObjectId
from pydantic import ValidationError
from pymongo.errors import PyMongoError

from backend.auth.service import AuthService
from backend.errors import AppError, Busy, Conflict, Forbidden
from backend.http.problems import invalid_input
from backend.http.schemas import Body
from backend.infra.clock import Clock, to_milliseconds
from backend.sessions.commit import Answer
from backend.sessions.conversation import Conversation
from backend.sessions.live_socket import LiveSocket
from backend.sessions.operations import (
    PERMITS,
    ChatOp,
    EnergyOp,
    LeaveOp,
    PingOp,
    ReactOp,
    ReadyOp,
    ReauthOp,
    StartOp,
    SwipeOp,
    TossOp,
    UndoOp,
    VoteOp,
    Who,
    operations,
)
from backend.sessions.participant_socket import ParticipantSocket
from backend.sessions.service import SessionService
from backend.sessions.state import Operation
from backend.sessions.swiping import SwipeOrder, Swiping

_log = structlog.stdlib.get_logger(__name__)

_RETRY_AFTER_SECONDS = 2
_LONGEST_NAMED_ID = 40


Keyed = EnergyOp | ReadyOp | StartOp | VoteOp | TossOp | ReactOp | LeaveOp


class NotAnOperation(Exception):
    """A frame that no reply could name."""


class Operating:
    """Knows what each operation does. One per process."""

    def __init__(
        self,
        *,
        auth: AuthService,
        service: SessionService,
        swiping: Swiping,
        conversation: Conversation,
        clock: Clock,
    ) -> None:
        self._auth = auth
        self._service = service
        self._swiping = swiping
        self._conversation = conversation
        self._clock = clock
        self._acts: dict[type[Any], Callable[[Any, Any], None]] = {
            SwipeOp: self._swipe,
            UndoOp: self._undo,
            EnergyOp: self._vote_energy,
            ReadyOp: self._set_ready,
            StartOp: self._start,
            VoteOp: self._vote,
            TossOp: self._toss,
            ChatOp: self._say,
            ReactOp: self._react,
            LeaveOp: self._leave,
            PingOp: self._ping,
            ReauthOp: self._reauthenticate,
        }

    def operate(self, peer: LiveSocket, text: str) -> None:
        """Carry out one frame of a client, and answer it.

        Raises:
            NotAnOperation: it is none, and has no id that an answer could name.
        """
        try:
            operation = operations.validate_json(text)
        except ValidationError as error:
            peer.refuse(_op_id_of(text), invalid_input(error))
            return
        _log.debug("operation", operation=operation.op, operation_id=operation.id)
        try:
            self._act_for(peer, operation)(peer, operation)
        except AppError as refused:
            peer.refuse(operation.id, refused)
        except PyMongoError as error:
            _log.warning("operation_delayed", operation=operation.op, error=type(error).__name__)
            detail = "The database is not answering. Try again in a moment."
            peer.refuse(operation.id, Busy(detail, retry_after=_RETRY_AFTER_SECONDS))

    def _act_for(self, peer: LiveSocket, operation: Body) -> Callable[[Any, Any], None]:
        who = PERMITS.get(type(operation))
        if who is None:
            raise Forbidden("This operation does not say who may use it, so nobody may.", code="undeclared")
        if who is not Who.CONNECTED and not isinstance(peer, ParticipantSocket):
            raise Conflict(
                "This connection is for your inbox. Say hello to a session.", code="not_in_session"
            )
        return self._acts[type(operation)]

    def _swipe(self, peer: ParticipantSocket, operation: SwipeOp) -> None:
        swipe = operation.data
        order = SwipeOrder(peer.session_id, peer.user_id, operation.id, swipe.round, swipe.item_id, swipe.way)
        self._swiping.swipe(order, partial(_answer_swipe, peer, operation.id))

    def _undo(self, peer: ParticipantSocket, operation: UndoOp) -> None:
        order = SwipeOrder(peer.session_id, peer.user_id, operation.id, operation.data.round)
        self._swiping.swipe(order, partial(_answer_swipe, peer, operation.id))

    def _vote_energy(self, peer: ParticipantSocket, operation: EnergyOp) -> None:
        peer.require_patience()
        self._service.vote_energy(
            peer.session_id, peer.user_id, operation.data.energy, _once(peer, operation)
        )
        peer.answer(operation.id, {"level": operation.data.level})

    def _set_ready(self, peer: ParticipantSocket, operation: ReadyOp) -> None:
        peer.require_patience()
        ready = operation.data.ready
        self._service.set_ready(peer.session_id, peer.user_id, ready, _once(peer, operation))
        peer.answer(operation.id, {"ready": ready})

    def _start(self, peer: ParticipantSocket, operation: StartOp) -> None:
        self._service.start(peer.session_id, peer.user_id, _once(peer, operation))
        peer.answer(operation.id, {})

    def _vote(self, peer: ParticipantSocket, operation: VoteOp) -> None:
        peer.require_patience()
        vote = operation.data
        self._service.vote(peer.session_id, peer.user_id, vote.kind, vote.in_favour, _once(peer, operation))
        peer.answer(operation.id, {"motion": vote.motion})

    def _toss(self, peer: ParticipantSocket, operation: TossOp) -> None:
        item = self._service.toss(peer.session_id, peer.user_id, _once(peer, operation))
        peer.answer(operation.id, {"item": str(item)})

    def _say(self, peer: ParticipantSocket, operation: ChatOp) -> None:
        message_id = self._conversation.say(peer.session_id, peer.user_id, operation.id, operation.data.text)
        peer.answer(operation.id, {"message_id": str(message_id)})

    def _react(self, peer: ParticipantSocket, operation: ReactOp) -> None:
        self._conversation.react(peer.session_id, peer.user_id, operation.data.emoji, _once(peer, operation))
        peer.answer(operation.id, {})

    def _leave(self, peer: ParticipantSocket, operation: LeaveOp) -> None:
        peer.leave()
        try:
            self._service.leave(peer.session_id, peer.user_id, _once(peer, operation))
        except Exception:
            peer.stay()
            raise
        peer.answer(operation.id, {})
        peer.left()

    def _ping(self, peer: LiveSocket, operation: PingOp) -> None:
        peer.answer(operation.id, {"t": operation.data.t, "server_ms": to_milliseconds(self._clock.now())})

    def _reauthenticate(self, peer: LiveSocket, operation: ReauthOp) -> None:
        caller = self._auth.identify(operation.token)
        if ObjectId(caller.user_id) != peer.user_id:
            raise Forbidden("This token is somebody else's.", code="other_user")
        peer.renew(caller)
        peer.answer(operation.id, {})


def _once(peer: ParticipantSocket, operation: Keyed) -> Operation:
    """How it is remembered, so that it is carried out once."""
    return Operation(peer.user_id, f"{operation.op}:{operation.id}")


def _answer_swipe(peer: ParticipantSocket, op_id: str, answer: Answer) -> None:
    if isinstance(answer, AppError):
        peer.refuse(op_id, answer)
    else:
        peer.answer(op_id, {"item": str(answer.item_id)})


def _op_id_of(text: str) -> str:
    """The id of a frame that is otherwise wrong, so that the error can name it."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAnOperation from None
    op_id = frame.get("id") if isinstance(frame, dict) else None
    if not isinstance(op_id, str):
        raise NotAnOperation
    return op_id[:_LONGEST_NAMED_ID]
