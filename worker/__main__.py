"""`python -m worker run` works off jobs; `python -m worker cron` enqueues what is due. Any number of each may run."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import structlog
from rq.exceptions import StopRequested

from backend.config import Settings, SettingsError, load_settings
from backend.infra import errors_out, logs
from backend.infra.valkey import VALKEY_AWAY
from worker.queues import blocking_connection, build_worker
from worker.scheduler import build_scheduler

_log = structlog.stdlib.get_logger(__name__)

_RECONNECT_SECONDS = 2.0


def main() -> int:
    """Run the process that was asked for until SIGTERM or SIGINT; 0 on a clean stop."""
    parser = argparse.ArgumentParser(prog="python -m worker", description="DinDin's background processes.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="work off jobs")
    run.add_argument("--burst", action="store_true", help="stop when the queues are empty")
    commands.add_parser("cron", help="enqueue recurring jobs")
    asked = parser.parse_args()
    try:
        settings = load_settings()
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    process = "worker" if asked.command == "run" else "cron"
    logs.configure(settings, process)
    errors_out.init(settings, process)
    if asked.command == "cron":
        _keep_running(lambda: build_scheduler(blocking_connection(settings)).run())
    else:
        _keep_running(lambda: _work(settings, burst=asked.burst))
    _log.info("stopped")
    return 0


def _work(settings: Settings, *, burst: bool) -> None:
    # Loaded here, once, so that a job's forked process starts in milliseconds. It connects by itself.
    import backend.wiring  # noqa: F401, PLC0415

    build_worker(settings, blocking_connection(settings)).work(burst=burst, with_scheduler=True)


def _keep_running(start: Callable[[], object]) -> None:
    """Call `start` until it returns by itself; while Valkey is away, wait and begin again."""
    while True:
        try:
            start()
        except VALKEY_AWAY as away:
            _log.warning("valkey_away", error=type(away).__name__, again_in_seconds=_RECONNECT_SECONDS)
        except (StopRequested, KeyboardInterrupt):
            return
        else:
            return
        try:
            time.sleep(_RECONNECT_SECONDS)
        except (StopRequested, KeyboardInterrupt):
            return


if __name__ == "__main__":
    sys.exit(main())
