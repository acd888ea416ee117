"""What sockets cost that only are there: memory, and the CPU of keeping them."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Sequence

from rich.console import Console

from backend.config import Settings
from deploy.local.stack import LocalStack
from tests.performance.load import Load
from tests.performance.processes import Watch, api_memory
from tests.performance.scene import ROOM_SIZE, fill_rooms
from tests.performance.servers import our_server
from tests.performance.stages import table

IDLE = (2000, 5000, 10_000)
_OTHER_FILES = 500
_WARM_UP_ROOMS = 15
_SETTLE_SECONDS = 2.0
_LOOK_SECONDS = 5.0
_QUIET_WITHIN_SECONDS = 30.0
_QUIET_SHARE = 0.2


async def measure_idle(
    stack: LocalStack, settings: Settings, console: Console, numbers: Sequence[int]
) -> None:
    """Open more and more sockets, each welcomed with a snapshot, and see what they hold."""
    shown = table(
        "Idle sockets, each welcomed with a snapshot and marked present",
        "sockets, KB each, opened/s, API CPU, API MB, closed by the server",
    )
    await _warm_up(stack, settings)
    load = Load(our_server(stack))
    before = api_memory(stack)
    for number in numbers:
        if not _may_open(number):
            console.print(f"{number} sockets: this machine allows fewer open files (ulimit -Hn). Left out.")
            break
        more = number - len(load.players)
        seats = await asyncio.to_thread(fill_rooms, settings, more // ROOM_SIZE)
        started = time.perf_counter()
        await load.connect(seats)
        connected = time.perf_counter() - started
        await asyncio.sleep(_SETTLE_SECONDS)
        grown = api_memory(stack) - before
        watch = Watch(stack, stack.processes["api"])
        await asyncio.sleep(_LOOK_SECONDS)
        cost = watch.stop()
        shown.add_row(
            str(number),
            f"{grown / number / 1024:.1f}",
            f"{more / connected:.0f}",
            " + ".join(f"{share:.1%}" for share in cost.cpu["api"]),
            " + ".join(f"{size / 1024**2:.0f}" for size in cost.memory["api"]),
            str(load.result.closed),
        )
    gone = await _hang_up(stack, load)
    console.print(shown)
    console.print(
        f"All hung up at once: the API was quiet again after {gone:.0f} s, "
        f"at {api_memory(stack) / 1024**2:.0f} MB in all."
    )


async def _warm_up(stack: LocalStack, settings: Settings) -> None:
    """Open a few sockets first: what they alone cost, connections to the databases for example, counts for none."""
    load = Load(our_server(stack))
    await load.connect(await asyncio.to_thread(fill_rooms, settings, _WARM_UP_ROOMS))
    await _hang_up(stack, load)


async def _hang_up(stack: LocalStack, load: Load) -> float:
    """Hang up everywhere and wait until the API has dealt with it; the seconds that took, within bounds."""
    load.close()
    started = time.perf_counter()
    while (taken := time.perf_counter() - started) < _QUIET_WITHIN_SECONDS:
        watch = Watch(stack, stack.processes["api"])
        await asyncio.sleep(_SETTLE_SECONDS)
        if sum(watch.stop().cpu["api"]) < _QUIET_SHARE:
            break
    return taken


def _may_open(sockets: int) -> bool:
    """Raise this process's limit of open files as far as needed and allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = sockets + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            return False
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return True
