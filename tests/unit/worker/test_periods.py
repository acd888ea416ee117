"""Which period of a recurring job a moment lies in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.infra.jobs import RUN_RETENTION
from worker.cron import RECURRING, Recurring


@pytest.mark.parametrize(
    ("begins", "moment", "period"),
    [
        ("0 3 * * *", datetime(2026, 11, 23, 2, 59, 59, 999_000, tzinfo=UTC), "2026-11-22T03:00Z"),
        ("0 3 * * *", datetime(2026, 11, 23, 3, 0, tzinfo=UTC), "2026-11-23T03:00Z"),
        ("0 3 * * *", datetime(2026, 11, 23, 23, 59, tzinfo=UTC), "2026-11-23T03:00Z"),
        ("0 3 * * *", datetime.fromisoformat("2026-11-23T01:00:00-05:00"), "2026-11-23T03:00Z"),
        ("*/5 * * * *", datetime(2026, 11, 23, 12, 4, 59, tzinfo=UTC), "2026-11-23T12:00Z"),
        ("0 4 1 * *", datetime(2026, 11, 23, 12, 0, tzinfo=UTC), "2026-11-01T04:00Z"),
        ("0 4 1 * *", datetime(2026, 3, 1, 3, 59, tzinfo=UTC), "2026-02-01T04:00Z"),
    ],
)
def test_a_period_is_named_by_its_beginning_in_utc(begins: str, moment: datetime, period: str) -> None:
    assert Recurring(RUN_RETENTION, begins).period_at(moment) == period


def test_a_job_recurs_in_one_rhythm() -> None:
    assert len({row.kind for row in RECURRING}) == len(RECURRING)
