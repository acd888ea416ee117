"""What the cache saves: the same evening of requests with ENABLE_CACHE off and on, taking turns, in one process.

The mix is what an app asks for while people look around, get together and decide: mostly pages and lists of the
catalogue, some of them again and again. It ends before entries expire; instead, all of the catalogue is forgotten every
few hundred requests, so that the hit rate does not depend on how fast the machine is.
"""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import svcs
from bson import ObjectId
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from rich.console import Console
from rich.table import Table

from backend.app import create_app
from backend.catalog.service import CatalogService
from backend.config import Settings
from backend.infra.cache_terms import CacheKind, CacheResult
from backend.wiring import build_registry
from tests.performance.cache_scene import Evening, prepare
from tests.performance.scene import Seat

_ROUNDS = 3
_REQUESTS = 1_000
_CHANGED_EVERY = 500  # requests
_SAVED = "preferences saved"
_LISTS = (
    "",
    "&page=2",
    "&page=3",
    "&sort=quickest",
    "&dietary=vegan",
    "&dietary=vegetarian",
    "&cuisine=italian",
    "&cuisine=thai",
    "&difficulty=easy",
    "&max_minutes=30",
)
_PLACES = ("", "&price=2", "&min_rating=4", "&near=33.749,-84.388&within_miles=5")


@dataclass
class _Turn:
    """What was measured in one way: seconds by what was asked for, and how often MongoDB was."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    asked: float = 0.0
    looks: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))

    @property
    def everything(self) -> list[float]:
        """All times."""
        return [one for times in self.seconds.values() for one in times]


def measure_cache(settings: Settings, console: Console) -> None:
    """Print times and questions to MongoDB with and without it, their ratio, and the hit rate by kind."""
    evening = prepare(settings)
    turns = {False: _Turn(), True: _Turn()}
    for number in range(_ROUNDS):
        for on, turn in turns.items():
            _take(settings.model_copy(update={"enable_cache": on}), evening, number, turn)
    console.print(_times(turns[False], turns[True]))
    console.print(_rates(turns[True]))


def _take(settings: Settings, evening: Evening, seed: int, turn: _Turn) -> None:
    """One evening, in a process's services of their own; the same for the same seed."""
    with ExitStack() as closing:
        registry = closing.enter_context(build_registry(settings))
        client = create_app(settings, registry).test_client()
        catalog = svcs.Container(registry).get(CatalogService)
        catalog.changed()
        before, asked = dict(_looks()), _asked()
        for number, (what, ask) in enumerate(_requests(client, evening, seed)):
            if number % _CHANGED_EVERY == 0:
                catalog.changed()
            began = time.perf_counter()
            ask()
            turn.seconds[what].append(time.perf_counter() - began)
        turn.asked += _asked() - asked
        for labels, looks in _looks():
            turn.looks[labels] += looks - before[labels]


def _requests(client: FlaskClient, evening: Evening, seed: int) -> Iterator[tuple[str, Callable[[], None]]]:
    chance = random.Random(seed)  # the same evening for both ways
    paths: dict[str, tuple[int, Callable[[Seat], str]]] = {
        "list of recipes": (30, lambda _seat: f"/recipes?limit=20{chance.choice(_LISTS)}"),
        "recipe": (22, lambda _seat: f"/recipes/{_popular(chance, evening.recipes)}"),
        "deck": (14, lambda seat: f"/sessions/{seat.session_id}/deck"),
        "list of restaurants": (8, lambda _seat: f"/restaurants?limit=20{chance.choice(_PLACES)}"),
        "restaurant": (8, lambda _seat: f"/restaurants/{_popular(chance, evening.restaurants)}"),
        "own preferences": (8, lambda _seat: "/users/me/preferences"),
        "session that is over": (6, lambda _seat: ""),
        "recipe that does not exist": (2, lambda _seat: f"/recipes/{chance.choice(evening.missing)}"),
        _SAVED: (2, lambda _seat: "/users/me/preferences"),
    }
    shares = [share for share, _ in paths.values()]
    for _ in range(_REQUESTS):
        (what,) = chance.choices(list(paths), shares)
        seat = chance.choice(evening.seats)
        path = paths[what][1](seat)
        if what == "session that is over":
            seat = chance.choice(evening.over)
            path = f"/sessions/{seat.session_id}"
        elif what == _SAVED:
            seat = chance.choice(evening.without_diet)
        yield what, _asking(client, seat, path, saving=what == _SAVED)


def _asking(client: FlaskClient, seat: Seat, path: str, *, saving: bool) -> Callable[[], None]:
    headers, url = {"Authorization": f"Bearer {seat.token}"}, f"/api/v1{path}"

    def ask() -> None:
        if saving:
            answer = client.put(url, headers=headers, json={"max_price": 2, "liked_cuisines": ["thai"]})
        else:
            answer = client.get(url, headers=headers)
        assert answer.status_code in {200, 404}, answer.text

    return ask


def _popular(chance: random.Random, ids: list[ObjectId]) -> ObjectId:
    """Some are looked at far more often than others."""
    return ids[min(int(chance.paretovariate(1)) - 1, len(ids) - 1)]


def _asked() -> float:
    """How often a connection to MongoDB was asked for something."""
    return REGISTRY.get_sample_value("mongo_pool_wait_seconds_count") or 0


def _looks() -> Iterator[tuple[tuple[str, str], float]]:
    for kind in CacheKind:
        for result in CacheResult:
            labels = {"kind": kind.value, "result": result.value}
            yield (kind.value, result.value), REGISTRY.get_sample_value("cache_requests_total", labels) or 0


def _times(off: _Turn, on: _Turn) -> Table:
    table = Table(title="requests without and with the cache", title_justify="left")
    for heading in ("what", "requests", "without, ms", "p95", "with, ms", "p95", "ratio"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    rows = [*((what, times, on.seconds[what]) for what, times in sorted(off.seconds.items()))]
    for what, without, cached in (*rows, ("all", off.everything, on.everything)):
        medians = statistics.median(without), statistics.median(cached)
        p95s = statistics.quantiles(without, n=20)[-1], statistics.quantiles(cached, n=20)[-1]
        table.add_row(
            what,
            str(len(without)),
            f"{medians[0] * 1e3:.2f}",
            f"{p95s[0] * 1e3:.2f}",
            f"{medians[1] * 1e3:.2f}",
            f"{p95s[1] * 1e3:.2f}",
            f"{medians[0] / medians[1]:.2f}",
        )
    number = len(off.everything)
    table.add_row(
        "asked of MongoDB, each",
        "",
        f"{off.asked / number:.2f}",
        "",
        f"{on.asked / number:.2f}",
        "",
        f"{off.asked / on.asked:.2f}",
    )
    return table


def _rates(on: _Turn) -> Table:
    table = Table(title="looks into the cache", title_justify="left")
    for heading in ("kind", *(result.value for result in CacheResult), "hit rate"):
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    for kind in (*(kind.value for kind in CacheKind), "all"):
        numbers = [
            sum(number for (its, how), number in on.looks.items() if how == result and kind in {its, "all"})
            for result in CacheResult
        ]
        hits = numbers[0] + numbers[1]
        table.add_row(kind, *(f"{number:.0f}" for number in numbers), f"{hits / sum(numbers):.1%}")
    return table
