"""/metrics for Prometheus."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import svcs
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from prometheus_client.parser import text_string_to_metric_families

from backend.audit.queue import AuditQueue
from backend.compliance.retention.figures import RetentionFigures
from backend.compliance.retention.service import RetentionService
from backend.config import Settings
from backend.http.access import init_access
from backend.http.problems import init_problems
from backend.infra import valkey
from backend.infra.backup_figures import BackupFigures
from backend.infra.clock import SystemClock
from backend.infra.job_records import JobRecords
from backend.infra.jobs import BUILD_EXPORT, JobQueue
from backend.infra.process_figures import ProcessFigures
from backend.infra.valkey import Breaker, Valkey
from backend.ops.metrics_page import metrics_api
from tests.conftest import Account

ROOT = Path(__file__).parents[3]
TOKEN = "for-prometheus-only"


def test_requests_are_counted_by_route(client: FlaskClient) -> None:
    def count() -> float:
        families = text_string_to_metric_families(client.get("/metrics").text)
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == "http_requests_total" and sample.labels["endpoint"] == "pages.home"
        )

    before = count()
    client.get("/")
    assert count() == before + 1


@pytest.mark.security
def test_metrics_name_nobody(client: FlaskClient, register: Callable[..., Account]) -> None:
    ada = register()
    page = client.get("/metrics").text
    for secret in (ada.id, ada.email, ada.tokens["access_token"]):
        assert secret not in page


@pytest.fixture
def guarded(settings: Settings) -> Callable[..., FlaskClient]:
    """A client of a server with METRICS_TOKEN, on the Valkey that `redis_url` names."""

    def build(**changed: object) -> FlaskClient:
        own = Settings(_env_file=None, **{**settings.model_dump(), "metrics_token": TOKEN, **changed})
        registry = svcs.Registry()
        registry.register_value(Settings, own)
        client = valkey.connect(own)
        registry.register_value(JobQueue, JobQueue(client, own.redis_prefix))
        registry.register_value(BackupFigures, BackupFigures(client, own.redis_prefix))
        registry.register_value(ProcessFigures, ProcessFigures(client, own.redis_prefix))
        figures = RetentionFigures(client, own.redis_prefix)
        registry.register_value(RetentionFigures, figures)
        retention = RetentionService(figures=figures, clock=SystemClock(), settings=own)
        registry.register_value(RetentionService, retention)
        registry.register_value(AuditQueue, AuditQueue(client, own.redis_prefix, Breaker()))
        app = OpenAPI("backend")
        svcs.flask.init_app(app, registry=registry)
        init_problems(app)
        init_access(app, lambda _token: pytest.fail("this is no user's token"))
        app.register_api(metrics_api)
        return app.test_client()

    return build


@pytest.mark.security
@pytest.mark.parametrize(
    "given",
    [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN, "Bearer \u00e9"],
)
def test_with_a_token_set_others_are_refused(guarded: Callable[..., FlaskClient], given: str | None) -> None:
    answer = guarded().get("/metrics", headers={} if given is None else {"Authorization": given})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_whoever_has_the_token_may_read(guarded: Callable[..., FlaskClient]) -> None:
    answer = guarded().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    assert "jobs_waiting" in answer.text


def test_without_valkey_the_rest_is_still_there(
    guarded: Callable[..., FlaskClient], tmp_path: object
) -> None:
    client = guarded(redis_url=f"unix://{tmp_path}/nobody.sock")
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert "http_requests_total" in answer.text
    assert "jobs_waiting" not in answer.text


_COUNT_ONE = "from backend.infra.metrics import SESSIONS_CREATED; SESSIONS_CREATED.inc()"
_COLLECT = """
from prometheus_client import generate_latest
from backend.config import Settings
from backend.infra.metrics import collector
settings = Settings(_env_file=None, mongodb_uri="mongodb://x/", redis_url="redis://x/", secret_key="x" * 32)
print(generate_latest(collector(settings)).decode())
"""


def test_all_api_processes_of_a_machine_count_together(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    def run(code: str) -> str:
        command = [sys.executable, "-c", code]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout

    for _ in range(2):
        run(_COUNT_ONE)
    assert "sessions_created_total 2.0" in run(_COLLECT)


def samples(page: str) -> dict[str, float]:
    """What a page says, by name and labels as they stand there."""
    lines = (line for line in page.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_jobs_are_timed_and_the_longest_wait_is_told(
    guarded: Callable[..., FlaskClient], valkey: Valkey
) -> None:
    prefix = f"m{secrets.token_hex(4)}:"
    jobs = JobQueue(valkey, prefix)
    for seconds in (0.05, 0.7, 7000.0):
        jobs.count_end("build_export", "done", seconds)
    jobs.enqueue(BUILD_EXPORT, "one", export_id="1")
    ask = {"Authorization": f"Bearer {TOKEN}"}
    said = samples(guarded(redis_prefix=prefix).get("/metrics", headers=ask).text)
    label = '{job="build_export"'
    assert said[f'job_seconds_bucket{label},le="0.1"}}'] == 1
    assert said[f'job_seconds_bucket{label},le="1.0"}}'] == 2
    assert said[f'job_seconds_bucket{label},le="+Inf"}}'] == said[f"job_seconds_count{label}}}"] == 3
    assert said[f"job_seconds_sum{label}}}"] == pytest.approx(7000.75)
    assert 0 < said['jobs_oldest_waiting_seconds{queue="bulk"}'] < 60
    assert said['jobs_oldest_waiting_seconds{queue="default"}'] == 0
    assert said["job_workers"] == 0
    JobRecords(valkey, prefix).delete_all()


def test_what_a_pool_of_connections_is_at(client: FlaskClient, register: Callable[..., Account]) -> None:
    register()
    said = samples(client.get("/metrics").text)
    assert said["mongo_pool_connections"] >= 1
    assert said["mongo_pool_wait_seconds_count"] >= 1
    assert said["mongo_pool_in_use"] >= 0


def test_how_old_records_may_become_follows_the_settings(guarded: Callable[..., FlaskClient]) -> None:
    ask = {"Authorization": f"Bearer {TOKEN}"}
    said = samples(guarded(data_retention_days=7).get("/metrics", headers=ask).text)
    assert said['retention_limit_seconds{place="sessions"}'] == pytest.approx(7 * 86400)
