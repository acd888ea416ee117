"""What /metrics tells of backups (docs/backups.md)."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backend.infra.backup_figures import BackupFigures
from backend.infra.jobs import REHEARSE_RESTORE, RUN_BACKUP
from backend.infra.valkey import VALKEY_AWAY

_GAUGES = (
    (
        RUN_BACKUP,
        "backup_last_success_timestamp_seconds",
        "When a nightly backup was last made and found whole.",
    ),
    (
        REHEARSE_RESTORE,
        "rehearsal_last_success_timestamp_seconds",
        "When a backup was last restored on trial and compared.",
    ),
)


class BackupCollector(Collector):
    """When backups last succeeded; a gauge that was never set is not there."""

    def __init__(self, figures: BackupFigures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        """Read the figures; none while Valkey is away."""
        try:
            known = [(name, words, self._figures.last(kind)) for kind, name, words in _GAUGES]
        except VALKEY_AWAY:
            return
        for name, words, moment in known:
            if moment is not None:
                yield GaugeMetricFamily(name, words, value=moment)
