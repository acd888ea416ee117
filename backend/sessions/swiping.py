"""Taking a swipe, from a socket or over HTTP: checked by what this process holds, then put on the commit lane."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from bson import ObjectId

from backend.errors import AppError, Busy, Conflict
from backend.infra.clock import Clock
from backend.sessions import rules
from backend.sessions.commit import CommitLane, Reply, verdict
from backend.sessions.rooms import Room, Rooms
from backend.sessions.settling import Settling
from backend.sessions.state import Session
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Direction, Swipe

_WAIT_SECONDS = 10.0
# Changing one's mind is fine; a log without end is not.
_ENTRIES_PER_CARD = 10


@dataclass(frozen=True, slots=True)
class SwipeOrder:
    """What a participant asks for."""

    session_id: ObjectId
    participant_id: ObjectId
    op_id: str
    item_id: ObjectId
    direction: Direction


class Swiping:
    """The way in for swipes. One per process."""

    def __init__(
        self, *, rooms: Rooms, log: SwipeLog, store: SessionStore, settling: Settling, clock: Clock
    ) -> None:
        self._rooms = rooms
        self._log = log
        self._settling = settling
        self._clock = clock
        self._last_at = 0
        self._lane = CommitLane(log, store, clock, settling.committed)

    def swipe(self, order: SwipeOrder, reply: Reply) -> None:
        """Check and queue; `reply` is called when the swipe is durable, or with what went wrong.

        Raises:
            AppError: it may not be swiped now; nothing was changed.
            Busy: the lane is full.
        """
        room = self._rooms.room(order.session_id)
        try:
            session = self._require_swipe(room, order)
        except Conflict as refused:
            self._answer_again(room, order, reply, refused)
            return
        entries = room.entries.get(order.participant_id, 0)
        room.entries[order.participant_id] = entries + 1
        # Who has finished may only be changing their mind: the round can end at any moment then.
        may_end_early = entries >= len(session.deck)
        unsure_from = session.created_at if may_end_early or session.ends_at is None else session.ends_at
        self._lane.submit(self._entry(order, session), unsure_from, reply)

    def swipe_and_wait(self, order: SwipeOrder) -> None:
        """The same for callers without a socket.

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

    def close(self) -> None:
        """Commit and settle what is waiting, and stop."""
        self._lane.close()
        self._settling.close()

    def _answer_again(self, room: Room, order: SwipeOrder, reply: Reply, refused: Conflict) -> None:
        """Answer as before what was taken before, where only the answer got lost on the way; refuse the rest."""
        session = self._rooms.fresh(room)
        repetition = self._log.repetition(self._entry(order, session))
        if repetition is None and not session.being_counted:
            raise refused
        reply(verdict(repetition, session))

    def _require_swipe(self, room: Room, order: SwipeOrder) -> Session:
        now = self._clock.now()
        session = self._rooms.current(room)
        try:
            rules.require_swipe(session, order.participant_id, order.item_id, now)
        except AppError:
            # What this process holds may be older than the truth. Refuse by the truth alone.
            session = self._rooms.fresh(room)
            rules.require_swipe(session, order.participant_id, order.item_id, now)
        if room.entries.get(order.participant_id, 0) >= _ENTRIES_PER_CARD * len(session.deck):
            raise Conflict("That is enough changing of minds for one round.", code="too_many_swipes")
        return session

    def _entry(self, order: SwipeOrder, session: Session) -> Swipe:
        return Swipe(
            session_id=order.session_id,
            participant_id=order.participant_id,
            op_id=order.op_id,
            item_id=order.item_id,
            direction=order.direction,
            round=session.round,
            at=self._next_at(),
        )

    def _next_at(self) -> int:
        """Microseconds that rise with every swipe here, so that a participant's last word is known."""
        self._last_at = max(self._last_at + 1, time.time_ns() // 1000)
        return self._last_at
