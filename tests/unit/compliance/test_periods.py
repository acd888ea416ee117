"""From when on things are deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.compliance.register import REGISTER
from backend.compliance.register.terms import Retention
from backend.compliance.wording import kept, periods_of
from backend.config import Settings

pytestmark = pytest.mark.compliance

BY_PLACE = {holding.place.name: holding for holding in REGISTER if isinstance(holding.retention, Retention)}


def settings(**changed: int) -> Settings:
    return Settings.model_construct(**changed)


@given(st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)), st.integers(1, 3650))  # noqa: DTZ001  # Hypothesis adds the zone
@pytest.mark.parametrize("place", ["sessions", "notifications"])
def test_nothing_younger_than_promised_is_deleted(place: str, now: datetime, days: int) -> None:
    cutoff = BY_PLACE[place].retention.cutoff(settings(data_retention_days=days), now)
    assert now - cutoff == timedelta(days=days)


@pytest.mark.parametrize("place", ["exports", "auth_sessions"])
def test_what_carries_the_moment_of_its_end_goes_then(place: str) -> None:
    now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    assert BY_PLACE[place].retention.cutoff(settings(), now) == now


@pytest.mark.parametrize("holding", REGISTER, ids=lambda holding: holding.place.name)
def test_every_rule_can_be_told_with_the_settings_in_it(holding: object) -> None:
    told = kept(holding, periods_of(settings(data_retention_days=17, export_keep_days=3, guest_keep_days=5)))
    assert told[-1] == "."
    assert not set("{}") & set(told)
