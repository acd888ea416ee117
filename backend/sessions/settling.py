"""What committed swipes lead to: matches, progress told to the room, rounds that end early (docs/product.md S8, S9).

Runs behind the commit lane in a thread of its own, so that an acknowledgement waits for nothing but the disk. What goes
wrong is tried again. What is lost with a process is found again: on every hello, while somebody is away, when somebody
leaves, and when the round is counted.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog
from bson import ObjectId
from pymongo.errors import PyMongoError

from backend.errors import AppError, NotFound
from backend.infra.clock import Clock
from backend.infra.event_bus import EventBus, Passing, SwipedCards
from backend.sessions import rules
from backend.sessions.commit import Committed
from backend.sessions.rooms import Rooms
from backend.sessions.service import SessionService
from backend.sessions.state import Change, Session
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Direction, Swipe, Undo, holding, last_words
from backend.sessions.transitions import Transitions

_log = structlog.stdlib.get_logger(__name__)

_MOST_WAITING = 64
_LONGEST_WAIT_SECONDS = 2.0
_AGAIN_AFTER_SECONDS = 1.0
_MAY_LIKE = {Direction.LIKE, Undo.UNDO}  # what an undo uncovers may be a like

Words = Mapping[ObjectId, Direction]
_Work = Sequence[Committed] | ObjectId | None


class Settling:
    """Decides and tells. One per process."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        log: SwipeLog,
        service: SessionService,
        transitions: Transitions,
        bus: EventBus,
        clock: Clock,
    ) -> None:
        self._rooms = rooms
        self._log = log
        self._service = service
        self._transitions = transitions
        self._bus = bus
        self._clock = clock
        self._work: queue.Queue[_Work] = queue.Queue(_MOST_WAITING)
        self._again: set[ObjectId] = set()
        self._again_at = 0.0
        self._thread = threading.Thread(target=self._run, name="settling", daemon=True)
        self._thread.start()

    def committed(self, group: Sequence[Committed]) -> None:
        """Take swipes that are in the log. Waits a while where too much is waiting already.

        After that the sessions are counted as a whole, later, and how far their people are is not told.
        """
        try:
            self._work.put(group, timeout=_LONGEST_WAIT_SECONDS)
        except queue.Full:
            self._again |= {one.swipe.session_id for one in group}

    def look_at(self, session_id: ObjectId) -> None:
        """Count the whole log of a session soon: who is required, or how far they are, may have changed."""
        try:
            self._work.put_nowait(session_id)
        except queue.Full:
            self._again.add(session_id)

    def close(self, timeout: float = 5.0) -> None:
        """Settle what is waiting and stop."""
        self._work.put(None)
        self._thread.join(timeout)

    def _run(self) -> None:
        going_on = True
        while going_on:
            swipes: list[Committed] = []
            sessions = self._due_again()
            for work in self._all_waiting():
                if work is None:
                    going_on = False
                elif isinstance(work, ObjectId):
                    sessions.add(work)
                else:
                    swipes += work
            try:
                self._settle(swipes, sessions)
            except Exception as error:  # noqa: BLE001  # the thread must outlive whatever one group runs into
                self._try_again({one.swipe.session_id for one in swipes} | sessions, error)

    def _all_waiting(self) -> Iterable[_Work]:
        """What is waiting; while something is to be tried again, not for longer than until then."""
        try:
            yield self._work.get(timeout=_AGAIN_AFTER_SECONDS if self._again else None)
            while True:
                yield self._work.get_nowait()
        except queue.Empty:
            return

    def _due_again(self) -> set[ObjectId]:
        """Sessions with which something went wrong a while ago."""
        if time.monotonic() < self._again_at:
            return set()
        due, self._again = self._again, set()
        return due

    def _try_again(self, sessions: set[ObjectId], error: Exception) -> None:
        """Nothing may stay undecided because a database was away for a moment."""
        _log.warning("settling_delayed", sessions=len(sessions), error=repr(error))
        self._again |= sessions
        self._again_at = time.monotonic() + _AGAIN_AFTER_SECONDS

    def _settle(self, swipes: Sequence[Committed], sessions: set[ObjectId]) -> None:
        if swipes:
            # Telling comes first: most often it needs no database, and people wait for it.
            sessions = sessions | self._tell_progress(swipes)
            self._decide([one.swipe for one in swipes])
        for session_id in sessions:
            self._alone(session_id, partial(self._service.settle, session_id))

    def _alone(self, session_id: ObjectId, act: Callable[[], object]) -> None:
        """Do something about one session; what goes wrong with it does not touch its neighbours."""
        try:
            act()
        except NotFound:
            pass  # deleted meanwhile
        except (PyMongoError, AppError) as error:
            self._try_again({session_id}, error)

    def _decide(self, swipes: Sequence[Swipe]) -> None:
        """Insert, then count: whoever commits the last like sees all of them, so no match can be missed.

        Who is required is taken from the room. Should somebody have left meanwhile, their process tells, and
        then `look_at` counts again by the session as it is.
        """
        liked = {(s.session_id, s.item_id, s.round) for s in swipes if s.direction in _MAY_LIKE}
        for (session_id, number), words in (self._log.last_words(liked) if liked else {}).items():
            self._alone(session_id, partial(self._match, session_id, number, words))

    def _match(self, session_id: ObjectId, number: int, words: Mapping[ObjectId, Words]) -> None:
        session = self._rooms.current(self._rooms.room(session_id))
        if number != session.round:  # in a later round this counts as it was carried over
            return
        earlier = {item: session.carried.likes.get(item, frozenset()) for item in words}
        likes = holding(Direction.LIKE, earlier, words)
        if rules.match(session, likes, self._clock.now()).events:
            self._transitions.apply(session_id, partial(_match_rule, number=number, likes=likes))

    def _tell_progress(self, swipes: Sequence[Committed]) -> set[ObjectId]:
        """Tell rooms how far their participants are; the sessions in which somebody has finished."""
        frames: list[tuple[ObjectId, str]] = []
        finished: set[ObjectId] = set()
        elsewhere = self._swiped_cards(swipes)
        for swiped in elsewhere:
            room = self._rooms.room(swiped.session_id)
            count = room.take_swiped(swiped)
            frames.append((swiped.session_id, progress_frame(swiped.participant_id, swiped.round, count)))
            if room.has_finished(swiped.participant_id):
                finished.add(swiped.session_id)
        for session_id, frame in frames:
            self._rooms.pass_local(session_id, frame)
        self._bus.pass_on(Passing(frames, elsewhere))
        return finished

    def _swiped_cards(self, swipes: Sequence[Committed]) -> list[SwipedCards]:
        """What was swiped, by participant; all that stands, after an undo or a repetition (it may be undone since)."""
        items: dict[tuple[ObjectId, ObjectId, int], set[ObjectId]] = {}
        unclear: set[tuple[ObjectId, ObjectId, int]] = set()
        for one in swipes:
            whose = (one.swipe.session_id, one.swipe.participant_id, one.swipe.round)
            items.setdefault(whose, set()).add(one.swipe.item_id)
            if one.repeated or one.swipe.direction is Undo.UNDO:
                unclear.add(whose)
        for whose in unclear:
            items[whose] = set(last_words((s.item_id, s.direction) for s in self._log.trail(*whose)))
        return [SwipedCards(*whose, frozenset(found), whose in unclear) for whose, found in items.items()]


def _match_rule(
    session: Session, now: datetime, number: int, likes: Mapping[ObjectId, frozenset[ObjectId]]
) -> Change:
    return rules.match(session, likes, now) if session.round == number else rules.unchanged(session)


def progress_frame(participant_id: ObjectId, number: int, swiped: int) -> str:
    """How many cards of a round a participant is done with; never which."""
    told = {"participant_id": str(participant_id), "round": number, "swiped": swiped}
    return json.dumps(
        {"type": "swiped", "at": time.time_ns() // 1_000_000, "data": told}, separators=(",", ":")
    )
