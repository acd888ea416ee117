"""`make chaos` and `make soak`: what happens when parts are killed, and when all runs long (docs/reliability.md)."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from backend.config import Settings
from backend.infra import logs
from deploy.local.stack import LocalStack
from tests.drills import chaos
from tests.drills.job_strikes import Cron, WorkerErasing, WorkerExporting
from tests.drills.members import ReplicaSet
from tests.drills.soak import Soak
from tests.drills.stage import ENVIRONMENT, PATIENT, settings_of, wait_for_the_night
from tests.drills.strikes import ApiProcess, Primary, Strike, ValkeyServer, WholeApi
from tests.performance.machine import facts

_DRILLS = ("nothing", "api", "gunicorn", "valkey", "primary", "export", "erasure", "cron")


def main() -> int:
    """Run what was asked for; 1 if it showed something wrong."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # or all that was started would stay
    with tempfile.TemporaryDirectory(prefix="dindin-drills-") as folder:
        where = Path(folder)
        flaws = soak(where, asked.minutes) if asked.command == "soak" else drills(where, asked.drills)
    for flaw in flaws:
        sys.stdout.write(f"WRONG: {flaw}\n")
    return 1 if flaws else 0


def drills(folder: Path, names: Sequence[str]) -> list[str]:
    """Kill one thing after the other; what is wrong, in words."""
    with ReplicaSet(folder / "members") as members:
        environment = {**PATIENT, "MONGODB_URI": members.uri}
        with LocalStack(data_dir=folder / "data", port=0, env=environment) as stack:
            settings = _ready(stack, environment)
            strikes: dict[str, Callable[[], Strike]] = {
                "nothing": lambda: Strike(stack),
                "api": lambda: ApiProcess(stack),
                "gunicorn": lambda: WholeApi(stack),
                "valkey": lambda: ValkeyServer(stack),
                "primary": lambda: Primary(stack, members),
                "export": lambda: WorkerExporting(stack, settings),
                "erasure": lambda: WorkerErasing(stack, settings),
                "cron": lambda: Cron(stack, settings),
            }
            return chaos.run(stack, settings, [strikes[name]() for name in names])


def soak(folder: Path, minutes: float) -> list[str]:
    """Run for long; what is wrong, in words."""
    with LocalStack(data_dir=folder, port=0, env=ENVIRONMENT) as stack:
        settings = _ready(stack, ENVIRONMENT)
        return asyncio.run(Soak(stack, settings, minutes).run())


def _ready(stack: LocalStack, environment: Mapping[str, str]) -> Settings:
    """The settings of a stack that has come to rest."""
    settings = settings_of(stack, environment)
    logs.configure(settings, "drills")
    sys.stdout.write(f"{facts({'MONGODB_URI': settings.mongodb_uri, 'REDIS_URL': settings.redis_url})}\n")
    wait_for_the_night(settings)
    return settings


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    killing = commands.add_parser("chaos", help="kill -9 of one part after the other while people swipe")
    killing.add_argument("--drills", nargs="+", choices=_DRILLS, default=_DRILLS, help="default: all")
    long = commands.add_parser("soak", help="300 swipes a second, people coming and going")
    long.add_argument("--minutes", type=float, default=20.0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
