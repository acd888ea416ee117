"""Error reports, received by a small server that speaks Sentry's protocol."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sentry import SentryServer, sentry_server

ROOT = Path(__file__).parents[3]

_CRASHING_SERVER = """
import sys
import sentry_sdk
from flask import Flask
from backend.config import Settings
from backend.http.access import Access, access, init_access
from backend.http.edge import init_edge
from backend.http.problems import init_problems
from backend.infra import error_reports, logs

settings = Settings(
    _env_file=None, app_env="test", mongodb_uri="mongodb://x/", redis_url="redis://x/",
    secret_key="k7Jx2mQ9vT4wZ1pL8nR5bC3dF6gH0sYa", sentry_dsn=sys.argv[1], release="dindin@1.2.3",
)
logs.configure(settings, "api")
error_reports.begin(settings, "api")
app = Flask("crashing")
init_problems(app)
init_edge(app, settings)
init_access(app, lambda token: None)

@app.post("/crash")
@access(Access.PUBLIC)
def crash():
    password = "a-secret-local-variable"
    raise RuntimeError("ada@example.com has the oven off")

answer = app.test_client().post(
    "/crash?token=a-secret-in-a-link",
    json={"email": "ada@example.com"},
    headers={"Authorization": "Bearer abc", "X-Request-ID": "crash-of-ada-0001", "Cookie": "pass=a-secret-cookie"},
)
assert answer.status_code == 500
for _ in range(40):  # one in five is reported, for how long it took
    assert app.test_client().get("/g/a-secret-in-a-path?token=a-secret-in-a-link").status_code == 404
sentry_sdk.flush(10)
"""


@pytest.fixture
def sentry() -> Iterator[SentryServer]:
    with sentry_server() as server:
        yield server


@pytest.mark.security
def test_a_crash_is_reported_once_and_names_nobody(sentry: SentryServer) -> None:
    subprocess.run(
        [sys.executable, "-c", _CRASHING_SERVER, sentry.dsn],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    [event] = sentry.events
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert event["environment"] == "test"
    assert event["release"] == "dindin@1.2.3"
    assert event["tags"]["process"] == "api"
    assert event["tags"]["request_id"] == "crash-of-ada-0001"
    assert event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"] == "crash"
    assert event["transaction"] == "crash"
    assert not {"request", "user", "breadcrumbs", "extra", "modules"} & set(event)
    everything = json.dumps(sentry.everything)
    for private in (
        "ada@example.com",
        "a-secret-local-variable",
        "Bearer abc",
        "a-secret-cookie",
        "a-secret-in-a-link",
        "a-secret-in-a-path",
    ):
        assert private not in everything
