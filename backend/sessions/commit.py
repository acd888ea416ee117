"""The commit lane: every swipe of this process goes through one queue and is written in groups.

Nobody waits for a timer. While one group is being written the next one gathers; the busier it is, the larger the
groups, and the price of a journal flush is shared by all swipes of a group (docs/architecture.md, "The swipe path").
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog
from pymongo.errors import PyMongoError

from backend.errors import AppError, Busy, Conflict
from backend.infra.metrics import COMMIT_BATCH, COMMIT_WAIT, SWIPE_LATENCY
from backend.sessions.state import Session
from backend.sessions.store import SessionStore
from backend.sessions.swipes import LogEntry, SwipeLog
from backend.sessions.tally import Swipe, Undo, last_swipe

_log = structlog.stdlib.get_logger(__name__)

_LARGEST_GROUP = 512
_MOST_WAITING = 8192
_RETRY_AFTER_SECONDS = 1.0
COUNTING_SECONDS = 0.3

Answer = Swipe | AppError
"""The entry as it is in the log, or why there is none."""
Reply = Callable[[Answer], None]


@dataclass(frozen=True, slots=True)
class Committed:
    """A swipe or undo that is in the log for good. `repeated`: it was there before."""

    swipe: Swipe
    repeated: bool


@dataclass(frozen=True, slots=True)
class _Waiting:
    swipe: Swipe
    reply: Reply
    since: float


class CommitLane:
    """Writes swipes durably and answers them; what they lead to is decided after that. One per process."""

    def __init__(
        self,
        log: SwipeLog,
        store: SessionStore,
        committed: Callable[[Sequence[Committed]], None],
        most_waiting: int = _MOST_WAITING,
    ) -> None:
        """Args:
        committed: gets each group that was written; may wait, and then the next group waits too.
        most_waiting: the bound of the queue; past it swipes are refused as `busy`.
        """
        self._log = log
        self._store = store
        self._committed = committed
        self._most_waiting = most_waiting
        self._waiting: deque[_Waiting] = deque()
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="commit-lane", daemon=True)
        self._thread.start()

    def submit(self, swipe: Swipe, reply: Reply) -> None:
        """Queue a checked swipe or undo; `reply` is called once, when it is durable or cannot be written.

        Args:
            swipe: for an undo, of any card: which one it is is found out when all that came before is written.

        Raises:
            Busy: too many are waiting already. Nothing was queued; sending it again later is safe.
        """
        if self._closing or len(self._waiting) >= self._most_waiting:
            detail = "Too many swipes at once. Yours will be taken in a moment."
            raise Busy(detail, retry_after=_RETRY_AFTER_SECONDS)
        self._waiting.append(_Waiting(swipe, reply, time.perf_counter()))
        self._wake.set()

    def close(self, timeout: float = 5.0) -> None:
        """Take no more, write what is waiting, stop."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while self._waiting or not self._closing:
            self._wake.wait()
            if not self._closing:
                self._wake.clear()
            while self._waiting:
                self._commit(self._next_group())

    def _next_group(self) -> list[_Waiting]:
        """What is waiting, in order; an undo goes alone, because it depends on everything before it."""
        group = [self._waiting.popleft()]
        while self._waiting and len(group) < _LARGEST_GROUP:
            if Undo.UNDO in {group[-1].swipe.direction, self._waiting[0].swipe.direction}:
                break
            group.append(self._waiting.popleft())
        return group

    def _commit(self, group: Sequence[_Waiting]) -> None:
        began = time.perf_counter()
        answers = self._write_or_refuse([waiting.swipe for waiting in group])
        done = time.perf_counter()
        COMMIT_BATCH.observe(len(group))
        for waiting, answer in zip(group, answers, strict=True):
            COMMIT_WAIT.observe(began - waiting.since)
            SWIPE_LATENCY.observe(done - waiting.since)
            _tell(waiting.reply, answer)
        written = [
            Committed(answer, repeated=answer is not waiting.swipe)
            for waiting, answer in zip(group, answers, strict=True)
            if isinstance(answer, Swipe)
        ]
        if written:
            self._committed(written)

    def _write_or_refuse(self, group: Sequence[Swipe]) -> Sequence[Answer]:
        try:
            return self._undo(group[0]) if group[0].direction is Undo.UNDO else self._write(group)
        except PyMongoError as error:
            _log.error("commit_failed", swipes=len(group), error=type(error).__name__)
            detail = "The database is not answering. Your swipe is kept on your side."
        except Exception:  # noqa: BLE001  # the lane must outlive whatever one group runs into
            _log.exception("commit_failed", swipes=len(group))
            detail = "Something went wrong on our side. Your swipe will be sent again."
        return [Busy(detail, retry_after=_RETRY_AFTER_SECONDS)] * len(group)

    def _undo(self, undo: Swipe) -> Sequence[Answer]:
        """Take back the last swipe of all that is written by now."""
        trail = self._log.trail(undo.session_id, undo.participant_id, undo.round)
        if any(entry.op_id == undo.op_id for entry in trail):
            return self._write([undo])
        item = last_swipe((entry.item_id, entry.direction) for entry in trail)
        if item is None and self._log.entry(undo) is None:
            return [Conflict("There is no swipe to take back in this round.", code="nothing_to_undo")]
        latest = max((entry.at for entry in trail), default=0)
        return self._write([replace(undo, item_id=item or undo.item_id, at=max(undo.at, latest + 1))])

    def _write(self, group: Sequence[Swipe]) -> Sequence[Answer]:
        """Insert, then look whether the rounds are still open: what was in the log before a round was closed counts.

        This takes one cheap query a group, which finds almost nothing. No clock and no message from other processes
        could say it as surely (docs/decisions/0008-ask-after-the-insert.md).
        """
        repeated = self._log.append(group)
        moved_on = self._store.not_in_round({(swipe.session_id, swipe.round) for swipe in group})
        answers: list[Answer] = list(group)
        unsure = [place for place, s in enumerate(group) if place in repeated or s.session_id in moved_on]
        if unsure:
            sessions = self._store.load_many({group[place].session_id for place in unsure})
            for place in unsure:
                swipe = group[place]
                answers[place] = verdict(swipe, self._log.entry(swipe), sessions.get(swipe.session_id))
        return answers


def verdict(swipe: Swipe, known: LogEntry | None, session: Session | None) -> Answer:
    """What to say of a swipe by the log and by its session, both read after it was written.

    What is called good must count. While a round is being counted nobody can tell: the client asks again.
    """
    over = Conflict("The round is over.", code="round_over")
    if known is None or session is None:
        return over
    if not known.is_of(swipe):
        return Conflict("This op id was used for another swipe before.", code="op_id_reused")
    if not known.counts.isdisjoint(session.counts):
        return known.swipe
    if session.being_counted and known.swipe.round == session.round:
        return Busy("The round is being counted.", retry_after=COUNTING_SECONDS)
    return over if session.closing or known.swipe.round < session.round else known.swipe


def _tell(reply: Reply, answer: Answer) -> None:
    try:
        reply(answer)
    except Exception:  # noqa: BLE001  # a reply goes to somebody else's socket; the lane goes on
        _log.exception("reply_failed")
