"""The measurements, one by one. Each fills a table; none fails on a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from backend.config import Settings
from deploy.local.stack import LocalStack
from tests.performance.load import Load
from tests.performance.measured import HEADINGS, Measured, percentile, spread
from tests.performance.processes import COST_HEADINGS, Cost, Watch
from tests.performance.scene import ROOM_SIZE, fill_rooms
from tests.performance.servers import Server

_ACK_HEADINGS = ", ".join(f"ack {heading}" for heading in HEADINGS)
_TOLD_HEADINGS = ", ".join(f"told {heading}" for heading in HEADINGS)
_GOOD_SECONDS = 0.1
_SEARCH_FROM, _SEARCH_FACTOR, _SEARCH_STEPS = 1500.0, 1.6, 5
_SEARCH_SOCKETS, _SEARCH_SECONDS = 1000, 5.0
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Stage:
    """One measurement: so many swipes a second for so long."""

    name: str
    sockets: int
    rate: float
    seconds: float


SWIPES = (
    Stage("light", 200, 50, 8),
    Stage("busy", 1000, 500, 8),
    Stage("very busy", 1000, 1000, 8),
    Stage("heavy", 1000, 2000, 8),
    Stage("heavier", 1000, 3000, 6),
    Stage("aim", 1000, 4000, 6),
)
ROOMS = tuple(Stage(f"{rooms} rooms", rooms * ROOM_SIZE, 100, 8) for rooms in (10, 100, 1000))


class Bench:
    """Measures one server."""

    def __init__(self, stack: LocalStack, settings: Settings, server: Server, console: Console) -> None:
        self._stack = stack
        self._settings = settings
        self._server = server
        self._console = console

    async def swipes(self, stages: Sequence[Stage], title: str) -> None:
        """Latency and cost of swipes, stage by stage."""
        latency = table(
            f"{self._server.name}, {title}: ms from the moment a swipe was due until it was durable and acknowledged, "
            "and until the room was told",
            f"stage, sockets, wanted/s, done/s, {_ACK_HEADINGS}, {_TOLD_HEADINGS}, exactly once",
        )
        cost = table(f"{self._server.name}, {title}: cost, process by process", f"stage, {COST_HEADINGS}")
        for stage in stages:
            measured, used = await self._run(stage)
            latency.add_row(
                stage.name,
                str(stage.sockets),
                f"{stage.rate:.0f}",
                f"{measured.rate:.0f}",
                *spread(measured.acks),
                *spread(measured.fanouts),
                measured.verdict,
            )
            cost.add_row(stage.name, *used.row(len(measured.acks)))
        self._console.print(latency, cost)

    async def highest_rate(self) -> None:
        """Look for the highest rate at which 95 % of the acknowledgements still come within 100 ms."""
        tried = table(
            f"{self._server.name}, looking for the highest rate with p95 < {_GOOD_SECONDS * 1000:.0f} ms "
            f"({_SEARCH_SOCKETS} sockets, {_SEARCH_SECONDS:.0f} s each)",
            f"wanted/s, done/s, {_ACK_HEADINGS}, good",
        )
        best, worst, rate = 0.0, float("inf"), _SEARCH_FROM
        for _ in range(_SEARCH_STEPS):
            measured, _cost = await self._run(Stage("search", _SEARCH_SOCKETS, rate, _SEARCH_SECONDS))
            good = measured.verdict == "yes" and percentile(measured.acks, 0.95) < _GOOD_SECONDS
            tried.add_row(
                f"{rate:.0f}", f"{measured.rate:.0f}", *spread(measured.acks), "yes" if good else "no"
            )
            if good:
                best = max(best, rate)
            else:
                worst = min(worst, rate)
            rate = best * _SEARCH_FACTOR if worst == float("inf") else (best + worst) / 2
        self._console.print(tried)
        self._console.print(
            f"Highest rate found with p95 < {_GOOD_SECONDS * 1000:.0f} ms: {best:.0f} swipes/s."
        )

    async def _run(self, stage: Stage) -> tuple[Measured, Cost]:
        """A stage in rooms of its own."""
        seats = await asyncio.to_thread(fill_rooms, self._settings, stage.sockets // ROOM_SIZE)
        load = Load(self._server)
        await load.connect(seats)
        watch = Watch(self._stack, self._server.pid)
        measured = await load.run(stage.rate, stage.seconds)
        used = watch.stop()
        load.close()
        await asyncio.sleep(_PAUSE_SECONDS)
        return measured, used


def table(title: str, headings: str) -> Table:
    """An empty table; `headings` are separated by commas."""
    made = Table(title=title, title_justify="left")
    for heading in headings.split(", "):
        made.add_column(heading, justify="right")
    return made
