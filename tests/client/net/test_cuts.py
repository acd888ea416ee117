"""The line to the real server is cut again and again, at random moments and in every way, while people swipe.

`DINDIN_CUTS=500` (`make cuts`) cuts it more often than usual and says how long it took to be back.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from bson import ObjectId
from pymongo import MongoClient

from client.net import signals
from client.net.account import Account
from client.net.connection import Timings
from client.net.live import LiveConnection
from client.net.outbox import Outbox, Owner
from client.net.tokens import MemoryTokens, Tokens
from client.net.transport import HttpTransport
from deploy.local.stack import LocalStack
from tests.client.net.cutting_proxy import Cut, CuttingProxy
from tests.e2e.person import Person, begin
from tests.waiting import eventually

PEOPLE = 4
CUTS_OF_AN_EVENING = 60
WANTED_CUTS = int(os.environ.get("DINDIN_CUTS", CUTS_OF_AN_EVENING))
BACK_WITHIN_SECONDS = 30.0
QUICK = Timings(connect=3.0, watchdog=1.5, ping_every=0.1, backoff_base=0.02, backoff_longest=0.2)

pytestmark = [pytest.mark.long, pytest.mark.e2e, pytest.mark.timeout(120 + 2 * WANTED_CUTS)]


class Swiper:
    """Somebody whose client reaches the server through a line that is cut."""

    def __init__(self, person: Person, session_id: str, base_url: str, home: Path) -> None:
        self.person = person
        self.proxy = CuttingProxy(urlsplit(base_url).port or 80)
        self.submitted: list[tuple[str, str]] = []
        self.replies: list[signals.Replied] = []
        self.seconds_away: dict[Cut, list[float]] = defaultdict(list)
        self._connected_at = 0.0
        self._transport = HttpTransport(base_url)
        self._outbox = Outbox(home / "outbox.sqlite3")
        tokens = MemoryTokens()
        got = person.tokens
        tokens.save(Tokens(got["access_token"], got["refresh_token"], time.time() + got["expires_in"]))
        self.live = LiveConnection(
            url=f"ws://127.0.0.1:{self.proxy.port}/api/v1/live",
            owner=Owner(person.id, session_id),
            account=Account(self._transport, tokens),
            outbox=self._outbox,
            on_signal=self._hear,
            timings=QUICK,
        )
        self.live.start()

    def swipe_through_cuts(self, cards: Sequence[str], cuts: Sequence[Cut], chance: Random) -> None:
        """Swipe all cards, spread over the time in which the line is cut in these ways, one after the other."""
        left = list(cards)
        for number, how in enumerate(cuts):
            self._wait_until_back_since(0.0)
            share = left[: len(left) // (len(cuts) - number)]
            del left[: len(share)]
            before_the_cut = chance.randrange(len(share) + 1)
            for card in share[:before_the_cut]:
                time.sleep(chance.uniform(0, 0.05))
                self._swipe(card)
            time.sleep(chance.choice([0, chance.uniform(0, 0.2)]))
            cut = self.proxy.cut(how)
            for card in share[before_the_cut:]:
                self._swipe(card)
            cut_at = cut.result(BACK_WITHIN_SECONDS)
            self._wait_until_back_since(cut_at)
            self.seconds_away[how].append(self._connected_at - cut_at)

    def close(self) -> None:
        """Hang up."""
        self.live.stop(wait_seconds=5.0)
        self.proxy.close()
        self._outbox.close()
        self._transport.close()

    def _swipe(self, card: str) -> None:
        operation = self.live.submit("swipe", {"item": card, "direction": "left", "round": 1})
        self.submitted.append((operation.id, card))

    def _wait_until_back_since(self, moment: float) -> None:
        eventually(lambda: self._connected_at > moment, seconds=BACK_WITHIN_SECONDS, every=0.005)

    def _hear(self, signal: signals.Signal) -> None:
        if isinstance(signal, signals.StatusChanged) and signal.status == "connected":
            self._connected_at = time.monotonic()
        elif isinstance(signal, signals.Replied):
            self.replies.append(signal)


NewPerson = Callable[[str], Person]
Gather = Callable[[], tuple[str, list[str], list[Swiper]]]


@pytest.fixture
def person(stack: LocalStack) -> Iterator[NewPerson]:
    """Registers people."""
    with ExitStack() as ends:

        def register(name: str) -> Person:
            one = Person(stack.base_url, name)
            ends.callback(one.http.close)
            return one

        yield register


@pytest.fixture
def gather(stack: LocalStack, person: NewPerson, tmp_path: Path) -> Iterator[Gather]:
    """Everybody at a table, each behind a line of their own: the session, its deck, and them."""
    with ExitStack() as ends:

        def gather() -> tuple[str, list[str], list[Swiper]]:
            host, *guests = people = [person(name) for name in ("Ada", "Bo", "Cy", "Di")[:PEOPLE]]
            session = host.post("/sessions", {"menu": "both", "deck_size": 50, "rounds": [900]})
            for guest in guests:
                guest.post("/sessions/join", {"code": session["code"]})
            for guest in guests[1:]:
                guest.post(f"/sessions/{session['id']}/ready", {"ready": True})
            deck = begin(host, guests[0], session["id"])
            swipers = []
            for one in people:
                home = tmp_path / secrets.token_hex(4)
                home.mkdir()
                swipers.append(Swiper(one, session["id"], stack.base_url, home))
                ends.callback(swipers[-1].close)
            return session["id"], deck, swipers

        yield gather


def test_no_cut_costs_or_doubles_a_swipe(stack: LocalStack, gather: Gather) -> None:
    seconds_away: dict[Cut, list[float]] = defaultdict(list)
    swiped = 0
    for first in range(0, WANTED_CUTS, CUTS_OF_AN_EVENING):
        evening = [first + number for number in range(min(CUTS_OF_AN_EVENING, WANTED_CUTS - first))]
        ways = [way for _, way in zip(evening, islice(cycle(Cut), first, None), strict=False)]
        session_id, deck, swipers = gather()
        play(swipers, deck[:-1], ways, seed=f"evening {first}")  # who has swiped all would end the round
        swiped += sum(len(one.submitted) for one in swipers)
        for one in swipers:
            # Each was answered, once, and taken.
            eventually(lambda one=one: one.live.pending() == ())
            assert Counter(reply.operation.id for reply in one.replies) == Counter(dict(one.submitted).keys())
            assert [reply for reply in one.replies if reply.error_code is not None] == []
            for way, seconds in one.seconds_away.items():
                seconds_away[way] += seconds
        assert in_mongodb(stack, session_id) == Counter(
            (one.person.id, op_id, card) for one in swipers for op_id, card in one.submitted
        )
        for one in swipers:
            one.live.stop()
    assert sum(map(len, seconds_away.values())) == WANTED_CUTS
    sys.stdout.write(f"\n{report(seconds_away, swiped)}\n")


def play(swipers: Sequence[Swiper], cards: Sequence[str], cuts: Sequence[Cut], seed: str) -> None:
    """Everybody swipes at once; the cuts are dealt out like cards, in an order of their own for each."""
    with ThreadPoolExecutor(len(swipers)) as pool:
        running = []
        for place, one in enumerate(swipers):
            chance = Random(f"{seed} {place}")
            own = list(cuts[place :: len(swipers)])
            chance.shuffle(own)
            running.append(pool.submit(one.swipe_through_cuts, cards, own, chance))
        for each in running:
            each.result()


def in_mongodb(stack: LocalStack, session_id: str) -> Counter[tuple[str, str, str]]:
    """Who swiped what under which op id, as it lies in the log."""
    with MongoClient(stack.settings["MONGODB_URI"]) as mongo:
        found = mongo["dindin"].swipes.find({"s": ObjectId(session_id)})
        return Counter((str(swipe["p"]), swipe["o"], str(swipe["i"])) for swipe in found)


def report(seconds_away: dict[Cut, list[float]], swiped: int) -> str:
    """How often the line was cut in which way, and how long until it stood again."""
    lines = [f"{sum(map(len, seconds_away.values()))} cuts, {swiped} swipes, none lost, none doubled."]
    for way in Cut:
        seconds = sorted(seconds_away[way])
        if seconds:
            middle, longest = seconds[len(seconds) // 2], seconds[-1]
            lines.append(
                f"{len(seconds):4}  back after {middle:.2f} s (median), {longest:.2f} s (longest)  {way.value}"
            )
    return "\n".join(lines)
