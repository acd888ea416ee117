"""From when on things are deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.compliance.retention import cutoffs

pytestmark = pytest.mark.compliance

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_finished_sessions_are_kept_as_many_days_as_set() -> None:
    assert cutoffs(NOW, 90).sessions == datetime(2026, 8, 25, 3, 0, tzinfo=UTC)


def test_exports_and_log_ins_go_when_they_end() -> None:
    assert cutoffs(NOW, 90).exports == cutoffs(NOW, 1).auth_sessions == NOW


@given(st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)), st.integers(1, 3650))  # noqa: DTZ001  # Hypothesis adds the zone
def test_nothing_younger_than_promised_is_deleted(now: datetime, days: int) -> None:
    assert now - cutoffs(now, days).sessions == timedelta(days=days)
