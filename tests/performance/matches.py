"""How long a match takes: from the moment the last like is due until everybody in the room has heard of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from rich.console import Console

from backend.config import Settings
from tests.performance.load import Load, Player
from tests.performance.measured import HEADINGS, spread
from tests.performance.scene import ROOM_SIZE, fill_rooms
from tests.performance.servers import Server
from tests.performance.stages import table

_ROOMS = 250
_MATCHES_PER_SECOND = 25.0
_WAIT_SECONDS = 10.0


async def measure_matches(settings: Settings, server: Server, console: Console) -> None:
    """One room after another gets its last like, at a steady pace that does not wait for the matches."""
    seats = await asyncio.to_thread(fill_rooms, settings, _ROOMS)
    load = Load(server)
    await load.connect(seats)
    rooms = [load.players[start : start + ROOM_SIZE] for start in range(0, len(load.players), ROOM_SIZE)]
    await _all_but_the_last(rooms)
    due = await _last_likes(rooms)
    await _until(lambda: all(player.matched_at for player in load.players))
    load.close()
    heard = [
        player.matched_at[0] - at
        for room, at in zip(rooms, due, strict=True)
        for player in room
        if player.matched_at
    ]
    missed = sum(not player.matched_at for player in load.players)
    doubled = sum(len(player.matched_at) > 1 for player in load.players)
    shown = table(
        f"{server.name}, matches: ms from the moment the last like was due until each member of the room had heard",
        f"rooms, matches/s, {', '.join(HEADINGS)}, exactly once",
    )
    once = "yes" if not (missed or doubled) else f"NO: missed {missed}, doubled {doubled}"
    shown.add_row(str(_ROOMS), f"{_MATCHES_PER_SECOND:.0f}", *spread(heard), once)
    console.print(shown)


async def _all_but_the_last(rooms: list[list[Player]]) -> None:
    """Everybody but one likes the first card of the room, and knows that it is durable."""
    for room in rooms:
        for player in room[:-1]:
            player.send_swipe(player.seat.deck[0], time.perf_counter(), likes=True)
        await asyncio.sleep(0)
    await _until(lambda: not any(player.waiting for room in rooms for player in room))


async def _last_likes(rooms: list[list[Player]]) -> list[float]:
    """The last like of each room, when it is due; these moments."""
    begin = time.perf_counter()
    due = [begin + number / _MATCHES_PER_SECOND for number in range(len(rooms))]
    for room, at in zip(rooms, due, strict=True):
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        room[-1].send_swipe(room[-1].seat.deck[0], at, likes=True)
    return due


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + _WAIT_SECONDS
    while not condition() and time.perf_counter() < deadline:
        await asyncio.sleep(0.05)
