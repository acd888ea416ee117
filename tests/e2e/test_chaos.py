"""The running protocol in a storm: lines cut, operations lost and doubled, a process killed, Valkey emptied.

Each seed is one storm. `DINDIN_CHAOS_SEEDS=1-50` (or `7,12`) runs others than the usual ones.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from random import Random

import httpx
import pytest
from pymongo import MongoClient

from deploy.local.stack import LocalStack
from tests.e2e.chaos_checks import flaws_of
from tests.e2e.chaos_client import ShakyClient
from tests.e2e.chaos_storm import Storm, serving_processes
from tests.e2e.conftest import StackLog
from tests.e2e.person import Person
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(150)]

# How many people each session has, and on how many cards of its deck they agree.
_SESSIONS = ((3, 0), (4, 1), (3, 3))
_DECK_SIZE = 20
_ROUND_SECONDS = 20  # a decision that dies with its process is made when the round is counted
_SWIPES_AT_ONCE = 3
_CHANGE_OF_MIND = 0.1
_DEADLINE_SECONDS = 75
_ASK_AGAIN_SECONDS = 0.1

NewPerson = Callable[[str], Person]


def seeds() -> list[int]:
    """The storms of this run."""
    wanted = os.environ.get("DINDIN_CHAOS_SEEDS", "1-3")
    found: list[int] = []
    for part in wanted.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


class Table:
    """A session and its people."""

    def __init__(self, people: Sequence[Person], agreed: int, seed: str) -> None:
        """Args:
        agreed: on how many cards everybody is of one opinion.
        """
        host, *guests = people
        session = host.post("/sessions", {"deck_size": _DECK_SIZE, "rounds": [_ROUND_SECONDS]})
        for guest in guests:
            guest.post("/sessions/join", {"code": session["code"]})
        self.session_id: str = session["id"]
        self.people = people
        self._agreed = agreed
        self._seed = seed
        self._prepared = 0
        self.all_prepared = asyncio.Event()

    def prepared(self) -> None:
        """One more is done with the lobby."""
        self._prepared += 1
        if self._prepared == len(self.people):
            self.all_prepared.set()

    def agreed_cards(self, deck: Sequence[str]) -> set[str]:
        """The cards that everybody likes."""
        return set(Random(self._seed).sample(deck, self._agreed))


async def wait_in_lobby(client: ShakyClient, table: Table) -> None:
    """Vote, be ready, perhaps hesitate; the host may start, otherwise the countdown does."""
    await client.carry_out("energy", level=client.chance.choice(["low", "medium", "high"]))
    await client.carry_out("ready", ready=True)
    if client.chance.random() < 0.5:
        await client.carry_out("ready", ready=False)
        await client.carry_out("ready", ready=True)
    table.prepared()
    if client.person is table.people[0] and client.chance.random() < 0.5:
        await table.all_prepared.wait()
        await client.carry_out("start")
    await client.until(lambda: client.view.status != "lobby")


async def deck_of(client: ShakyClient) -> list[str]:
    """The deck, from whichever process lives to answer."""
    while True:
        try:
            deck = await asyncio.to_thread(client.person.get, f"/sessions/{client.session_id}/deck")
        except httpx.TransportError:
            await asyncio.sleep(_ASK_AGAIN_SECONDS)
        else:
            return [card["id"] for card in deck["items"]]


async def swipe(client: ShakyClient, table: Table, place: int) -> None:
    """Swipe the whole deck in an order of one's own, a few cards at once, the agreed ones last if there is just one.

    Of every other card somebody is sure not to be fond. Nobody withdraws a like, so that a match stays to be seen.
    """
    deck = await deck_of(client)
    agreed = table.agreed_cards(deck)
    cards = client.chance.sample(deck, len(deck))
    if len(agreed) == 1:
        cards.sort(key=agreed.__contains__)
    turns = iter(cards)

    async def swipe_some() -> None:
        for item in turns:
            if item in agreed:
                ways = ["right"]
            elif deck.index(item) % len(table.people) == place:
                ways = ["left", "up"]
            else:
                ways = ["right", "left", "up"]
            way = client.chance.choice(ways)
            await client.carry_out("swipe", item=item, direction=way)
            if way != "right" and client.chance.random() < _CHANGE_OF_MIND:
                await client.carry_out("swipe", item=item, direction=client.chance.choice(ways))

    await asyncio.gather(*(swipe_some() for _ in range(_SWIPES_AT_ONCE)))


async def play(client: ShakyClient, table: Table, place: int) -> None:
    """A session from the lobby to its outcome."""
    await wait_in_lobby(client, table)
    await swipe(client, table, place)
    await client.until(lambda: client.view.over)


@asynccontextmanager
async def connected(clients: Sequence[ShakyClient]) -> AsyncIterator[None]:
    """Keep everybody coming back to their line."""
    async with asyncio.TaskGroup() as lines:
        tasks = [lines.create_task(client.stay_connected()) for client in clients]
        yield
        for task in tasks:
            task.cancel()
    for client in clients:
        client.hang_up()


async def weather(
    storm: Storm, clients: Sequence[ShakyClient], tables: Sequence[Table], seated: Sequence[Table]
) -> list[str]:
    """Play through the storm, then ask everything once more in the calm; what the clients lacked before that."""
    lacking: list[str] = []
    async with asyncio.timeout(_DEADLINE_SECONDS), connected(clients):
        async with asyncio.TaskGroup() as games:
            games.create_task(storm.rage())
            for client, table in zip(clients, seated, strict=True):
                games.create_task(play(client, table, table.people.index(client.person)))
        for client in clients:
            client.stormy = False
        for table in tables:
            views = [client.view for client in clients if client.session_id == table.session_id]
            if any(
                (v.status, v.outcome, v.ready) != (views[0].status, views[0].outcome, views[0].ready)
                for v in views
            ):
                lacking.append(f"events left the clients of {table.session_id} in disagreement")
        await asyncio.gather(*(client.repeat_everything() for client in clients))
        for _ in range(
            2
        ):  # the first brings a snapshot where Valkey was emptied since; the second must resume
            await asyncio.gather(*(client.reconnect() for client in clients))
        lacking += [f"{client} was not resumed" for client in clients if not client.view.resumed]
    return lacking


def seat(tables: Sequence[Table]) -> Iterator[tuple[Table, Person]]:
    """Everybody, with their table."""
    for table in tables:
        for one in table.people:
            yield table, one


@pytest.mark.parametrize("seed", seeds())
def test_the_storm_leaves_no_trace(stack: LocalStack, log: StackLog, person: NewPerson, seed: int) -> None:
    """However bad the lines and whatever dies: everything took effect once, and everybody knows the same."""
    eventually(lambda: len(serving_processes(stack, log)) == 2, seconds=20)
    chance = Random(seed)
    groups = [
        ([person(f"P{g}{p}") for p in range(size)], agreed) for g, (size, agreed) in enumerate(_SESSIONS)
    ]
    clients: list[ShakyClient] = []

    async def run() -> list[str]:
        tables = [Table(people, agreed, f"{seed}.{n}") for n, (people, agreed) in enumerate(groups)]
        seated = list(seat(tables))
        storm = Storm(stack, log, chance, operations=len(seated) * (2 + _DECK_SIZE))
        for table, one in seated:
            clients.append(
                ShakyClient(one, table.session_id, stack.base_url, Random(chance.random()), storm.replied)
            )
        return await weather(storm, clients, tables, [table for table, _ in seated])

    try:
        flaws = asyncio.run(run())
    except TimeoutError:
        pytest.fail(f"seed {seed}: never over:\n" + "\n".join(map(str, clients)))
    with MongoClient(stack.settings["MONGODB_URI"]) as mongo:
        for session_id in dict.fromkeys(client.session_id for client in clients):
            flaws += flaws_of([c for c in clients if c.session_id == session_id], mongo["dindin"])
    assert not flaws, f"seed {seed}:\n" + "\n".join(flaws)
