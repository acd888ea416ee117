"""Periods that several rows of the register share: from now, the moment before which something is too old."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.config import Settings


def now_itself(_settings: Settings, now: datetime) -> datetime:
    """For what carries the moment of its end."""
    return now


def retention_days_ago(settings: Settings, now: datetime) -> datetime:
    """DATA_RETENTION_DAYS ago."""
    return now - timedelta(days=settings.data_retention_days)


def guest_keep_days_ago(settings: Settings, now: datetime) -> datetime:
    """GUEST_KEEP_DAYS ago."""
    return now - timedelta(days=settings.guest_keep_days)
