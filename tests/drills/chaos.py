"""`make chaos`: a crowd swipes, something is killed with `kill -9`, and everything acknowledged must still be there."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from contextlib import suppress
from typing import Any

from bson import ObjectId
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

from backend.config import Settings
from deploy.local.stack import LocalStack
from tests.drills.accounting import MOST_ERRORS, Account, compare, flaws_of_matches, kept_by, table
from tests.drills.asking import Asking
from tests.drills.faithful import Crowd, Faithful, agree
from tests.drills.strikes import RESTART_AFTER_SECONDS, Strike
from tests.performance.measured import Measured
from tests.performance.scene import ROOM_SIZE, fill_rooms
from tests.performance.servers import our_server

_ROOMS = 100
_RATE = 200.0
_STEADY_SECONDS = 10.0
_MATCH_EVERY_SECONDS = 1.0
_TOLD_WITHIN_SECONDS = 60.0


class Drill:
    """One strike at a stack that is being swiped at."""

    def __init__(self, stack: LocalStack, settings: Settings, strike: Strike) -> None:
        self._stack = stack
        self._settings = settings
        self._strike = strike
        self._crowd = Crowd(our_server(stack))
        self._agreeing: list[tuple[list[Faithful], asyncio.Task[None]]] = []
        self._struck_at = float("inf")

    async def run(self) -> Account:
        """What it showed."""
        await asyncio.to_thread(self._strike.prepare)
        seats = await asyncio.to_thread(fill_rooms, self._settings, _ROOMS)
        await self._crowd.connect(seats)
        asking = Asking(self._stack.base_url, seats)
        beside = [asyncio.create_task(asking.go_on()), asyncio.create_task(self._let_rooms_agree())]
        striking = asyncio.create_task(self._strike_in_time())
        measured = await self._crowd.run(_RATE, self._strike.load_seconds)
        await striking
        for task in beside:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._settle()
        try:
            await asyncio.to_thread(self._strike.finish)
        except Exception as error:  # noqa: BLE001  # whatever it is: this drill failed, the next may not
            self._strike.wrong.append(f"{type(error).__name__}: {error}")
        self._crowd.close()
        return await asyncio.to_thread(self._account, measured, asking)

    async def _strike_in_time(self) -> None:
        await asyncio.sleep(_STEADY_SECONDS)
        await asyncio.to_thread(self._strike.wait_for_moment)
        self._struck_at = time.perf_counter()
        await asyncio.to_thread(self._strike.kill)
        await asyncio.sleep(RESTART_AFTER_SECONDS)
        await asyncio.to_thread(self._strike.bring_back)

    async def _let_rooms_agree(self) -> None:
        """One room after the other, before, while and after something is away."""
        chance = random.Random(2)
        while True:
            await asyncio.sleep(_MATCH_EVERY_SECONDS)
            room = self._crowd.room(chance)
            assert len(room) == ROOM_SIZE
            self._crowd.retire(room)
            self._agreeing.append((room, asyncio.create_task(agree(room))))

    async def _settle(self) -> None:
        """Until everybody who agreed has heard of it and nothing is without a reply, within bounds."""
        deadline = time.perf_counter() + _TOLD_WITHIN_SECONDS
        everybody = self._crowd.everybody
        while time.perf_counter() < deadline and (
            any(player.unanswered for player in everybody)
            or not all(player.view.outcomes for room, _ in self._agreeing for player in room)
        ):
            await asyncio.sleep(0.1)

    def _account(self, measured: Measured, asking: Asking) -> Account:
        players, rooms = self._crowd.everybody, [room for room, _ in self._agreeing]
        with MongoClient[dict[str, Any]](self._settings.mongodb_uri) as mongo:
            database = mongo.get_database(self._settings.database_name, read_concern=ReadConcern("majority"))
            here = [ObjectId(session_id) for session_id in {player.seat.session_id for player in players}]
            compared = compare(kept_by(players), database.swipes.find({"s": {"$in": here}}))
            sessions = {str(one["_id"]): one for one in database.sessions.find({"_id": {"$in": here}})}
        wrong_matches = flaws_of_matches(rooms, sessions)
        flaws = [flaw for player in players for flaw in player.view.flaws]
        account = Account(
            name=self._strike.name,
            measured=measured,
            troubles=self._crowd.troubles,
            unanswered=sum(len(player.unanswered) for player in players),
            asked=asking.asked,
            failed=sum(asking.failed.values()),
            clients=len(players),
            back=[p.back_at - self._struck_at for p in players if p.back_at > self._struck_at],
            compared=compared,
            matches=len(rooms),
            wrong_matches=len(wrong_matches),
            wrong=[*self._strike.wrong, *wrong_matches, *flaws],
            told=[*self._strike.told, _story(self._crowd, measured, asking)],
        )
        account.wrong += _beyond_bounds(account)
        return account


def run(stack: LocalStack, settings: Settings, strikes: list[Strike]) -> list[str]:
    """One drill after the other, and the table; what is wrong, in words."""
    accounts = []
    for strike in strikes:
        account = asyncio.run(Drill(stack, settings, strike).run())
        accounts.append(account)
        _say(f"{account.name}: " + "; ".join(account.told))
        for flaw in account.wrong[:20]:
            _say(f"  WRONG: {flaw}")
    _say("")
    _say(table(accounts))
    return [f"{account.name}: {flaw}" for account in accounts for flaw in account.wrong]


def _beyond_bounds(account: Account) -> list[str]:
    """What no drill may show."""
    found = {
        "acknowledged swipes lost": len(account.compared.lost),
        "swipes twice in the log": len(account.compared.twice),
        "swipes acknowledged twice": account.measured.doubled,
        "swipes never answered": account.unanswered,
    }
    flaws = [f"{count} {what}" for what, count in found.items() if count]
    if account.error_rate >= MOST_ERRORS:
        flaws.append(f"{account.error_rate:.2%} of the swipes failed: {dict(account.measured.refused)}")
    return flaws


def _story(crowd: Crowd, measured: Measured, asking: Asking) -> str:
    troubles = crowd.troubles
    return (
        f"sockets lost by close code {dict(troubles.cut)}, connections that failed {dict(troubles.turned_away)}, "
        f"operations put off {dict(troubles.put_off)}, sent again {troubles.repeated}, "
        f"refused {dict(measured.refused)}, untold {measured.untold}, plain requests that failed {dict(asking.failed)}"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
