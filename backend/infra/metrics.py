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
COMMIT_WAIT = Histogram(
    "commit_wait_seconds",
    "From the arrival of a swipe to the beginning of the group commit that writes it.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
)
SESSIONS_CREATED = Counter("sessions_created_total", "Sessions created.")
OUTCOMES = Counter("session_outcomes_total", "Sessions that ended, by how.", ["kind"])
MATCHES = Counter("match_total", "Sessions that ended with a match.")
ACTIVE_USERS = Gauge(
    "active_users", "Users with an open live socket; once per process.", multiprocess_mode="livesum"
)
LIVE_SOCKETS = Gauge("live_sockets", "Open live sockets.", multiprocess_mode="livesum")
GREENLETS = Gauge(
    "greenlets", "Greenlets of requests and sockets that have not ended.", multiprocess_mode="livesum"
)
RESUMES = Counter(
    "ws_resumes_total",
    "Live sockets welcomed: `resumed` where they were, with a `snapshot` because history did not reach back so far, "
    "for the `first` time, or for the `inbox`.",
    ["result"],
)
MONGO_CONNECTIONS = Gauge(
    "mongo_pool_connections", "Open connections to MongoDB.", multiprocess_mode="livesum"
)
MONGO_IN_USE = Gauge(
    "mongo_pool_in_use", "Connections to MongoDB that are being used.", multiprocess_mode="livesum"
)
MONGO_WAIT = Histogram(
    "mongo_pool_wait_seconds",
    "Waiting for a connection to MongoDB.",
    buckets=(0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0),
)
MONGO_REFUSED = Counter(
    "mongo_pool_refused_total", "Times that no connection to MongoDB was to be had.", ["reason"]
)
REQUESTS = Counter("http_requests_total", "HTTP requests.", ["method", "endpoint", "status"])
REQUEST_SECONDS = Histogram("http_request_seconds", "Time to answer an HTTP request.", ["endpoint"])
RATE_LIMITED = Counter(
    "rate_limited_total",
    "Requests refused for coming too often, by class of routes and by whose count was full.",
    ["rate_class", "counted_by"],
)
CACHE_REQUESTS = Counter(
    "cache_requests_total",
    "Looks into the cache: `hit`, `negative` (known not to exist), `miss` (read from MongoDB and kept), or `bypass` "
    "(read from MongoDB: Valkey is away, the cache is off, or this is not to be kept).",
    ["kind", "result"],
)
RATE_LIMIT_FALLBACK = Counter(
    "rate_limit_fallback_total",
    "Requests whose limits were kept in memory, Valkey being away.",
    ["rate_class"],
)
# There from the start: an increase from nothing at all is none to Prometheus.
for _result in ("resumed", "snapshot", "first", "inbox"):
    RESUMES.labels(result=_result)
for _reason in ("timeout", "connectionError", "poolClosed"):
    MONGO_REFUSED.labels(reason=_reason)
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
