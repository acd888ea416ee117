"""How long a process of ours lives: until it is asked to stop, whatever happens to Valkey meanwhile."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import structlog
from rq.exceptions import StopRequested

from backend.infra.valkey import VALKEY_AWAY

_log = structlog.stdlib.get_logger(__name__)

_RECONNECT_SECONDS = 1.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopSignal:
    """Remembers that SIGTERM or SIGINT came.

    RQ installs handlers of its own, but only once it has connected, registered and started its scheduler. What comes
    before that is noted here, and looked at as soon as RQ can end in good order.
    """

    def __init__(self) -> None:
        self.came = False

    def listen(self) -> None:
        """Note signals from now on, in place of whoever handled them."""
        for number in _SIGNALS:
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: object) -> None:
        self.came = True


def keep_running(run_once: Callable[[StopSignal], bool]) -> None:
    """Call `run_once` until it says that it is done, or SIGTERM or SIGINT comes.

    While Valkey is away, wait and begin again.
    """
    stop = StopSignal()
    while not stop.came:
        stop.listen()
        try:
            if run_once(stop):
                break
        except StopRequested:
            break
        except VALKEY_AWAY as away:
            _log.warning("valkey_away", error=type(away).__name__, again_in_seconds=_RECONNECT_SECONDS)
        stop.listen()
        time.sleep(_RECONNECT_SECONDS)
    _log.info("stopped")


def _hold_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


def _release_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _die_of_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    _release_signals()


# RQ forks its scheduler and its jobs. A signal that reaches such a process before it has handlers of its own must end
# it. Python forgets signals that arrive during a fork; the parent would then wait for a child that was never told.
os.register_at_fork(before=_hold_signals, after_in_parent=_release_signals, after_in_child=_die_of_signals)
