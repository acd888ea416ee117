"""/health: is this process alive, can it work, which part is missing; and for operators, all that can be told.

No addresses, no secrets.
"""

from __future__ import annotations

from typing import Any, Literal

import svcs
from flask import current_app
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, Field

from backend.audit.requests import audited
from backend.errors import Busy
from backend.http.access import Access, access
from backend.http.edge import plain_http
from backend.http.limits import UNLIMITED, rate
from backend.http.openapi import OPERATORS
from backend.http.problems import Problem
from backend.http.schemas import json_of
from backend.ops.doctor.examining import LOOKING, examine, worst
from backend.ops.readiness import Readiness, ReadinessProbe

health_api = APIBlueprint(
    "health",
    __name__,
    url_prefix="/health",
    abp_tags=[OPERATORS],
)

_PROBE = "dindin.readiness"
_RETRY_SECONDS = 2


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Health(BaseModel):
    """What answers and what does not."""

    status: Literal["ok", "degraded"]
    parts: dict[str, Literal["ok", "away"]]


class Found(BaseModel):
    """One thing that was looked at."""

    level: Literal["ok", "warn", "fail"]
    part: str
    said: str
    to_do: str = Field(description="Empty where nothing is wrong.")


class Detailed(BaseModel):
    """How this installation is; `status` is the worst of what was found."""

    status: Literal["ok", "warn", "fail"]
    findings: list[Found]


class NotReady(Busy):
    """A part that this process needs does not answer."""

    code = "not_ready"


@health_api.get("/live", responses={200: Alive})
@access(Access.PUBLIC)
@rate(UNLIMITED)
@plain_http
def live() -> dict[str, Any]:
    """The process answers. Looks at nothing else: a restart would not bring a database back."""
    return json_of(Alive())


@health_api.get("/ready", responses={200: Alive, 503: Problem})
@access(Access.PUBLIC)
@rate(UNLIMITED)
@plain_http
def ready() -> dict[str, Any]:
    """Send traffic here: everything this process needs answers. 503 `not_ready` names what does not."""
    away = _look().away
    if away:
        raise NotReady(f"Not ready: {' and '.join(away)} not answering.", retry_after=_RETRY_SECONDS)
    return json_of(Alive())


@health_api.get("", responses={200: Health})
@access(Access.PUBLIC)
@rate(UNLIMITED)
@plain_http
def health() -> dict[str, Any]:
    """Part by part. Always 200: this is for people; machines ask /health/ready, operators /health/detailed."""
    found = _look()
    return json_of(
        Health(
            status="degraded" if found.away else "ok",
            parts={name: "ok" if answers else "away" for name, answers in found.parts.items()},
        )
    )


@health_api.get("/detailed", responses={200: Detailed}, security=[{"bearer": []}])
@access(Access.OPERATOR)
@audited("health.looked_at", routine=True)
@plain_http
def detailed() -> dict[str, Any]:
    """What `python -m backend doctor` finds by looking; what it tries out, only the command tries. Always 200."""
    findings = examine(svcs.flask.get_registry(), LOOKING)
    return json_of(
        Detailed(
            status=worst(findings).value,
            findings=[
                Found(level=found.level.value, part=found.part, said=found.said, to_do=found.to_do)
                for found in findings
            ],
        )
    )


def _look() -> Readiness:
    extensions = current_app.extensions
    if _PROBE not in extensions:
        extensions[_PROBE] = ReadinessProbe()
    probe: ReadinessProbe = extensions[_PROBE]
    return probe.look(svcs.flask.get_pings())
