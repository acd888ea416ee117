"""`make chaos` and `make soak`: what happens when parts are killed, and when all runs long (docs/reliability.md)."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from backend.infra import logs
from deploy.local.stack import LocalStack
from tests.drills.soak import Soak
from tests.drills.stage import ENVIRONMENT, settings_of, wait_for_the_night
from tests.performance.machine import facts


def main() -> int:
    """Run what was asked for; 1 if it showed something wrong."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="dindin-drills-") as folder:
        flaws = soak(Path(folder), asked.minutes)
    for flaw in flaws:
        sys.stdout.write(f"WRONG: {flaw}\n")
    return 1 if flaws else 0


def soak(folder: Path, minutes: float) -> list[str]:
    """Run for long; what is wrong, in words."""
    with LocalStack(data_dir=folder, port=0, env=ENVIRONMENT) as stack:
        settings = settings_of(stack, ENVIRONMENT)
        logs.configure(settings, "drills")
        sys.stdout.write(f"{facts(stack.settings)}\n")
        wait_for_the_night(settings)
        return asyncio.run(Soak(stack, settings, minutes).run())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    long = commands.add_parser("soak", help="300 swipes a second, people coming and going")
    long.add_argument("--minutes", type=float, default=20.0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
