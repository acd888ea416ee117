"""How long a process of ours lives: until it is asked to stop, whatever happens to Valkey meanwhile."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import structlog
from rq.exceptions import StopRequested

from backend.infra.valkey import VALKEY_AWAY

_log = structlog.stdlib.get_logger(__name__)

_RECONNECT_SECONDS = 2.0


def keep_running(run_once: Callable[[], bool]) -> None:
    """Call `run_once` until it says that it is done, or SIGTERM or SIGINT comes.

    While Valkey is away, wait and begin again.
    """
    try:
        while not _is_done(run_once):
            # RQ leaves its own handlers behind, which would not interrupt the wait.
            _stop_on_signals()
            time.sleep(_RECONNECT_SECONDS)
    except StopRequested:
        pass
    _log.info("stopped")


def _is_done(run_once: Callable[[], bool]) -> bool:
    # RQ installs its handlers only once it is connected and registered; until then these stand.
    _stop_on_signals()
    try:
        return run_once()
    except VALKEY_AWAY as away:
        _log.warning("valkey_away", error=type(away).__name__, again_in_seconds=_RECONNECT_SECONDS)
        return False


def _stop_on_signals() -> None:
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, _stop)


def _stop(_number: int, _frame: object) -> None:
    raise StopRequested
