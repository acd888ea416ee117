"""What /metrics tells of background jobs. Workers serve no page of their own; their counts lie in Valkey."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from backend.infra.job_figures import DURATION_BOUNDS, Durations
from backend.infra.jobs import JobQueue
from backend.infra.valkey import VALKEY_AWAY

_BOUNDS = [*(str(bound) for bound in DURATION_BOUNDS), "+Inf"]


class JobsCollector(Collector):
    """What waits, what ended and how, how long it took, and how many workers there are."""

    def __init__(self, jobs: JobQueue, now: float) -> None:
        """`now` is in seconds since 1970."""
        self._jobs = jobs
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Read the counts; none while Valkey is away."""
        try:
            yield from self._read()
        except VALKEY_AWAY:
            return

    def _read(self) -> list[Metric]:
        """All, or nothing: what is read in part would look like a fall to zero."""
        ages = {queue: self._now - since for queue, since in self._jobs.oldest_waiting().items()}
        waiting = self._jobs.waiting()
        return [
            _attempts(self._jobs.ended()),
            _durations(self._jobs.durations()),
            _by_queue("jobs_waiting", "Background jobs that wait, by queue.", waiting),
            _by_queue(
                "jobs_oldest_waiting_seconds",
                "For how long the job has waited that waits longest, by queue; 0 where none does.",
                {queue: max(0.0, ages.get(queue, 0.0)) for queue in waiting},
            ),
            _by_queue(
                "jobs_dead", "Background jobs whose attempts are used up, by queue.", self._jobs.dead()
            ),
            GaugeMetricFamily("job_workers", "Workers that are there.", value=self._jobs.workers()),
        ]


def _attempts(ended: dict[tuple[str, str], int]) -> Metric:
    family = CounterMetricFamily(
        "jobs", "Attempts at background jobs, by how they ended.", labels=["job", "result"]
    )
    for (job, result), count in ended.items():
        family.add_metric([job, result], count)
    return family


def _durations(by_job: dict[str, Durations]) -> Metric:
    family = HistogramMetricFamily(
        "job_seconds", "How long attempts at background jobs took.", labels=["job"]
    )
    for job, durations in by_job.items():
        buckets = list(zip(_BOUNDS, map(float, accumulate(durations.counts)), strict=True))
        family.add_metric([job], buckets, durations.seconds)
    return family


def _by_queue(name: str, words: str, values: dict[str, int] | dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=["queue"])
    for queue, value in values.items():
        family.add_metric([queue], value)
    return family
