"""The swipe path of one process: check by what is held, commit in groups, decide, tell (docs/product.md S9, S16)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from bson import ObjectId

from backend.errors import AppError, Busy
from backend.infra.clock import Clock
from backend.infra.event_bus import EventBus
from backend.infra.valkey import VALKEY_AWAY
from backend.sessions import rules
from backend.sessions.commit import CommitLane, Reply
from backend.sessions.rooms import Room, Rooms
from backend.sessions.rules import Change, Session
from backend.sessions.service import SessionService
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Direction, Swipe
from backend.sessions.transitions import Transitions

_log = structlog.stdlib.get_logger(__name__)

_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SwipeOrder:
    """What a participant asks for."""

    session_id: ObjectId
    participant_id: ObjectId
    op_id: str
    item_id: ObjectId
    direction: Direction


class Swiping:
    """Takes swipes from sockets and from HTTP alike."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        store: SessionStore,
        log: SwipeLog,
        service: SessionService,
        transitions: Transitions,
        bus: EventBus,
        clock: Clock,
    ) -> None:
        self._rooms = rooms
        self._store = store
        self._log = log
        self._service = service
        self._transitions = transitions
        self._bus = bus
        self._clock = clock
        self._last_at = 0
        self._lane = CommitLane(log, self._settle)

    def swipe(self, order: SwipeOrder, reply: Reply) -> None:
        """Check and queue; `reply` is called when the swipe is durable, or with what went wrong.

        Raises:
            AppError: it may not be swiped now; nothing was changed.
            Busy: the lane is full.
        """
        room = self._rooms.room(order.session_id)
        session = room.session
        try:
            rules.require_swipe(session, order.participant_id, order.item_id, self._clock.now())
        except AppError:
            # What this process holds may be older than the truth. Refuse by the truth alone.
            session = self._rooms.fresh(room)
            rules.require_swipe(session, order.participant_id, order.item_id, self._clock.now())
        self._lane.submit(
            Swipe(
                session_id=order.session_id,
                participant_id=order.participant_id,
                op_id=order.op_id,
                item_id=order.item_id,
                direction=order.direction,
                round=session.round,
                at=self._next_at(),
            ),
            reply,
        )

    def swipe_and_wait(self, order: SwipeOrder) -> int:
        """The same for callers without a socket; how many cards the participant has swiped now.

        Raises:
            AppError: as `swipe`, or what kept it from becoming durable.
        """
        answered = threading.Event()
        answers: list[AppError | None] = []

        def reply(outcome: AppError | None) -> None:
            answers.append(outcome)
            answered.set()

        self.swipe(order, reply)
        if not answered.wait(_WAIT_SECONDS):
            raise Busy("The swipe is taking long. Send it again with the same op_id.", retry_after=1)
        if answers[0] is not None:
            raise answers[0]
        return len(self._rooms.room(order.session_id).swiped.get(order.participant_id, ()))

    def close(self) -> None:
        """Commit what is waiting and stop."""
        self._lane.close()

    def _next_at(self) -> int:
        """Microseconds that rise with every swipe of this process, so that a participant's last word is known."""
        self._last_at = max(self._last_at + 1, time.time_ns() // 1000)
        return self._last_at

    def _settle(self, group: Sequence[Swipe]) -> None:
        """Decide matches, tell how far everybody is, end rounds that are done. The group is durable already."""
        self._decide(group)
        self._tell_progress(group)

    def _decide(self, group: Sequence[Swipe]) -> None:
        """Insert, then count: whoever commits the last like sees all of them, so no match can be missed."""
        liked = {(s.session_id, s.item_id) for s in group if s.direction is Direction.LIKE}
        if not liked:
            return
        likers = self._log.likers(liked)
        enough = rules.MIN_PARTICIPANTS
        close = [
            sid for sid, items in likers.items() if any(len(users) >= enough for users in items.values())
        ]
        # Who is required may have changed in another process: only the session as it is now can tell.
        for session_id, session in (self._store.load_many(close) if close else {}).items():
            likes = likers[session_id]
            if rules.match(session, likes, self._clock.now()).events:
                self._transitions.apply(session_id, partial(_match, likes=likes))

    def _tell_progress(self, group: Sequence[Swipe]) -> None:
        told: dict[tuple[ObjectId, ObjectId], str] = {}
        finished: set[ObjectId] = set()
        for session_id, participant_id in dict.fromkeys((s.session_id, s.participant_id) for s in group):
            room = self._rooms.room(session_id)
            self._count(room, participant_id, group)
            swiped = len(room.swiped[participant_id])
            told[session_id, participant_id] = progress_frame(participant_id, swiped)
            if swiped >= len(room.session.deck):
                finished.add(session_id)
        frames = [(session_id, frame) for (session_id, _), frame in told.items()]
        for session_id, frame in frames:
            self._rooms.pass_local(session_id, frame)
        try:
            self._bus.pass_on(frames)
        except VALKEY_AWAY as error:
            _log.warning("progress_untold", error=type(error).__name__)
        for session_id in finished:
            self._service.settle(session_id)

    def _count(self, room: Room, participant_id: ObjectId, group: Sequence[Swipe]) -> None:
        mine = room.swiped.setdefault(participant_id, set())
        mine.update(
            s.item_id for s in group if s.session_id == room.session.id and s.participant_id == participant_id
        )
        if not room.has(participant_id):
            self._rooms.recount(
                room
            )  # without a socket here, some of the swipes may have gone through elsewhere


def _match(session: Session, now: datetime, likes: Mapping[ObjectId, frozenset[ObjectId]]) -> Change:
    return rules.match(session, likes, now)


def progress_frame(participant_id: ObjectId, swiped: int) -> str:
    """How far a participant is; never what they swiped."""
    told = {"participant_id": str(participant_id), "swiped": swiped}
    return json.dumps(
        {"type": "swiped", "at": time.time_ns() // 1_000_000, "data": told}, separators=(",", ":")
    )
