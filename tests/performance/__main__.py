"""`make bench`: measures the live path on this machine and prints it. Nothing here fails on a time."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from backend.config import Settings
from backend.infra import logs
from deploy.local.stack import LocalStack
from tests.environment import CROWDED
from tests.performance.audit import measure_audit
from tests.performance.cache import measure_cache
from tests.performance.exports import measure_exports
from tests.performance.idle import IDLE, measure_idle
from tests.performance.machine import facts
from tests.performance.matches import measure_matches
from tests.performance.retention import SWIPES as SWIPES_OF_THE_PAST
from tests.performance.retention import measure_retention
from tests.performance.servers import naive_server, our_server
from tests.performance.stages import ROOMS, SWIPES, Bench

_PARTS = ("idle", "swipes", "matches", "rooms", "highest", "exports", "audit", "cache", "retention", "naive")
_NAIVE = tuple(stage for stage in SWIPES if stage.name in {"busy", "very busy", "heavy"})
_ENVIRONMENT = {
    **CROWDED,
    "API_RATE_LIMIT": "1000000",
    "LOG_LEVEL": "WARNING",
    "ACCESS_TOKEN_MINUTES": "60",
    "AWAY_GRACE_SECONDS": "86400",  # what follows when a crowd has hung up must not disturb the next part
}


def main() -> int:
    """Run what was asked for."""
    chosen = _arguments()
    console, started = Console(width=150), time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="dindin-bench-") as folder,
        LocalStack(data_dir=Path(folder), port=0, env=_ENVIRONMENT) as stack,
    ):
        settings = Settings(_env_file=None, **{**_lower(_ENVIRONMENT), **_lower(stack.settings)})
        logs.configure(settings, "bench")
        console.print(facts(stack.settings))
        asyncio.run(_measure(stack, settings, console, chosen))
        if "exports" in chosen.parts:
            measure_exports(settings, console)
        if "audit" in chosen.parts:
            measure_audit(settings, console)
        if "cache" in chosen.parts:
            measure_cache(settings, console)
        if "naive" in chosen.parts:
            with naive_server(stack) as naive:
                asyncio.run(Bench(stack, settings, naive, console).swipes(_NAIVE, "swipes"))
    console.print(f"Measured in {time.monotonic() - started:.0f} s.")
    return 0


async def _measure(
    stack: LocalStack, settings: Settings, console: Console, chosen: argparse.Namespace
) -> None:
    server = our_server(stack)
    bench = Bench(stack, settings, server, console)
    if "idle" in chosen.parts:  # first: later the processes would reuse memory of earlier sockets
        await measure_idle(stack, settings, console, chosen.idle)
    if "swipes" in chosen.parts:
        await bench.swipes(
            [stage for stage in SWIPES if not chosen.stages or stage.name in chosen.stages], "swipes"
        )
    if "matches" in chosen.parts:
        await measure_matches(settings, server, console)
    if "rooms" in chosen.parts:
        await bench.swipes(ROOMS, "more rooms at the same rate")
    if "highest" in chosen.parts:
        await bench.highest_rate()
    if "retention" in chosen.parts:
        await measure_retention(stack, settings, server, console, chosen.past_swipes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.performance", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS, help="default: all")
    parser.add_argument(
        "--stages", nargs="*", choices=[stage.name for stage in SWIPES], help="of the swipes; default: all"
    )
    parser.add_argument("--idle", nargs="+", type=int, default=IDLE, help="numbers of idle sockets, rising")
    parser.add_argument(
        "--past-swipes", type=int, default=SWIPES_OF_THE_PAST, help="that retention is to delete"
    )
    return parser.parse_args()


def _lower(variables: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in variables.items() if name.lower() in Settings.model_fields}


if __name__ == "__main__":
    sys.exit(main())
