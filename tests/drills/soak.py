"""`make soak`: people swipe, come, go and lose their lines for MINUTES; what the processes hold must not grow."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from random import Random

from bson import ObjectId
from pymongo import MongoClient, ReadPreference
from pymongo.read_concern import ReadConcern

from backend.config import Settings
from deploy.local.stack import LocalStack
from tests.drills.faithful import Crowd
from tests.drills.looking import KeyKind, Looking, lasting
from tests.drills.series import markdown
from tests.drills.visitors import Visitors
from tests.performance.measured import Measured, percentile
from tests.performance.servers import our_server

_ROOMS = 100
_RATE = 300.0
_MOST_ERRORS = 0.001
_WARM_UP_SECONDS = 180.0
# Who hung up is gone after AWAY_GRACE_SECONDS, and connections to MongoDB end MONGODB_MAX_IDLE_SECONDS after that.
_QUIET_SECONDS = 100.0
_REPORT_EVERY_SECONDS = 60.0
_MEMORY_HEADINGS = (
    "process",
    "MB at the beginning",
    "after 3 minutes",
    "at the end",
    "when all had left",
    "MB/hour",
    "MB/hour, second half",
)
# Pools keep a few open, and one more or less is no leak where thousands came and went. That of Valkey keeps as many as
# were needed at once.
_SPARE = {
    "greenlets": 4,
    "live_sockets": 0,
    "mongo_pool_connections": 6,
    "MongoDB connections": 10,
}


class Soak:
    """One run over a stack that has just started."""

    def __init__(self, stack: LocalStack, settings: Settings, minutes: float) -> None:
        self._stack = stack
        self._settings = settings
        self._seconds = minutes * 60
        self._crowd = Crowd(our_server(stack))
        self._visitors = Visitors(self._crowd, settings, _ROOMS, Random(1))

    async def run(self) -> list[str]:
        """Print everything; what is wrong, in words."""
        with Looking(self._stack, self._settings) as looking:
            await asyncio.sleep(1)
            before, keys_before = looking.now(), looking.keys()
            await self._visitors.arrive()
            began = looking.seconds
            measured = await self._swipe(looking)
            ended = looking.seconds
            await self._visitors.leave()
            self._crowd.close()
            _say(f"Everybody has left; waiting for {_QUIET_SECONDS:.0f} s of quiet.")
            await asyncio.sleep(_QUIET_SECONDS)
            after, keys_after = looking.now(), looking.keys()
            _say(_memory_table(looking, began, ended))
            _say(_counts_table(before, looking, began, ended, after))
            _say(_keys_table(keys_before, keys_after))
            return [
                *self._flaws_of_swipes(measured),
                *_grown(before, after),
                *_keys_left(keys_before, keys_after),
            ]

    async def _swipe(self, looking: Looking) -> Measured:
        coming = asyncio.create_task(self._visitors.come_and_go())
        reporting = asyncio.create_task(self._report(looking))
        measured = await self._crowd.run(_RATE, self._seconds)
        for task in (coming, reporting):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        return measured

    async def _report(self, looking: Looking) -> None:
        while True:
            await asyncio.sleep(_REPORT_EVERY_SECONDS)
            held = ", ".join(f"{name} {series.values[-1]:.1f}" for name, series in looking.memory.items())
            counts = ", ".join(f"{name} {series.values[-1]:.0f}" for name, series in looking.counts.items())
            done = len(self._crowd.result.acks)
            _say(
                f"{looking.seconds:.0f} s: {done} swipes; MB: {held}; {counts}; troubles {self._crowd.troubles}"
            )

    def _flaws_of_swipes(self, measured: Measured) -> list[str]:
        """Print how the swipes fared; what is wrong."""
        troubles, visitors = self._crowd.troubles, self._visitors
        refused = sum(measured.refused.values())
        errors = (refused + visitors.unanswered) / max(1, measured.sent)
        lost = _lost(self._settings, visitors.kept)
        _say(
            f"{measured.sent:,} swipes sent ({measured.rate:.0f} a second), {len(measured.acks):,} acknowledged, "
            f"{refused} refused {dict(measured.refused)}, {visitors.unanswered} never answered: errors {errors:.4%}. "
            f"{troubles.repeated} copies sent again after {visitors.cuts} cuts; {lost} acknowledged swipes lost; "
            f"{measured.doubled} answered twice. p50 {percentile(measured.acks, 0.5) * 1000:.0f} ms, "
            f"p95 {percentile(measured.acks, 0.95) * 1000:.0f} ms. Rooms that ended: {dict(visitors.ended)}. "
            f"Lines lost by close code: {dict(troubles.cut)}; connections refused: {dict(troubles.turned_away)}; "
            f"asked to repeat later: {dict(troubles.put_off)}."
        )
        flaws = [*visitors.flaws[:20]]
        if lost or measured.doubled:
            flaws.append(f"{lost} acknowledged swipes are not in the database, {measured.doubled} came twice")
        if errors >= _MOST_ERRORS:
            flaws.append(f"{errors:.3%} of the swipes failed")
        return flaws


def _lost(settings: Settings, kept: dict[str, int]) -> int:
    """How many more swipes were acknowledged in rooms that ended than lie in the database."""
    sessions = [ObjectId(session_id) for session_id in kept]
    pipeline = [{"$match": {"s": {"$in": sessions}}}, {"$group": {"_id": "$s", "count": {"$sum": 1}}}]
    with MongoClient(settings.mongodb_uri) as mongo:
        swipes = mongo[settings.database_name].get_collection(
            "swipes", read_preference=ReadPreference.PRIMARY, read_concern=ReadConcern("majority")
        )
        written = {str(found["_id"]): found["count"] for found in swipes.aggregate(pipeline)}
    return sum(max(0, count - written.get(session_id, 0)) for session_id, count in kept.items())


def _memory_table(looking: Looking, began: float, ended: float) -> str:
    rows = []
    for name, series in looking.memory.items():
        load = series.between(began + _WARM_UP_SECONDS, ended)
        if not load.values:
            continue
        half = load.between((load.at[0] + load.at[-1]) / 2, ended)
        held = (series.values[0], load.values[0], load.values[-1], series.values[-1])
        grown = (load.per_hour(), half.per_hour())
        rows.append([name, *(f"{value:.1f}" for value in held), *(f"{value:+.1f}" for value in grown)])
    return markdown(_MEMORY_HEADINGS, rows)


def _counts_table(
    before: dict[str, float], looking: Looking, began: float, ended: float, after: dict[str, float]
) -> str:
    rows = []
    for name, series in looking.counts.items():
        during = series.between(began + _WARM_UP_SECONDS, ended)
        seen = (before[name], max(during.values, default=0.0), after[name])
        rows.append([name, *(f"{value:.0f}" for value in seen), f"{during.per_hour():+.1f}"])
    return markdown(["", "before", "at most", "when all had left", "per hour"], rows)


def _keys_table(before: list[KeyKind], after: list[KeyKind]) -> str:
    known = {kind.name: kind.count for kind in before}
    rows = [
        [
            f"`{kind.name}`",
            str(known.get(kind.name, 0)),
            str(kind.count),
            str(kind.lasting),
            f"{kind.longest}",
        ]
        for kind in after
    ]
    return markdown(["keys in Valkey", "before", "after", "of them lasting", "longest, s"], rows)


def _grown(before: dict[str, float], after: dict[str, float]) -> list[str]:
    return [
        f"{name}: {before[name]:.0f} before, {after[name]:.0f} when all had left"
        for name, spare in _SPARE.items()
        if after[name] > before[name] + spare
    ]


def _keys_left(before: list[KeyKind], after: list[KeyKind]) -> list[str]:
    """Keys that expire go by themselves; of the others there may be a new kind, once, but not one for each visitor."""
    known = lasting(before)
    return [
        f"{count} keys {name} do not expire, before there were {known[name]}"
        for name, count in lasting(after).items()
        if count > known[name] + 1
    ]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n\n")
    sys.stdout.flush()
