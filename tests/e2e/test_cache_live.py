"""Two API processes and one cache: what was changed through one is seen through the other at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from bson import ObjectId
from pymongo import MongoClient

from deploy.local.stack import LocalStack
from tests.commands import run
from tests.e2e.person import Person
from tests.environment import CROWDED
from tests.processes import held, serving_processes
from tests.stacks import Running
from tests.unmeasured import UNMEASURED
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PREFERENCES = "/users/me/preferences"
_REQUEST_SECONDS = 30  # a process that is held for 60 is taken for dead by gunicorn, and replaced


def soon(condition: Callable[[], object]) -> None:
    """At once, unless the machine is so busy that Valkey was waited for in vain; long before anything expires."""
    eventually(condition, seconds=60)


class TwoProcesses:
    """Asks a chosen one of the two: the other is held, so that the kernel gives the connection to the chosen one."""

    def __init__(self, running: Running, person: Person) -> None:
        self._base = running.stack.base_url
        self._headers = {"Authorization": person.http.headers["Authorization"]}
        self.pids = serving_processes(running.stack, running.log.api_pids())
        assert len(self.pids) == 2

    def ask(self, pid: int, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Over a connection of its own."""
        (other,) = set(self.pids) - {pid}
        with held(other):
            answer = httpx.request(
                method,
                f"{self._base}/api/v1{path}",
                headers=self._headers,
                json=body,
                timeout=_REQUEST_SECONDS,
            )
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
def two(running: Running, person: Callable[[str], Person]) -> TwoProcesses:
    return TwoProcesses(running, person("Ada"))


def test_preferences_saved_at_one_process_are_shown_by_the_other(two: TwoProcesses) -> None:
    one, other = two.pids
    for price in (1, 2, 3):
        two.ask(one, "PUT", PREFERENCES, {"max_price": price})
        assert two.ask(one, "GET", PREFERENCES)["max_price"] == price
        soon(lambda: two.ask(other, "GET", PREFERENCES)["max_price"] == price)  # noqa: B023  # called at once
        one, other = other, one


def test_a_recipe_that_a_command_has_changed_is_shown_by_both(two: TwoProcesses, stack: LocalStack) -> None:
    """`prepare`, as each start of a new version runs it."""
    with MongoClient(stack.settings["MONGODB_URI"]) as mongo:
        recipes = mongo["dindin"]["recipes"]
        recipe = {**(recipes.find_one({}) or {}), "_id": ObjectId(), "slug": "of-this-test", "active": False}
        recipes.insert_one({**recipe, "title": "One"})
        try:
            path = f"/recipes/{recipe['_id']}"
            assert {two.ask(pid, "GET", path)["title"] for pid in (*two.pids, *two.pids)} == {"One"}
            recipes.update_one({"_id": recipe["_id"]}, {"$set": {"title": "Two"}})
            env = {**CROWDED, **stack.settings, **UNMEASURED, "LOG_LEVEL": "WARNING"}
            done = run("backend", "prepare", env=env, timeout=120)
            assert done.returncode == 0, done.stderr
            soon(lambda: {two.ask(pid, "GET", path)["title"] for pid in two.pids} == {"Two"})
        finally:
            recipes.delete_one({"_id": recipe["_id"]})
