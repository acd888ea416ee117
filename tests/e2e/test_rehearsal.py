"""What loads, drills and soak are made of works: people put straight into the database, who come back when cut off."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from deploy.local.options import REPOSITORY
from deploy.local.stack import LocalStack
from tests.unmeasured import UNMEASURED

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def stack_env() -> dict[str, str]:
    """However long it takes here to come back, nobody is gone by it."""
    return {"AWAY_GRACE_SECONDS": "600"}


def test_a_drill_in_small_comes_to_its_end(stack: LocalStack) -> None:
    environment = {**os.environ, **stack.options.environment, **stack.settings, **UNMEASURED}
    played = subprocess.run(
        [sys.executable, "-m", "tests.drills.rehearsal", stack.base_url],
        cwd=REPOSITORY,
        env=environment,
        text=True,
        capture_output=True,
        timeout=200,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
