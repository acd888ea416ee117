"""/metrics for Prometheus."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable

import structlog
import svcs
from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backend.audit.queue import AuditQueue
from backend.compliance.retention.figures import RetentionFigures
from backend.compliance.retention.service import RetentionService
from backend.config import Settings
from backend.errors import Unauthenticated
from backend.http.access import Access, access
from backend.http.edge import plain_http
from backend.http.limits import UNLIMITED, rate
from backend.infra.backup_figures import BackupFigures
from backend.infra.jobs import JobQueue
from backend.infra.metrics import collector
from backend.infra.process_figures import ProcessFigures
from backend.infra.valkey import VALKEY_AWAY
from backend.ops.backup_metrics import BackupCollector
from backend.ops.job_metrics import JobsCollector
from backend.ops.process_metrics import ProcessCollector

_log = structlog.stdlib.get_logger(__name__)

metrics_api = APIBlueprint("metrics", __name__)


class AuditCollector(Collector):
    """What waits to be written into the audit log, and whether that was found changed; one queue for all processes."""

    def __init__(self, queue: AuditQueue) -> None:
        self._queue = queue

    def collect(self) -> Iterable[Metric]:
        """Ask; nothing while Valkey is away."""
        try:
            waiting, broken = self._queue.length(), self._queue.broken()
        except VALKEY_AWAY:
            return
        yield GaugeMetricFamily(
            "audit_queue_length", "Events that wait to be written into the audit log.", value=waiting
        )
        yield CounterMetricFamily(
            "audit_chain_broken",
            "Times that a job found the audit log changed, and left it as it is.",
            value=broken,
        )


class RetentionCollector(Collector):
    """What retention did, and what it left (docs/product.md P4)."""

    def __init__(self, figures: RetentionFigures, limits: dict[str, float], now: float) -> None:
        """
        Args:
            limits: how old records may become, in seconds, by place.
            now: in seconds since 1970.
        """
        self._figures = figures
        self._limits = limits
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Read the figures; none while Valkey is away."""
        try:
            figures = self._figures.read()
        except VALKEY_AWAY:
            return
        limit = GaugeMetricFamily(
            "retention_limit_seconds",
            "The age at which retention deletes a record, by place.",
            labels=["place"],
        )
        for place, seconds in self._limits.items():
            limit.add_metric([place], seconds)
        yield limit
        deleted = CounterMetricFamily(
            "retention_deleted", "Records that retention deleted, by place.", labels=["place"]
        )
        for place, count in figures.deleted.items():
            deleted.add_metric([place], count)
        yield deleted
        oldest = GaugeMetricFamily(
            "retention_oldest_seconds", "Age of the oldest record that retention left.", labels=["place"]
        )
        for place, began in figures.oldest.items():
            oldest.add_metric([place], self._now - began)
        yield oldest
        if figures.ran_at is not None:
            yield GaugeMetricFamily(
                "retention_last_run_timestamp_seconds", "When retention last ended.", value=figures.ran_at
            )


@metrics_api.get("/metrics", doc_ui=False)
@access(Access.METRICS)
@rate(UNLIMITED)
@plain_http
def metrics() -> Response:
    """Metrics of all API processes on this machine, and of the jobs."""
    settings = svcs.flask.get(Settings)
    _check_token(settings.metrics_token.get_secret_value())
    workers = CollectorRegistry()
    workers.register(JobsCollector(svcs.flask.get(JobQueue), time.time()))
    workers.register(ProcessCollector(svcs.flask.get(ProcessFigures)))
    workers.register(AuditCollector(svcs.flask.get(AuditQueue)))
    workers.register(BackupCollector(svcs.flask.get(BackupFigures)))
    limits = svcs.flask.get(RetentionService).limits()
    workers.register(RetentionCollector(svcs.flask.get(RetentionFigures), limits, time.time()))
    page = generate_latest(collector(settings)) + generate_latest(workers)
    return Response(page, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _check_token(expected: str) -> None:
    """Without METRICS_TOKEN, which production insists on, the page is open."""
    given = request.headers.get("Authorization", "")
    if expected and not hmac.compare_digest(given.encode(), f"Bearer {expected}".encode()):
        raise Unauthenticated("Metrics need METRICS_TOKEN as a bearer token.")
