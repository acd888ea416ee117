"""Taking a swipe, from a socket or over HTTP: checked by what this process holds, then put on the commit lane."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from bson import ObjectId

from backend.errors import AppError, Busy, Conflict, NotFound
from backend.infra.clock import Clock
from backend.sessions import rules
from backend.sessions.commit import COUNTING_SECONDS, Answer, CommitLane, Reply, verdict
from backend.sessions.rooms import Room, Rooms
from backend.sessions.rules import MIN_DECK
from backend.sessions.settling import Settling
from backend.sessions.state import Session, Status
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Direction, Swipe, Undo

_WAIT_SECONDS = 10.0
# Changing one's mind is fine; a log without end is not.
_ENTRIES_PER_CARD = 10
_ANY_ITEM = ObjectId("0" * 24)  # which card an undo is of, the commit lane finds out


@dataclass(frozen=True, slots=True)
class SwipeOrder:
    """What a participant asks for: a card to go a way, or, without a card, their last swipe to be taken back.

    Attributes:
        round: that it is meant for; None is whichever runs.
    """

    session_id: ObjectId
    participant_id: ObjectId
    op_id: str
    round: int | None = None
    item_id: ObjectId | None = None
    direction: Direction | Undo = Undo.UNDO


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
        self._lane = CommitLane(log, store, settling.committed)

    def swipe(self, order: SwipeOrder, reply: Reply) -> None:
        """Check and queue; `reply` is called with the entry when it is durable, or with what went wrong.

        Raises:
            AppError: it may not be swiped now; nothing was changed.
            Busy: the lane is full.
        """
        room = self._rooms.room(order.session_id)
        try:
            session = self._require(room, order)
        except (Conflict, NotFound) as refused:
            self._answer_again(room, order, reply, refused)
            return
        self._lane.submit(self._entry(order, session), reply)
        room.count_entry(order.participant_id)

    def swipe_and_wait(self, order: SwipeOrder) -> ObjectId:
        """The same for callers without a socket; the card.

        Raises:
            AppError: as `swipe`, or what kept it from becoming durable.
        """
        answered = threading.Event()
        answers: list[Answer] = []

        def reply(answer: Answer) -> None:
            answers.append(answer)
            answered.set()

        self._rooms.fresh(self._rooms.room(order.session_id))  # nobody who calls over HTTP is told of changes
        self.swipe(order, reply)
        if not answered.wait(_WAIT_SECONDS):
            raise Busy("The swipe is taking long. Send it again with the same op_id.", retry_after=1)
        if isinstance(answers[0], AppError):
            raise answers[0]
        return answers[0].item_id

    def close(self) -> None:
        """Commit and settle what is waiting, and stop."""
        self._lane.close()
        self._settling.close()

    def _answer_again(self, room: Room, order: SwipeOrder, reply: Reply, refused: AppError) -> None:
        """Answer as before what was taken before, where only the answer got lost on the way; refuse the rest."""
        session = self._rooms.fresh(room)
        entry = self._entry(order, session)
        known = self._log.entry(entry)
        if known is not None:
            reply(verdict(entry, known, session))
        elif session.status is Status.SWIPING and rules.is_round_over(session, self._clock.now()):
            # The first copy may be on its way into the log at this moment, through another process.
            raise Busy("The round is being counted.", retry_after=COUNTING_SECONDS)
        else:
            raise refused

    def _require(self, room: Room, order: SwipeOrder) -> Session:
        session = self._rooms.current(room)
        try:
            self._check(session, order)
        except AppError:
            # What this process holds may be older than the truth. Refuse by the truth alone.
            session = self._rooms.fresh(room)
            self._check(session, order)
        most = _ENTRIES_PER_CARD * max(MIN_DECK, len(session.deck_of(order.participant_id)))
        if room.entries_of(order.participant_id) >= most:
            raise Conflict("That is enough changing of minds for one round.", code="too_many_swipes")
        return session

    def _check(self, session: Session, order: SwipeOrder) -> None:
        now = self._clock.now()
        if order.item_id is None:
            rules.require_undo(session, order.participant_id, now, order.round)
        else:
            rules.require_swipe(session, order.participant_id, order.item_id, now, order.round)

    def _entry(self, order: SwipeOrder, session: Session) -> Swipe:
        return Swipe(
            session_id=order.session_id,
            participant_id=order.participant_id,
            op_id=order.op_id,
            item_id=order.item_id or _ANY_ITEM,
            direction=order.direction,
            round=session.round,
            at=self._next_at(),
        )

    def _next_at(self) -> int:
        """Microseconds that rise with every swipe here, so that a participant's last word is known."""
        self._last_at = max(self._last_at + 1, time.time_ns() // 1000)
        return self._last_at
