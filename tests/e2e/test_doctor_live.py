"""`python -m backend doctor` on an installation that runs: everything is there, and it says so."""

from __future__ import annotations

import os

import pytest

from deploy.local.stack import LocalStack
from tests.commands import run
from tests.environment import CROWDED
from tests.waiting import eventually

pytestmark = pytest.mark.e2e


def test_nothing_is_wrong(stack: LocalStack) -> None:
    environment = {**os.environ, **CROWDED, **stack.settings, "PUBLIC_URL": stack.base_url}
    told: list[str] = []

    def healthy() -> bool:
        done = run("backend", "doctor", env=environment)
        told.append(done.stdout)
        return done.returncode == 0

    eventually(healthy, every=0.5)  # worker and cron may have begun just now
    said = told[-1]
    assert "ok    worker         1 worker" in said
    assert "ok    cron           at work" in said
    assert f"ok    websocket      {stack.base_url}/api/v1/live: opens, and refuses a stranger" in said
    assert "fail" not in said
