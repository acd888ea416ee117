"""The running protocol in a storm: lines cut, operations lost and doubled, a process killed, Valkey emptied, a
database that stands still, people away for long.

Each seed is one storm. `DINDIN_CHAOS_SEEDS=1-50` (or `7,12`) runs others than the usual ones.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random

import pytest
from pymongo import MongoClient

from deploy.local.stack import LocalStack
from tests.e2e.chaos_checks import flaws_of
from tests.e2e.chaos_client import ShakyClient
from tests.e2e.chaos_play import play
from tests.e2e.chaos_storm import Storm, plan
from tests.e2e.chaos_table import GAMES, Table, seats
from tests.e2e.person import Person
from tests.processes import serving_processes
from tests.stacks import StackLog
from tests.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.e2e, pytest.mark.timeout(200)]

# Together they kill processes, empty Valkey and hold up both databases, each early enough to happen.
_USUAL_SEEDS = "20,31"
_DEADLINE_SECONDS = 120
_REPLIES_EACH = 20  # about so many operations does everybody carry out, at least
# Told by frames that may get lost, or still on their way when the last one knows the outcome.
_NOT_FINAL = ("swiped", "outcome")

NewPerson = Callable[[str], Person]


def seeds() -> list[int]:
    """The storms of this run."""
    return numbers(os.environ.get("DINDIN_CHAOS_SEEDS", _USUAL_SEEDS))


def numbers(wanted: str) -> list[int]:
    """`1-3,7` is 1, 2, 3 and 7."""
    found: list[int] = []
    for part in wanted.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


@pytest.fixture(scope="module")
def stack_env() -> dict[str, str]:
    """People are soon gone, so that it happens within a storm."""
    return {"AWAY_GRACE_SECONDS": "3"}


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


async def weather(storm: Storm, clients: Sequence[ShakyClient], tables: Sequence[Table]) -> list[str]:
    """Play through the storm, then ask everything once more in the calm; what the clients lacked before that."""
    lacking: list[str] = []
    by_id = {table.session_id: table for table in tables}
    async with asyncio.timeout(_DEADLINE_SECONDS), connected(clients):
        raging = asyncio.create_task(storm.rage())
        async with asyncio.TaskGroup() as games:
            for client in clients:
                games.create_task(play(client, by_id[client.session_id]))
        raging.cancel()
        await asyncio.wait([raging])
        for client in clients:
            client.stormy = False
        for table in tables:
            first, *others = [client.view.now for client in clients if client.session_id == table.session_id]
            lacking += [d for other in others for d in other.differences(first, *_NOT_FINAL)]
        await asyncio.gather(*(client.repeat_everything() for client in clients))
        # The first brings a snapshot where Valkey was emptied since; the second must resume.
        for _ in range(2):
            await asyncio.gather(*(client.reconnect() for client in clients))
        lacking += [f"{client} was not resumed" for client in clients if not client.view.resumed]
    return lacking


def test_the_usual_storms_bring_everything_there_is() -> None:
    operations = sum(game.people for game in GAMES) * _REPLIES_EACH
    plans = [plan(Random(seed), operations) for seed in numbers(_USUAL_SEEDS)]
    in_time = {strike for each in plans for moment, strike in each if moment < operations / 2}
    assert in_time == {"kill", "flush", "valkey", "mongodb"}


@pytest.mark.parametrize("seed", seeds())
def test_the_storm_leaves_no_trace(stack: LocalStack, log: StackLog, person: NewPerson, seed: int) -> None:
    """However bad the lines and whatever dies: everything took effect once, and everybody knows the same."""
    eventually(lambda: len(serving_processes(stack, log.api_pids())) == 2, seconds=20)
    chance = Random(seed)
    groups = [(game, [person(f"P{g}{p}") for p in range(game.people)]) for g, game in enumerate(GAMES)]
    clients: list[ShakyClient] = []

    async def run() -> list[str]:
        tables = [Table(game, people, f"{seed}.{n}") for n, (game, people) in enumerate(groups)]
        seated = list(seats(tables))
        storm = Storm(stack, log, chance, operations=len(seated) * _REPLIES_EACH)
        for table, one in seated:
            clients.append(
                ShakyClient(one, table.session_id, stack.base_url, Random(chance.random()), storm.replied)
            )
        return await weather(storm, clients, tables)

    try:
        flaws = asyncio.run(run())
    except TimeoutError:
        pytest.fail(f"seed {seed}: never over:\n" + "\n".join(map(str, clients)))
    with MongoClient(stack.settings["MONGODB_URI"], tz_aware=True) as mongo:
        for session_id in dict.fromkeys(client.session_id for client in clients):
            flaws += flaws_of([c for c in clients if c.session_id == session_id], mongo["dindin"])
    assert not flaws, f"seed {seed}:\n" + "\n".join(flaws)
