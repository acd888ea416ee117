"""Where drills and soak take place: what `make run` starts, as quiet as if it had been up for a night."""

from __future__ import annotations

import time
from collections.abc import Mapping

import svcs

from backend.config import Settings
from backend.infra.jobs import RUN_RETENTION
from backend.jobs.runs import JobRuns
from backend.wiring import build_registry
from deploy.local.stack import LocalStack
from tests.environment import CROWDED

ENVIRONMENT = {
    **CROWDED,
    "API_RATE_LIMIT": "1000000",
    "LOG_LEVEL": "WARNING",
    "ACCESS_TOKEN_MINUTES": "60",
    "ERASURE_GRACE_DAYS": "0",
    "ERASURE_SETTLE_SECONDS": "5",
}
PATIENT = {**ENVIRONMENT, "AWAY_GRACE_SECONDS": "600"}
"""For drills: who is cut off for long is waited for, so that it is known beforehand what each room agrees on."""

_NIGHT_SECONDS = 120.0
_LOOK_EVERY_SECONDS = 0.5


def settings_of(stack: LocalStack, environment: Mapping[str, str]) -> Settings:
    """The settings that the processes of `stack` have."""
    variables = {**environment, **stack.settings}
    named = {name.lower(): value for name, value in variables.items()}
    return Settings(
        _env_file=None, **{name: value for name, value in named.items() if name in Settings.model_fields}
    )


def wait_for_the_night(settings: Settings) -> None:
    """A new installation makes up for its last night. What that does must not count for what is looked at here."""
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        runs, deadline = services.get(JobRuns), time.monotonic() + _NIGHT_SECONDS
        while runs.last_done(RUN_RETENTION.name) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the first retention was not done within {_NIGHT_SECONDS:.0f} s")
            time.sleep(_LOOK_EVERY_SECONDS)
