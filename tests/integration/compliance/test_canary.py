"""Somebody with unmistakable marks in every field and place is erased; then everything is searched, byte by byte."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import svcs
from flask_openapi3 import OpenAPI

from backend.compliance.erasure.service import ErasureService
from backend.compliance.register import REGISTER
from backend.compliance.register.terms import Erasure, Kind, Place
from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Valkey
from tests.conftest import Account
from tests.integration.compliance.canary import (
    Canary,
    Evenings,
    Work,
    end,
    live_through_everything,
    waiting_to_be_audited,
)
from tests.raw_search import Words, find_everywhere, find_in_files

pytestmark = [pytest.mark.compliance, pytest.mark.security]

Register = Callable[..., Account]


# Where the story leaves something besides: places that are cleared together with another one of the register.
CLEARED_WITH_OTHERS = (
    r"^MongoDB erasures ",
    r"^Valkey \S+:events",
    r"^Valkey \S+:presence",
    r"^Valkey \S*audit:queue",
    r"^Valkey rq:failed:",
    r"^Valkey rq:results:",
    r"^file \S+/exports/\S+\.zip",
)


def pattern_of(place: Place) -> str:
    """What finds are called there (tests/raw_search.py)."""
    if place.kind is Kind.COLLECTION:
        return f"^MongoDB {re.escape(place.name)} "
    where, name = (
        ("file", place.name.partition("/")[2]) if place.kind is Kind.FILES else ("Valkey", place.name)
    )
    # The library that counts attempts puts words of its own before the prefix.
    own = name.removeprefix("LIMITS:LIMITER/")
    return rf"^{where} \S*" + re.escape(own).replace(r"\*", r"\S*")


# What is not found in all of these before, would prove nothing afterwards: a new row demands a mark in the story.
PLACES = (
    *(
        pattern_of(holding.place)
        for holding in REGISTER
        if isinstance(holding.erasure, Erasure) and holding.place.kind is not Kind.ELSEWHERE
    ),
    *CLEARED_WITH_OTHERS,
)


@pytest.fixture
def api_log(app: OpenAPI, tmp_path: Path) -> Iterator[Path]:  # noqa: ARG001  # its logging is set up by then
    """What the API writes meanwhile, as it writes it."""
    root, ours, path = logging.getLogger(), logging.getLogger("backend"), tmp_path / "logs" / "api.log"
    path.parent.mkdir()
    copy = logging.FileHandler(path)
    copy.setFormatter(root.handlers[0].formatter)
    before = root.level, ours.level
    root.addHandler(copy)
    root.setLevel(logging.INFO)
    ours.setLevel(logging.DEBUG)
    yield path
    root.setLevel(before[0])
    ours.setLevel(before[1])
    root.removeHandler(copy)
    copy.close()


@pytest.fixture
def canary(app: OpenAPI, services: svcs.Container) -> Canary:
    return Canary(app, services)


class Search:
    """Looks for the canary everywhere, again and again."""

    def __init__(self, words: Words, services: svcs.Container, logs: Path) -> None:
        self._words = words
        self._services = services
        self._logs = logs

    def found(self) -> list[str]:
        """Every place that still knows something, but for logs."""
        database, valkey, settings = self._services.get(MongoDatabase, Valkey, Settings)
        return find_everywhere(self._words, database, valkey, [settings.data_dir])

    def require_marks_everywhere(self) -> None:
        """While the canary is there, the search finds them in all places and by all words."""
        before = self.found()
        for place in PLACES:
            assert any(re.search(place, one) for one in before), f"nothing was left at {place}"
        for name in self._words.names:
            assert any(place.endswith(f": {name}") for place in before), f"nobody kept {name}"

    def require_nothing(self) -> None:
        """Nor in the logs."""
        assert self.found() == []
        assert list(find_in_files(self._words, [self._logs])) == []


def erase(canary: Canary, others: list[Account], running: str, services: svcs.Container, work: Work) -> str:
    """The canary is erased, for which the others first play on; the receipt's id."""
    database = services.get(MongoDatabase)
    wish = {"password": canary.account.password, "immediately": True}
    asked = canary.account.post("/compliance/erasure", wish)
    assert asked.status_code == 202, asked.text
    work()
    assert others[0].get(f"/sessions/{running}").get_json()["status"] == "swiping"
    assert database["erasures"].count_documents({"user": canary.id}) == 1
    end(running, others)
    erasure = database["erasures"].find_one({"user": canary.id})
    assert erasure is not None
    assert services.get(ErasureService).carry_out(erasure["_id"]) == "finished"
    return str(asked.get_json()["receipt_id"])


def require_receipt(anybody: Account, receipt_id: str) -> None:
    """It was signed."""
    receipt = anybody.http.get(f"/api/v1/compliance/erasure-receipts/{receipt_id}").get_json()
    assert (receipt["status"], receipt["genuine"]) == ("done", True)


def require_that_sessions_stay(bo: Account, cy: Account, evenings: Evenings) -> None:
    """They still open, and name somebody else in each."""
    stand_ins = set()
    for session_id in (evenings.over, evenings.running):
        shown = bo.get(f"/sessions/{session_id}").get_json()
        assert "Somebody" in {person["display_name"] for person in shown["participants"]}
        stand_ins |= {person["id"] for person in shown["participants"]} - {bo.id, cy.id}
        assert shown["outcome"]["items"]
        assert bo.get(f"/sessions/{session_id}/deck").status_code == 200
        assert bo.get(f"/sessions/{session_id}/messages").get_json()["items"] == []
    assert len(stand_ins) == 2
    assert {one["id"] for one in bo.get("/sessions").get_json()["items"]} >= {evenings.over, evenings.running}


def require_that_the_group_stays(bo: Account, evenings: Evenings) -> None:
    """With its history, its list and its news."""
    group = f"/groups/{evenings.group}"
    assert bo.get(group).get_json()["name"] == "Our group"
    assert [one["id"] for one in bo.get(f"{group}/history").get_json()["items"]] == [evenings.over]
    assert bo.get("/users/me/notifications").get_json()["items"]
    on_the_list = bo.get(f"{group}/shopping-list").get_json()["items"]
    assert [item["name"] for item in on_the_list] == ["bread"]


def test_nothing_is_left_of_somebody_who_was_erased(  # noqa: PLR0917  # fixtures
    canary: Canary,
    register: Register,
    services: svcs.Container,
    work: Work,
    api_log: Path,
    tmp_path: Path,
) -> None:
    worker_log = tmp_path / "logs" / "worker.log"

    def work_and_log() -> str:
        said = work()
        with worker_log.open("a") as log:
            log.write(said)
        return said

    bo, cy = register("Bo"), register("Cy")
    evenings = live_through_everything(canary, bo, cy, services, work)
    search = Search(canary.words(services.get(MongoDatabase)), services, tmp_path / "logs")
    with waiting_to_be_audited(canary, services):
        search.require_marks_everywhere()

    receipt_id = erase(canary, [bo, cy], evenings.running, services, work_and_log)

    search.require_nothing()
    require_receipt(bo, receipt_id)
    require_that_sessions_stay(bo, cy, evenings)
    require_that_the_group_stays(bo, evenings)
    # And what they are given from now on tells nothing either.
    assert bo.post("/compliance/exports", {"password": bo.password}).status_code == 202
    work_and_log()
    search.require_nothing()
    assert api_log.stat().st_size
