"""A rolling restart behind the project's own nginx, in the middle of an evening: nobody loses anything by it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from itertools import cycle
from pathlib import Path
from random import Random

import pytest
import svcs
from bson import ObjectId

from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from tests.e2e.api_server import ApiServer
from tests.e2e.chaos_client import ShakyClient
from tests.e2e.person import Person, begin
from tests.environment import environment_of
from tests.nginx_front import MISSING, NGINX, NginxFront

pytestmark = [
    pytest.mark.long,
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(NGINX is None, reason=MISSING),
]

_SESSIONS = 3
_DECK_SIZE = 50  # as many opinions as anybody may have in a round: ten of each card
_ROUND_SECONDS = 900
_BETWEEN_SWIPES_SECONDS = 0.15
_SLOWING_DOWN = 1.01  # so that in the longest time this may take nobody gets to swipe more often than one may
_SWIPES_BETWEEN = 3
_ALL_SECONDS = 400


@pytest.fixture
def apis(
    settings: Settings,
    registry: svcs.Registry,  # noqa: ARG001  # fills the database
    tmp_path: Path,
) -> Iterator[list[ApiServer]]:
    """Two, each a gunicorn of its own, behind one proxy."""
    environment = environment_of(
        settings,
        PUBLIC_URL="https://localhost",
        TRUSTED_PROXIES="1",
        API_RATE_LIMIT="100000",
        WEB_GRACEFUL_SECONDS="60",
        AWAY_GRACE_SECONDS="600",  # however long a restart takes here, nobody is gone by it
    )
    with ExitStack() as running:
        found = []
        for name in ("first", "second"):
            folder = tmp_path / name
            folder.mkdir()
            found.append(running.enter_context(ApiServer(environment, folder)))
        for api in found:
            api.until_ready()
        yield found


@pytest.fixture
def front(apis: Sequence[ApiServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NginxFront]:
    """nginx, as it stands in front of them; httpx trusts it."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    with NginxFront(folder, [api.address for api in apis]) as front:
        monkeypatch.setenv("SSL_CERT_FILE", str(front.authority))
        yield front


@pytest.fixture
def clients(front: NginxFront) -> Iterator[list[ShakyClient]]:
    """People two by two, in sessions that have begun."""
    people: list[Person] = []

    def register(name: str) -> Person:
        people.append(Person(front.url, name))
        return people[-1]

    found = []
    for number in range(_SESSIONS):
        ada, bo = register(f"Ada{number}"), register(f"Bo{number}")
        session = ada.post("/sessions", {"deck_size": _DECK_SIZE, "rounds": [_ROUND_SECONDS]})
        bo.post("/sessions/join", {"code": session["code"]})
        begin(ada, bo, session["id"])
        found += [client_of(one, session["id"], front) for one in (ada, bo)]
    yield found
    for one in people:
        one.http.close()


def client_of(person: Person, session_id: str, front: NginxFront) -> ShakyClient:
    """A client on a good line."""
    return ShakyClient(
        person,
        session_id,
        front.url,
        Random(person.id),
        lambda: None,
        stormy=False,
        trust=front.trust,
    )


@asynccontextmanager
async def swiping(clients: Sequence[ShakyClient]) -> AsyncIterator[None]:
    """Inside, everybody is connected and swipes; at the end everybody has an answer to each swipe."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as lines:
        connected = [lines.create_task(client.stay_connected()) for client in clients]
        async with asyncio.TaskGroup() as swipers:
            for client in clients:
                swipers.create_task(swipe_until(enough, client))
            await everybody_swipes_on(clients)
            yield
            enough.set()
        for task in connected:
            task.cancel()
    for client in clients:
        client.hang_up()


async def swipe_until(enough: asyncio.Event, client: ShakyClient) -> None:
    """Change one's mind about all cards but the last, which keeps the round open; like none, so that it goes on."""
    await client.until(lambda: client.connections > 0)
    deck = [card["id"] for card in (await client.ask("deck"))["items"]]
    for number, item in enumerate(cycle(deck[:-1])):
        if enough.is_set():
            return
        await client.carry_out("swipe", item=item, direction=("left", "up")[number % 2], round=1)
        await asyncio.sleep(_BETWEEN_SWIPES_SECONDS * _SLOWING_DOWN**number)


async def everybody_swipes_on(clients: Sequence[ShakyClient]) -> None:
    """Everybody is answered a few more swipes."""
    before = {client.person.id: answered(client) for client in clients}
    for client in clients:
        await client.until(lambda c=client: answered(c) >= before[c.person.id] + _SWIPES_BETWEEN)


def answered(client: ShakyClient) -> int:
    """How many of a client's operations have their reply."""
    return sum(operation.reply is not None for operation in client.operations)


async def restart_one_after_the_other(apis: Sequence[ApiServer], clients: Sequence[ShakyClient]) -> None:
    """As an operator does, with everybody swiping before, between and after."""
    async with swiping(clients):
        for api in apis:
            assert await asyncio.to_thread(api.drain) == 0, api.output()
            await everybody_swipes_on(clients)
            api.start()
            await asyncio.to_thread(api.until_ready)
            await everybody_swipes_on(clients)


def test_everybody_swipes_on_while_one_api_after_the_other_is_restarted(
    apis: Sequence[ApiServer], clients: Sequence[ShakyClient], database_of_all: MongoDatabase
) -> None:
    async def in_time() -> None:
        async with asyncio.timeout(_ALL_SECONDS):
            await restart_one_after_the_other(apis, clients)

    asyncio.run(in_time())

    for client in clients:
        assert not client.view.flaws, client
        # The first welcome brought a snapshot, and no other: each time since, everything missed was told.
        assert client.connections >= 2, client
        assert (len(client.view.epochs), client.view.resumed) == (1, True), client
        assert [operation for operation in client.operations if not operation.accepted] == []
        mine = {"s": ObjectId(client.session_id), "p": ObjectId(client.person.id)}
        written = Counter(entry["o"] for entry in database_of_all.swipes.find(mine))
        assert written == Counter(operation.id for operation in client.operations), client


@pytest.fixture
def database_of_all(registry: svcs.Registry) -> MongoDatabase:
    """The database that all of them share."""
    with svcs.Container(registry) as services:
        return services.get(MongoDatabase)
