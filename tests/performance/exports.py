"""How long an export of a long history takes, and how much memory: in a process of its own, as workers build them."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys

import svcs
from bson import ObjectId
from rich.console import Console
from rich.table import Table

from backend.compliance.exports.store import ExportStore
from backend.config import Settings
from backend.infra.clock import SystemClock
from backend.infra.mongo import BsonDocument, MongoDatabase
from backend.infra.storage import Storage
from backend.wiring import build_registry
from tests.environment import environment_of
from tests.performance.scene import Seat, fill_rooms, renamed

HISTORIES = (1_000, 100_000)
_PER_SESSION = 100
_AT_ONCE = 10_000
_BUILD = """
import json, re, sys, time
from bson import ObjectId
from backend.compliance.exports.building import ExportBuilder
from worker.jobs.context import job_services
with job_services("measure") as services:
    builder, started = services.get(ExportBuilder), time.perf_counter()
    builder.build(services, ObjectId(sys.argv[1]))
    seconds = time.perf_counter() - started
# Not getrusage: that counts what the process was before it became this program, a copy of a larger one.
most = re.search("VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
print(json.dumps({"seconds": seconds, "mib": int(most[1]) / 1024}))
"""


def measure_exports(settings: Settings, console: Console) -> None:
    """Print one line for each length of a history."""
    table = Table(title="exports", title_justify="left")
    for heading in ("swipes", "seconds", "memory at most, MiB", "ZIP, MiB"):
        table.add_column(heading, justify="right")
    for swipes in HISTORIES:
        export_id = _asked_for(settings, swipes)
        said = subprocess.run(
            [sys.executable, "-c", _BUILD, str(export_id)],
            env=environment_of(settings),
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        built = json.loads(said.splitlines()[-1])  # before it stands what the process logged
        size = _size_of(settings, export_id) / 2**20
        table.add_row(f"{swipes:,}", f"{built['seconds']:.1f}", f"{built['mib']:.0f}", f"{size:.1f}")
    console.print(table)


def _asked_for(settings: Settings, swipes: int) -> ObjectId:
    """An export that somebody waits for who has swiped so often."""
    seat = fill_rooms(settings, 1)[0]
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        database, now = services.get(MongoDatabase), SystemClock().now()
        live_long(database, seat, ObjectId(seat.user_id), swipes)
        begun = ExportStore().begin(ObjectId(seat.user_id), now, now)
        assert begun is not None
        return begun.id


def live_long(database: MongoDatabase, seat: Seat, person: ObjectId, swipes: int) -> None:
    """Give `person` many evenings: copies of that of `seat`, over, each with as many swipes as a long one has."""
    evening = database.sessions.find_one({"_id": ObjectId(seat.session_id)}) or {}
    over = {
        **renamed(evening, {ObjectId(seat.user_id): person}),
        "live": False,
        "status": "closed",
        "due_at": None,
    }
    evenings = [
        {**over, "_id": ObjectId(), "code": secrets.token_hex(8), "finished_at": SystemClock().now()}
        for _ in range(swipes // _PER_SESSION)
    ]
    database.sessions.insert_many(evenings)
    made = [_swipe(one["_id"], seat, person, number) for one in evenings for number in range(_PER_SESSION)]
    for start in range(0, len(made), _AT_ONCE):
        database.swipes.insert_many(made[start : start + _AT_ONCE], ordered=False)


def _swipe(session_id: ObjectId, seat: Seat, person: ObjectId, number: int) -> BsonDocument:
    return {
        "s": session_id,
        "p": person,
        "o": f"{number:026d}",
        "i": ObjectId(seat.deck[number % len(seat.deck)]),
        "d": ("right", "left", "up")[number % 3],
        "r": 1,
        "t": 1_800_000_000_000_000 + number,
        "c": session_id.binary + number.to_bytes(13, "big"),
    }


def _size_of(settings: Settings, export_id: ObjectId) -> int:
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        return services.get(Storage).size(f"exports/{export_id}.zip")
