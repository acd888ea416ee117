"""What /metrics tells of processes, over all machines."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backend.infra.process_figures import ProcessFigures
from backend.infra.valkey import VALKEY_AWAY


class ProcessCollector(Collector):
    """How often processes began, and when a cron was last at work."""

    def __init__(self, figures: ProcessFigures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        """Read the figures; none while Valkey is away."""
        try:
            started, cron_seen = self._figures.starts(), self._figures.last_seen("cron")
        except VALKEY_AWAY:
            return
        starts = CounterMetricFamily(
            "process_starts", "Processes that have begun, by kind.", labels=["process"]
        )
        for process, count in started.items():
            starts.add_metric([process], count)
        yield starts
        if cron_seen is not None:
            yield GaugeMetricFamily(
                "cron_last_seen_timestamp_seconds", "When a cron was last at work.", value=cron_seen
            )
