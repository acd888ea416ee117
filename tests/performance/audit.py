"""What the audit log costs a request: one process, one thread, a cheap route, with and without ENABLE_AUDIT_LOG."""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack

from flask.testing import FlaskClient
from rich.console import Console
from rich.table import Table

from backend.app import create_app
from backend.config import Settings
from backend.wiring import build_registry

_ROUNDS = 4
_REQUESTS = 1_000
_PATH = "/api/v1/auth/verify"


def measure_audit(settings: Settings, console: Console) -> None:
    """Print the time of a request when it is not recorded, when it is, and their ratio; ways take turns."""
    times: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(_ROUNDS):
        for recorded in times:
            times[recorded] += _requests(settings.model_copy(update={"enable_audit_log": recorded}))
    table = Table(title="a request and the audit log", title_justify="left")
    for heading in ("ENABLE_AUDIT_LOG", "median, µs", "p95, µs", "ratio"):
        table.add_column(heading, justify="right")
    usual = statistics.median(times[False])
    for recorded, took in times.items():
        median, p95 = statistics.median(took), statistics.quantiles(took, n=20)[-1]
        table.add_row(
            str(recorded).lower(), f"{median * 1e6:.0f}", f"{p95 * 1e6:.0f}", f"{median / usual:.2f}"
        )
    console.print(table)


def _requests(settings: Settings) -> list[float]:
    """How many seconds each took, in a process's services of their own."""
    with ExitStack() as closing:
        registry = closing.enter_context(build_registry(settings))
        client = create_app(settings, registry).test_client()
        headers = {"Authorization": f"Bearer {_token(client)}"}
        for _ in range(_REQUESTS // 10):
            client.get(_PATH, headers=headers)
        return [_timed(client, headers) for _ in range(_REQUESTS)]


def _timed(client: FlaskClient, headers: dict[str, str]) -> float:
    began = time.perf_counter()
    answer = client.get(_PATH, headers=headers)
    took = time.perf_counter() - began
    assert answer.status_code == 200
    return took


def _token(client: FlaskClient) -> str:
    answer = client.post("/api/v1/auth/guest", json={"display_name": "Gil"})
    token: str = answer.get_json()["access_token"]
    return token
