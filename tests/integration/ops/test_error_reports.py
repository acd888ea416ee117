"""Error reports, received by a small server that speaks Sentry's protocol."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import brotli
import pytest

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
    secret_key="k7Jx2mQ9vT4wZ1pL8nR5bC3dF6gH0sYa", sentry_dsn=sys.argv[1],
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
    raise RuntimeError("the oven is off")

answer = app.test_client().post(
    "/crash?token=a-secret-in-a-link",
    json={"email": "ada@example.com"},
    headers={"Authorization": "Bearer abc"},
)
assert answer.status_code == 500
for _ in range(40):  # one in five is reported, for how long it took
    assert app.test_client().get("/g/a-secret-in-a-path?token=a-secret-in-a-link").status_code == 404
sentry_sdk.flush(10)
"""


class Received(HTTPServer):
    """Keeps what is sent to it, and the events apart."""

    everything: list[dict[str, Any]]
    events: list[dict[str, Any]]


class _Envelopes(BaseHTTPRequestHandler):
    server: Received

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        body = {"br": brotli.decompress, "gzip": gzip.decompress}[self.headers["Content-Encoding"]](body)
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
        self.server.everything += lines
        self.server.events += [item for header, item in pairwise(lines[1:]) if header.get("type") == "event"]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def sentry() -> Iterator[Received]:
    server = Received(("127.0.0.1", 0), _Envelopes)
    server.everything, server.events = [], []
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield server
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.mark.security
def test_a_crash_is_reported_once_and_names_nobody(sentry: Received) -> None:
    dsn = f"http://key@127.0.0.1:{sentry.server_port}/1"
    subprocess.run(
        [sys.executable, "-c", _CRASHING_SERVER, dsn], cwd=ROOT, check=True, capture_output=True, timeout=60
    )
    [event] = sentry.events
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert event["environment"] == "test"
    assert event["tags"]["process"] == "api"
    everything = json.dumps(sentry.everything)
    for private in (
        "ada@example.com",
        "a-secret-local-variable",
        "Bearer abc",
        "a-secret-in-a-link",
        "a-secret-in-a-path",
    ):
        assert private not in everything
