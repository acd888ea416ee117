"""Prometheus metrics of all processes. Names and buckets are part of what operators rely on."""

from __future__ import annotations

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from backend.config import Settings

SWIPE_LATENCY = Histogram(
    "swipe_latency_seconds",
    "From the arrival of a swipe to its durable acknowledgement.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
)
COMMIT_BATCH = Histogram(
    "commit_batch_swipes", "Swipes written by one group commit.", buckets=(1, 2, 5, 10, 25, 50, 100, 250)
)
SESSIONS_CREATED = Counter("sessions_created_total", "Sessions created.")
OUTCOMES = Counter("session_outcomes_total", "Sessions that ended, by how.", ["kind"])
LIVE_SOCKETS = Gauge("live_sockets", "Open live sockets.", multiprocess_mode="livesum")
RESUMES = Counter("ws_resumes_total", "Live sockets opened, by how much history they needed.", ["result"])
REQUESTS = Counter("http_requests_total", "HTTP requests.", ["method", "endpoint", "status"])
REQUEST_SECONDS = Histogram("http_request_seconds", "Time to answer an HTTP request.", ["endpoint"])
RATE_LIMITED = Counter(
    "rate_limited_total",
    "Requests refused for coming too often, by class of routes and by whose count was full.",
    ["rate_class", "counted_by"],
)
RATE_LIMIT_FALLBACK = Counter(
    "rate_limit_fallback_total",
    "Requests whose limits were kept in memory, Valkey being away.",
    ["rate_class"],
)
AUDIT_ENTRIES = Counter("audit_entries_total", "Entries appended to the audit log.")
AUDIT_DIRECT_WRITES = Counter(
    "audit_direct_writes_total", "Security events that a request wrote to MongoDB itself, Valkey being away."
)
AUDIT_LOST = Counter(
    "audit_lost_total", "Events that reached no audit log: nothing answered for long, or far too many waited."
)


def collector(settings: Settings) -> CollectorRegistry:
    """The registry to render: that of all API processes where they share a folder, else this process's own."""
    if settings.prometheus_multiproc_dir is None:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(settings.prometheus_multiproc_dir))  # type: ignore[no-untyped-call]  # library has no hints here
    return registry
