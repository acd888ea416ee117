"""Both like the same cards at the same instant through different processes: one match, a thousand times over."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from datetime import datetime
from ipaddress import ip_address
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from deploy.local.stack import LocalStack
from tests.e2e.person import Person
from tests.performance.socket_client import SocketClient
from tests.processes import api_children, held

pytestmark = [pytest.mark.long, pytest.mark.e2e, pytest.mark.timeout(240)]

# DINDIN_ROOMS=1000 plays more.
_ROOMS = int(os.environ.get("DINDIN_ROOMS", "250"))
_ROOMS_AT_A_TIME = 250
_PLAYING_AT_ONCE = 32
_CONNECTING_AT_ONCE = 25
_PATIENCE_SECONDS = 120
_CARDS = 3

NewPerson = Callable[[str], Person]
Record = dict[str, Any]
_addresses = count(1)


class Seat:
    """One of the two in a room, at a socket."""

    def __init__(self, person: Person, session_id: str) -> None:
        loop = asyncio.get_running_loop()
        self.person = person
        self.session_id = session_id
        self.node = ""
        self.matches: list[Record] = []
        self.replies: dict[str, Record] = {}
        self.welcomed: asyncio.Future[None] = loop.create_future()
        self.matched: asyncio.Future[None] = loop.create_future()
        self._answered: dict[str, asyncio.Future[None]] = {}
        self._socket: SocketClient | None = None

    async def connect(self, base_url: str) -> None:
        """Connect from an address of its own, and wait for the welcome."""
        parts = urlsplit(base_url)
        address = str(ip_address(0x7F000001 + next(_addresses)))
        _, self._socket = await asyncio.get_running_loop().create_connection(
            lambda: SocketClient(parts.hostname or "", self._take, self._lost),
            parts.hostname,
            parts.port,
            local_addr=(address, 0),
        )
        await self._socket.opened
        token = self.person.tokens["access_token"]
        self._send({"op": "hello", "v": 1, "token": token, "session": self.session_id})
        await self.welcomed

    def like(self, cards: Sequence[str]) -> None:
        """Like some cards, one right after the other."""
        for item in cards:
            self._operate("swipe", {"item": item, "direction": "right"})

    async def answers(self) -> None:
        """Wait until everything that was sent is answered."""
        await asyncio.gather(*self._answered.values())

    async def ping(self) -> None:
        """Go there and back: what had been sent to us before is here then."""
        await self._operate("ping", {"t": 0})

    def hang_up(self) -> None:
        """Leave the socket."""
        assert self._socket is not None
        self._socket.abort()

    def _operate(self, name: str, told: Record) -> asyncio.Future[None]:
        op_id = f"{len(self._answered):026d}"
        self._answered[op_id] = asyncio.get_running_loop().create_future()
        self._send({"op": name, "id": op_id, "data": told})
        return self._answered[op_id]

    def _send(self, frame: Record) -> None:
        assert self._socket is not None
        self._socket.send(json.dumps(frame).encode())

    def _take(self, text: bytes) -> None:
        frame = json.loads(text)
        for one in frame.get("batch", (frame,)):
            if "re" in one:
                self.replies[one["re"]] = one
                self._answered[one["re"]].set_result(None)
            elif one["type"] == "welcome":
                self.node = one["data"]["node"]
                self.welcomed.set_result(None)
            elif one["type"] in {"matched", "closest"}:
                self.matches.append(one)
                if not self.matched.done():
                    self.matched.set_result(None)

    def _lost(self, code: int) -> None:
        for future in (self.welcomed, self.matched):
            if not future.done():
                future.set_exception(ConnectionError(f"the server hung up with {code}"))


class Room:
    """Two people who are about to like the same cards."""

    def __init__(
        self, session_id: str, host: Person, guest: Person, cards: Sequence[str], number: int
    ) -> None:
        self.session_id = session_id
        self.seats = (Seat(host, session_id), Seat(guest, session_id))
        # By turns: one card; several in the same order; several in opposite orders.
        mine = cards[:1] if number % 3 == 0 else cards
        self.orders = (mine, mine[::-1] if number % 3 == 2 else mine)

    async def play(self) -> None:
        """Both like at the same instant; wait for the match and for every answer."""
        for seat, cards in zip(self.seats, self.orders, strict=True):
            seat.like(cards)
        for seat in self.seats:
            await seat.matched
            await seat.answers()

    def flaws(self, record: Record) -> Iterator[str]:
        """What is not as it must be, in words."""
        outcome = record["outcome"]
        if record["status"] != "matched" or outcome is None or len(outcome["items"]) != 1:
            yield f"{self.session_id} is {record['status']} with {outcome}"
            return
        if self.seats[0].node == self.seats[1].node:
            yield f"both of {self.session_id} are at {self.seats[0].node}"
        decided = str(outcome["items"][0])
        if decided not in self.orders[0]:
            yield f"{self.session_id} matched {decided}, which nobody likes"
        for seat in self.seats:
            told = [_essence(frame["data"]["outcome"]) for frame in seat.matches]
            if told != [(decided, outcome["decided_at"])]:
                yield f"{self.session_id}: {seat.person.name} was told {told}, MongoDB has {outcome}"
            if not seat.replies.get(f"{0:026d}", {}).get("ok"):
                yield f"{self.session_id}: a like was refused: {seat.replies}"


def _essence(told: Record) -> tuple[str, datetime]:
    """Which card was decided, and when."""
    (card,) = told["items"]
    return card["id"], datetime.fromisoformat(told["decided_at"])


def open_rooms(database: Database[Record], host: Person, guest: Person) -> tuple[list[str], list[str]]:
    """A session that was started in the ordinary way, and copies of it in MongoDB; the ids, and some of the deck."""
    session = host.post("/sessions", {"rounds": [900]})
    guest.post("/sessions/join", {"code": session["code"]})
    for one in (host, guest):
        one.post(f"/sessions/{session['id']}/ready", {"ready": True})
    host.post(f"/sessions/{session['id']}/start")
    deck = [card["id"] for card in host.get(f"/sessions/{session['id']}/deck")["items"]]
    started = database.sessions.find_one({"_id": ObjectId(session["id"])})
    assert started is not None
    assert started["pending"] == []
    copies = []
    for number in range(_ROOMS):
        copy = deepcopy(started)
        copy["_id"], copy["code"] = ObjectId(), f"ROOM{number}"
        copies.append(copy)
    database.sessions.insert_many(copies)
    return [str(copy["_id"]) for copy in copies], deck[:_CARDS]


async def each(doing: Sequence[Callable[[], Any]], at_once: int) -> None:
    """Do everything, so many at a time."""
    turns = asyncio.Semaphore(at_once)

    async def one(do: Callable[[], Any]) -> None:
        async with turns:
            await do()

    async with asyncio.TaskGroup() as all_of_them:
        for do in doing:
            all_of_them.create_task(one(do))


async def play_all(rooms: Sequence[Room], base_url: str, pids: Sequence[int]) -> None:
    """Seat everybody, hosts in one process and guests in the other, and play every room."""
    for place, elsewhere in enumerate(reversed(pids)):
        seats = [room.seats[place] for room in rooms]
        with held(elsewhere):
            await each([lambda s=seat: s.connect(base_url) for seat in seats], _CONNECTING_AT_ONCE)
    await each([room.play for room in rooms], _PLAYING_AT_ONCE)
    seats = [seat for room in rooms for seat in room.seats]
    await each([seat.ping for seat in seats], _PLAYING_AT_ONCE)
    for seat in seats:
        seat.hang_up()


def test_in_hundreds_of_rooms_the_last_likes_come_at_once(stack: LocalStack, person: NewPerson) -> None:
    """In every room exactly one match, in MongoDB and at both sockets, each in a process of its own."""
    host, guest = person("Ada"), person("Bo")
    pids = sorted(api_children(stack))
    assert len(pids) == 2
    with MongoClient(stack.settings["MONGODB_URI"], tz_aware=True) as mongo:
        database = mongo["dindin"]
        ids, cards = open_rooms(database, host, guest)

        async def play() -> list[Room]:
            rooms = [Room(one, host, guest, cards, number) for number, one in enumerate(ids)]
            # What was not told in time shows in the rooms.
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    for first in range(0, _ROOMS, _ROOMS_AT_A_TIME):
                        wave = rooms[first : first + _ROOMS_AT_A_TIME]
                        await play_all(wave, stack.base_url, pids)
            return rooms

        rooms = asyncio.run(play())
        records = {str(r["_id"]): r for r in database.sessions.find({"code": {"$regex": "^ROOM"}})}
    flaws = [flaw for room in rooms for flaw in room.flaws(records[room.session_id])]
    assert not flaws, f"{len(flaws)} of {_ROOMS} rooms, for example:\n" + "\n".join(flaws[:20])
