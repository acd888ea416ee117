"""Grafana's dashboard, as code: `python -m deploy.monitoring.dashboard` writes `dashboards/dindin.json`.

Each panel is an entry in ROWS. Numbers that lie in Valkey are the same on every API's page: hence `max` over them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "dashboards" / "dindin.json"

_COLUMNS = 24
_HEIGHT = 8
_SOURCE = {"type": "prometheus", "uid": "${source}"}
_RATE = "[$__rate_interval]"


@dataclass(frozen=True, slots=True)
class Panel:
    """One graph.

    Attributes:
        queries: PromQL by what its line is called; `{{label}}` takes a label's value.
        unit: as Grafana calls it.
        limit: where the alert's threshold lies, if there is one.
    """

    title: str
    queries: dict[str, str] = field(default_factory=dict)
    unit: str = "short"
    limit: float | None = None


def _quantiles(metric: str) -> dict[str, str]:
    return {
        f"p{share:g}": f"histogram_quantile({share / 100:g}, sum by (le) (rate({metric}_bucket{_RATE})))"
        for share in (50, 95, 99)
    }


def _mean(metric: str, over: str) -> str:
    return f"sum(rate({metric}_sum{over})) / sum(rate({metric}_count{over}))"


ROWS: dict[str, tuple[Panel, ...]] = {
    "Evenings": (
        Panel("Who is there", {"users": "sum(active_users)", "sockets": "sum(live_sockets)"}),
        Panel(
            "Sessions in an hour",
            {
                "created": "sum(increase(sessions_created_total[1h]))",
                "matched": "sum(increase(match_total[1h]))",
                "{{kind}}": "sum by (kind) (increase(session_outcomes_total[1h]))",
            },
        ),
        Panel("Sockets welcomed", {"{{result}}": f"sum by (result) (rate(ws_resumes_total{_RATE}))"}, "ops"),
    ),
    "Swipes": (
        Panel("Until acknowledged", _quantiles("swipe_latency_seconds"), "s", limit=0.1),
        Panel("Waiting for the group commit", _quantiles("commit_wait_seconds"), "s"),
        Panel(
            "Swipes, and how many in a commit",
            {
                "swipes a second": f"sum(rate(commit_batch_swipes_sum{_RATE}))",
                "in a commit": _mean("commit_batch_swipes", _RATE),
            },
        ),
    ),
    "Requests": (
        Panel(
            "Requests a second",
            {"{{status}}": f"sum by (status) (rate(http_requests_total{_RATE}))"},
            "reqps",
        ),
        Panel(
            "Share that fails",
            {
                "5xx": f'sum(rate(http_requests_total{{status=~"5.."}}{_RATE})) / sum(rate(http_requests_total{_RATE}))'
            },
            "percentunit",
            limit=0.01,
        ),
        Panel("Until answered", _quantiles("http_request_seconds"), "s"),
        Panel(
            "Refused for coming too often",
            {
                "{{rate_class}}": f"sum by (rate_class) (rate(rate_limited_total{_RATE}))",
                "without Valkey": f"sum(rate(rate_limit_fallback_total{_RATE}))",
            },
            "reqps",
        ),
    ),
    "Jobs": (
        Panel("Waiting", {"{{queue}}": "max by (queue) (jobs_waiting)"}),
        Panel("Longest wait", {"{{queue}}": "max by (queue) (jobs_oldest_waiting_seconds)"}, "s", limit=300),
        Panel(
            "Attempts in an hour",
            {"{{job}} {{result}}": "max by (job, result) (increase(jobs_total[1h]))"},
        ),
        Panel(
            "Seconds an attempt takes",
            {
                "{{job}}": "max by (job) (increase(job_seconds_sum[1h]))"
                " / max by (job) (increase(job_seconds_count[1h]))"
            },
            "s",
        ),
        Panel(
            "Given up, and who is there",
            {"given up: {{queue}}": "max by (queue) (jobs_dead)", "workers": "max(job_workers)"},
        ),
        Panel(
            "Since a cron was there",
            {"cron": "time() - max(cron_last_seen_timestamp_seconds)"},
            "s",
            limit=600,
        ),
    ),
    "Databases and processes": (
        Panel(
            "Connections to MongoDB",
            {"open": "sum(mongo_pool_connections)", "in use": "sum(mongo_pool_in_use)"},
        ),
        Panel("Waiting for a connection", _quantiles("mongo_pool_wait_seconds"), "s"),
        Panel(
            "Connections not to be had",
            {"{{reason}}": f"sum by (reason) (rate(mongo_pool_refused_total{_RATE}))"},
            "ops",
        ),
        Panel(
            "Looks into the cache that MongoDB need not answer",
            {
                "{{kind}}": f'sum by (kind) (rate(cache_requests_total{{result=~"hit|negative"}}{_RATE}))'
                f" / sum by (kind) (rate(cache_requests_total{_RATE}))"
            },
            "percentunit",
        ),
        Panel(
            "Looks into the cache",
            {"{{result}}": f"sum by (result) (rate(cache_requests_total{_RATE}))"},
            "ops",
        ),
        Panel(
            "Processes that began in an hour",
            {"{{process}}": "max by (process) (increase(process_starts_total[1h]))"},
        ),
    ),
    "What is kept": (
        Panel(
            "Age of the last backup, rehearsal and retention",
            {
                "backup": "time() - max(backup_last_success_timestamp_seconds)",
                "rehearsal": "time() - max(rehearsal_last_success_timestamp_seconds)",
                "retention": "time() - max(retention_last_run_timestamp_seconds)",
            },
            "s",
            limit=26 * 3600,
        ),
        Panel(
            "Oldest record, as a share of what may be",
            {
                "{{place}}": "max by (place) (retention_oldest_seconds / on (instance, place) retention_limit_seconds)"
            },
            "percentunit",
        ),
        Panel("Deleted in a day", {"{{place}}": "max by (place) (increase(retention_deleted_total[1d]))"}),
        Panel(
            "Audit log",
            {
                "waiting": "max(audit_queue_length)",
                "entries a second": f"sum(rate(audit_entries_total{_RATE}))",
                "written by requests": f"sum(rate(audit_direct_writes_total{_RATE}))",
                "lost in an hour": "sum(increase(audit_lost_total[1h]))",
                "found changed in a day": "max(increase(audit_chain_broken_total[1d]))",
            },
        ),
    ),
}


def dashboard() -> dict[str, Any]:
    """The dashboard, as Grafana imports it."""
    return {
        "uid": "dindin",
        "title": "DinDin",
        "schemaVersion": 39,
        "editable": False,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "templating": {
            "list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": list(_panels()),
    }


def _panels() -> Iterator[dict[str, Any]]:
    top, number = 0, 0
    for name, panels in ROWS.items():
        number += 1
        yield {"id": number, "type": "row", "title": name, "gridPos": _at(0, top, _COLUMNS, 1), "panels": []}
        top += 1
        across = 3 if len(panels) % 3 == 0 else 4
        width = _COLUMNS // across
        for place, panel in enumerate(panels):
            number += 1
            line, column = divmod(place, across)
            yield _graph(number, panel, _at(column * width, top + line * _HEIGHT, width, _HEIGHT))
        top += -(-len(panels) // across) * _HEIGHT


def _graph(number: int, panel: Panel, where: dict[str, int]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "gridPos": where,
        "datasource": _SOURCE,
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": {
                    "thresholdsStyle": {"mode": "line" if panel.limit is not None else "off"},
                    "spanNulls": True,
                },
            },
            "overrides": [],
        },
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": _SOURCE, "expr": query, "legendFormat": legend}
            for place, (legend, query) in enumerate(panel.queries.items())
        ],
    }


def _at(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def written() -> str:
    """The file's text."""
    return json.dumps(dashboard(), indent=2) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(written())
    sys.stdout.write(f"wrote {PATH}\n")
