"""Rooms that come and go: each lives for a minute or three, and ends in one of the ways in which evenings end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from random import Random

from backend.config import Settings
from tests.drills.faithful import Crowd, Faithful, agree
from tests.performance.scene import ROOM_SIZE, Seat, fill_rooms

_FILLED_AT_ONCE = 60
_LIVES_SECONDS = (60.0, 180.0)
_CUT_EVERY_SECONDS = 0.5
_LAST_LOOK_SECONDS = 2.0
_SETTLE_SECONDS = 60.0
_ENDINGS = ("leave", "leave", "agree", "vanish")


class Visitors:
    """Keeps so many rooms alive, each with people at sockets that are cut now and then.

    Attributes:
        crowd: who is there.
        ended: how many rooms have, by how.
        cuts: lines cut in the middle.
        kept: acknowledged swipes, by session, of rooms that ended.
        flaws: promises broken towards somebody who has gone, in words.
    """

    def __init__(self, crowd: Crowd, settings: Settings, rooms: int, chance: Random) -> None:
        self.crowd = crowd
        self.ended: Counter[str] = Counter()
        self.cuts = 0
        self.kept: dict[str, int] = {}
        self.flaws: list[str] = []
        self.unanswered = 0
        self._settings = settings
        self._rooms = rooms
        self._chance = chance
        self._seats: list[Seat] = []
        self._filling = asyncio.Lock()

    async def arrive(self) -> None:
        """Fill all rooms for the first time."""
        for _ in range(self._rooms):
            await self._open_room()

    async def come_and_go(self) -> None:
        """Until cancelled: a room that ends is followed by another."""
        async with asyncio.TaskGroup() as living:
            living.create_task(self._cut_lines())
            for players in self._all_rooms():
                living.create_task(self._room_after_room(players))

    async def leave(self) -> None:
        """Everybody who is still there leaves for good."""
        await asyncio.gather(*(self._end(players, "leave") for players in self._all_rooms()))

    async def _room_after_room(self, players: list[Faithful]) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(*_LIVES_SECONDS))
            await self._end(players, self._chance.choice(_ENDINGS))
            players = await self._open_room()

    async def _open_room(self) -> list[Faithful]:
        async with self._filling:
            if not self._seats:
                self._seats = await asyncio.to_thread(fill_rooms, self._settings, _FILLED_AT_ONCE)
            seats, self._seats = self._seats[:ROOM_SIZE], self._seats[ROOM_SIZE:]
        players = [self.crowd.player(seat) for seat in seats]
        await asyncio.gather(*(player.come() for player in players))
        self.crowd.players += players
        return players

    async def _end(self, players: list[Faithful], how: str) -> None:
        self.crowd.retire(players)
        if how == "vanish":
            for player in players:
                player.go()
        elif how == "agree":
            await self._within_bounds(agree(players))
            await self._within_bounds(_all_told(players))
            for player in players:
                player.go()
        else:
            await self._within_bounds(_all_answered(players))
            for player in players:
                player.leave()
        await asyncio.sleep(_LAST_LOOK_SECONDS)
        self._take_down(players, how)

    async def _within_bounds(self, doing: Coroutine[None, None, None]) -> None:
        try:
            await asyncio.wait_for(doing, _SETTLE_SECONDS)
        except TimeoutError:
            self.flaws.append("a room did not come to its end in time")

    def _take_down(self, players: list[Faithful], how: str) -> None:
        self.ended[how] += 1
        session_id = players[0].seat.session_id
        self.kept[session_id] = sum(len(player.kept) for player in players)
        for player in players:
            player.go()
            self.flaws += player.view.flaws
            self.unanswered += len(player.unanswered) if how != "vanish" else 0
        gone = set(players)
        self.crowd.everybody = [player for player in self.crowd.everybody if player not in gone]

    async def _cut_lines(self) -> None:
        while True:
            await asyncio.sleep(_CUT_EVERY_SECONDS)
            self._chance.choice(self.crowd.players).cut()
            self.cuts += 1

    def _all_rooms(self) -> list[list[Faithful]]:
        rooms: dict[str, list[Faithful]] = {}
        for player in self.crowd.players:
            rooms.setdefault(player.seat.session_id, []).append(player)
        return list(rooms.values())


async def _all_answered(players: list[Faithful]) -> None:
    while any(player.unanswered for player in players):
        await asyncio.sleep(0.05)


async def _all_told(players: list[Faithful]) -> None:
    while not all(player.view.outcomes for player in players):
        await asyncio.sleep(0.05)
