"""The commit lane: every swipe of this process goes through one queue and is written in groups.

Nobody waits for a timer. While one group is being written the next one gathers; the busier it is, the larger the
groups, and the price of a journal flush is shared by all swipes of a group (docs/architecture.md, "The swipe path").
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from pymongo.errors import PyMongoError

from backend.errors import AppError, Busy, Conflict
from backend.infra.clock import Clock
from backend.infra.metrics import COMMIT_BATCH, SWIPE_LATENCY
from backend.sessions.state import Session
from backend.sessions.store import SessionStore
from backend.sessions.swipes import Repetition, SwipeLog
from backend.sessions.tally import Swipe

_log = structlog.stdlib.get_logger(__name__)

_LARGEST_GROUP = 512
_MOST_WAITING = 8192
_RETRY_AFTER_SECONDS = 1.0
_COUNTING_SECONDS = 0.3

Reply = Callable[[AppError | None], None]


@dataclass(frozen=True, slots=True)
class _Waiting:
    swipe: Swipe
    reply: Reply
    unsure_from: datetime
    since: float


class CommitLane:
    """Writes swipes durably and answers them; what they lead to is decided after that. One per process."""

    def __init__(
        self, log: SwipeLog, store: SessionStore, clock: Clock, committed: Callable[[Sequence[Swipe]], None]
    ) -> None:
        """Args:
        committed: gets each group that was written; may wait, and then the next group waits too.
        """
        self._log = log
        self._store = store
        self._clock = clock
        self._committed = committed
        self._waiting: deque[_Waiting] = deque()
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="commit-lane", daemon=True)
        self._thread.start()

    def submit(self, swipe: Swipe, unsure_from: datetime, reply: Reply) -> None:
        """Queue a checked swipe; `reply` is called once: with None when it is durable, else with the error.

        Args:
            unsure_from: from then on the round may be closed; a swipe that is written later is called good only
                after a look at the session.

        Raises:
            Busy: too many are waiting already. Nothing was queued; sending it again later is safe.
        """
        if self._closing or len(self._waiting) >= _MOST_WAITING:
            detail = "Too many swipes at once. Yours will be taken in a moment."
            raise Busy(detail, retry_after=_RETRY_AFTER_SECONDS)
        self._waiting.append(_Waiting(swipe, reply, unsure_from, time.perf_counter()))
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
                self._commit(
                    [self._waiting.popleft() for _ in range(min(len(self._waiting), _LARGEST_GROUP))]
                )

    def _commit(self, group: Sequence[_Waiting]) -> None:
        outcomes = self._write_or_refuse(group)
        done = time.perf_counter()
        COMMIT_BATCH.observe(len(group))
        for waiting, outcome in zip(group, outcomes, strict=True):
            SWIPE_LATENCY.observe(done - waiting.since)
            _answer(waiting.reply, outcome)
        written = [waiting.swipe for waiting, outcome in zip(group, outcomes, strict=True) if outcome is None]
        if written:
            self._committed(written)

    def _write_or_refuse(self, group: Sequence[_Waiting]) -> Sequence[AppError | None]:
        try:
            return self._write(group)
        except PyMongoError as error:
            _log.error("commit_failed", swipes=len(group), error=type(error).__name__)
            detail = "The database is not answering. Your swipe is kept on your side."
        except Exception:  # noqa: BLE001  # the lane must outlive whatever one group runs into
            _log.exception("commit_failed", swipes=len(group))
            detail = "Something went wrong on our side. Your swipe will be sent again."
        return [Busy(detail, retry_after=_RETRY_AFTER_SECONDS)] * len(group)

    def _write(self, group: Sequence[_Waiting]) -> Sequence[AppError | None]:
        repeated = self._log.append([waiting.swipe for waiting in group])
        outcomes: list[AppError | None] = [None] * len(group)
        now = self._clock.now()
        unsure = [
            place for place, waiting in enumerate(group) if now >= waiting.unsure_from or place in repeated
        ]
        sessions = (
            self._store.load_many({group[place].swipe.session_id for place in unsure}) if unsure else {}
        )
        for place in unsure:
            swipe = group[place].swipe
            outcomes[place] = verdict(self._log.repetition(swipe), sessions.get(swipe.session_id))
        return outcomes


def verdict(repetition: Repetition | None, session: Session | None) -> AppError | None:
    """What to say of a swipe by the log and by its session, both read after it was written; None: it is good.

    What is called good must count. While a round is being counted nobody can tell: the client asks again.
    """
    if repetition is Repetition.OTHER:
        return Conflict("This op id was used for another swipe before.", code="op_id_reused")
    if session is not None and session.being_counted:
        return Busy("The round is being counted.", retry_after=_COUNTING_SECONDS)
    if repetition is None or session is None or (session.closing and repetition is Repetition.SAME):
        return Conflict("The round is over.", code="round_over")
    return None


def _answer(reply: Reply, outcome: AppError | None) -> None:
    try:
        reply(outcome)
    except Exception:  # noqa: BLE001  # a reply goes to somebody else's socket; the lane goes on
        _log.exception("reply_failed")
