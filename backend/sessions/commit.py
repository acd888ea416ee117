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

import structlog
from pymongo.errors import PyMongoError

from backend.errors import AppError, Busy
from backend.infra.metrics import COMMIT_BATCH, SWIPE_LATENCY
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Swipe

_log = structlog.stdlib.get_logger(__name__)

_LARGEST_GROUP = 512
_MOST_WAITING = 8192
_RETRY_AFTER_SECONDS = 1.0

Reply = Callable[[AppError | None], None]


@dataclass(frozen=True, slots=True)
class _Waiting:
    swipe: Swipe
    reply: Reply
    since: float


class CommitLane:
    """Writes swipes durably, has them settled, and only then answers. One per process."""

    def __init__(self, log: SwipeLog, settle: Callable[[Sequence[Swipe]], None]) -> None:
        """Args:
        settle: decides what written swipes lead to; called once per group, before any of its answers.
        """
        self._log = log
        self._settle = settle
        self._waiting: deque[_Waiting] = deque()
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="commit-lane", daemon=True)
        self._thread.start()

    def submit(self, swipe: Swipe, reply: Reply) -> None:
        """Queue a checked swipe; `reply` is called once: with None when it is durable, else with the error.

        Raises:
            Busy: too many are waiting already. Nothing was queued; sending it again later is safe.
        """
        if self._closing or len(self._waiting) >= _MOST_WAITING:
            raise Busy(
                "Too many swipes at once. Yours will be taken in a moment.", retry_after=_RETRY_AFTER_SECONDS
            )
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
                self._commit(
                    [self._waiting.popleft() for _ in range(min(len(self._waiting), _LARGEST_GROUP))]
                )

    def _commit(self, group: Sequence[_Waiting]) -> None:
        outcome: AppError | None = None
        swipes = [waiting.swipe for waiting in group]
        try:
            self._log.append(swipes)
            self._settle(swipes)
        except PyMongoError as error:
            _log.error("commit_failed", swipes=len(group), error=type(error).__name__)
            outcome = Busy(
                "The database is not answering. Your swipe is kept on your side.",
                retry_after=_RETRY_AFTER_SECONDS,
            )
        except Exception:  # noqa: BLE001  # the lane must outlive whatever one group runs into
            _log.exception("settling_failed", swipes=len(group))
            outcome = Busy(
                "Something went wrong on our side. Your swipe will be sent again.",
                retry_after=_RETRY_AFTER_SECONDS,
            )
        done = time.perf_counter()
        COMMIT_BATCH.observe(len(group))
        for waiting in group:
            SWIPE_LATENCY.observe(done - waiting.since)
            _answer(waiting.reply, outcome)


def _answer(reply: Reply, outcome: AppError | None) -> None:
    try:
        reply(outcome)
    except Exception:  # noqa: BLE001  # a reply goes to somebody else's socket; the lane goes on
        _log.exception("reply_failed")
