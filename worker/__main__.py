"""`python -m worker run` works off jobs; `python -m worker cron` enqueues what is due. Any number of each may run.

And commands by hand: `python -m worker retention`, and about backups `… backup`, `… restore` and so on.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import closing

import structlog

from backend.config import Settings, SettingsError, load_settings
from backend.config_checks import backup_keys_of
from backend.infra import error_reports, logs, mongo, valkey
from backend.infra.clock import SystemClock
from backend.infra.jobs import JobQueue
from backend.infra.process_figures import ProcessFigures
from backend.jobs.recurring import RecurringJobs
from backend.jobs.runs import JobRuns
from backend.migrations.schema import NewerSchema, SchemaGate
from worker.backups import commands as backups
from worker.lifetime import StopSignal, keep_running
from worker.queues import blocking_connection, build_worker
from worker.scheduler import build_scheduler

_log = structlog.stdlib.get_logger(__name__)


def main() -> int:
    """Run the process that was asked for until SIGTERM or SIGINT; 0 on a clean stop."""
    parser = argparse.ArgumentParser(prog="python -m worker", description="DinDin's background processes.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="work off jobs")
    run.add_argument("--burst", action="store_true", help="stop when the queues are empty")
    commands.add_parser("cron", help="enqueue recurring jobs")
    clean_up = commands.add_parser("retention", help="delete what need not be kept any longer")
    clean_up.add_argument("--dry-run", action="store_true", help="only say what would go")
    backups.add_commands(commands)
    asked = parser.parse_args()
    if asked.command == "backup-key":
        return backups.print_key()
    try:
        settings = load_settings()
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    process = "worker" if asked.command == "run" else asked.command
    logs.configure(settings, process)
    error_reports.begin(settings, process)
    if asked.command in backups.COMMANDS:
        return backups.run(asked, settings)
    try:
        _check_schema(settings)
    except NewerSchema as newer:
        sys.stderr.write(f"{newer}\n")
        return 1
    if asked.command == "retention":
        from worker import retention  # needs every service there is; the cron and backups do not

        return retention.run(settings, dry_run=asked.dry_run)
    _warn_without_backups(settings)
    if asked.command == "cron":
        keep_running(lambda stop: _keep_time(settings, stop))
    else:
        keep_running(lambda stop: _work(settings, stop, burst=asked.burst))
    return 0


def _check_schema(settings: Settings) -> None:
    """Look before the first job, on a connection that is closed again: jobs are forked and make their own."""
    try:
        SchemaGate(mongo.connect(settings)).at_start()
    finally:
        mongo.disconnect()


def _warn_without_backups(settings: Settings) -> None:
    if settings.app_env == "production" and not backup_keys_of(settings):
        _log.warning("no_backups", because="BACKUP_KEYS is not set", what_to_do="docs/backups.md")


def _keep_time(settings: Settings, stop: StopSignal) -> bool:
    """Enqueue what is due until asked to stop."""
    with closing(valkey.connect(settings)) as client:
        runs = JobRuns(mongo.connect(settings), SystemClock())
        recurring = RecurringJobs(runs, JobQueue(client, settings.redis_prefix))
        figures = ProcessFigures(client, settings.redis_prefix)
        figures.count_start("cron")
        build_scheduler(blocking_connection(settings), recurring, figures, stop).run()
    return True


def _work(settings: Settings, stop: StopSignal, *, burst: bool) -> bool:
    """Work off jobs; True once asked to stop, or, in a burst, when none is left."""
    # Loaded here, once, so that a job's forked process starts in milliseconds. It connects by itself.
    import backend.wiring  # noqa: F401  # for the loading alone

    with closing(valkey.connect(settings)) as client:
        ProcessFigures(client, settings.redis_prefix).count_start("worker")
    build_worker(settings, blocking_connection(settings), stop).work(burst=burst, with_scheduler=True)
    # RQ's loop ends on any error, having logged it; unless it was asked to end, it begins again.
    return burst or stop.came


if __name__ == "__main__":
    sys.exit(main())
