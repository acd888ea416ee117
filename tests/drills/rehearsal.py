"""A drill in small, against a server that runs: one room, one line that is cut, one match. In a process of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from pymongo import MongoClient

from backend.config import Settings, load_settings
from tests.drills.accounting import compare, flaws_of_matches, kept_by
from tests.drills.faithful import Crowd, Faithful, agree
from tests.performance.scene import fill_rooms
from tests.performance.servers import Server, greeting

_RATE, _SECONDS = 20.0, 1.0
_WITHIN_SECONDS = 60.0


def main() -> int:
    """Play against the server at the given address, with the settings it has; 1 if anything was wrong."""
    settings, base_url = load_settings(), sys.argv[1]
    flaws = asyncio.run(_play(settings, base_url))
    for flaw in flaws:
        sys.stdout.write(f"{flaw}\n")
    return 1 if flaws else 0


async def _play(settings: Settings, base_url: str) -> list[str]:
    seats = await asyncio.to_thread(fill_rooms, settings, 1)
    crowd = Crowd(Server("rehearsal", base_url, 0, greeting))
    await crowd.connect(seats)
    crowd.everybody[0].cut()
    measured = await crowd.run(_RATE, _SECONDS)
    room = crowd.everybody
    crowd.retire(room)
    missing = await _decide(room)
    crowd.close()
    session_id = ObjectId(seats[0].session_id)
    with MongoClient[dict[str, Any]](settings.mongodb_uri) as mongo:
        database = mongo[settings.database_name]
        compared = compare(kept_by(room), database.swipes.find({"s": session_id}))
        session = database.sessions.find_one({"_id": session_id}) or {}
    return [
        *missing,
        *flaws_of_matches([room], {str(session_id): session}),
        *(flaw for player in room for flaw in player.view.flaws),
        *(f"{operation} was acknowledged and is lost" for operation in compared.lost),
        *(f"{operation} is in the log twice" for operation in compared.twice),
        *(f"{count} swipes were refused as {code}" for code, count in measured.refused.items()),
        *([] if crowd.troubles.cut else ["the line was not cut"]),
    ]


async def _decide(room: Sequence[Faithful]) -> list[str]:
    """Have everybody like the last card, and wait for the outcome: what had not come when time was up, in words."""
    try:
        async with asyncio.timeout(_WITHIN_SECONDS):
            await agree(room)
            while any(player.unanswered or not player.view.outcomes for player in room):
                await asyncio.sleep(0.05)
    except TimeoutError:
        return [
            *(
                f"{op_id} of {player.seat.user_id} has no reply"
                for player in room
                for op_id in player.unanswered
            ),
            *(f"{player.seat.user_id} was told no outcome" for player in room if not player.view.outcomes),
        ]
    return []


if __name__ == "__main__":
    sys.exit(main())
