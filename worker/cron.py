"""What happens regularly. Each entry only enqueues, once per period, however many crons ask."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta

from rq import cron

from backend.config import load_settings
from backend.infra import valkey
from backend.infra.jobs import RUN_RETENTION, JobQueue

_RETENTION_HOUR_UTC = 3


def enqueue_retention() -> None:
    """Enqueue the nightly clean-up of the period that is current now."""
    settings = load_settings()
    with closing(valkey.connect(settings)) as client:
        night = night_of(datetime.now(UTC))
        JobQueue(client, settings.redis_prefix).enqueue_once(RUN_RETENTION, night.isoformat())


def night_of(moment: datetime) -> date:
    """The day whose 03:00 UTC came last: the period a retention run belongs to."""
    return (moment.astimezone(UTC) - timedelta(hours=_RETENTION_HOUR_UTC)).date()


cron.register(
    enqueue_retention,
    queue_name=RUN_RETENTION.queue,
    cron=f"0 {_RETENTION_HOUR_UTC} * * *",
    name="retention",
)
