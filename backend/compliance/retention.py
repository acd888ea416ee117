"""Deleting what need not be kept any longer (docs/product.md P4)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog

from backend.auth.service import AuthService
from backend.compliance.exports import ExportService
from backend.config import Settings
from backend.infra.clock import Clock
from backend.notifications.service import NotificationService
from backend.sessions.history import SessionHistory

_log = structlog.stdlib.get_logger(__name__)

# Small enough that a batch is quick and a kill in between loses nothing but the rest of the night's work.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What ended before these moments is deleted."""

    sessions: datetime
    notifications: datetime
    exports: datetime
    auth_sessions: datetime


@dataclass(frozen=True, slots=True)
class RetentionCounts:
    """How much of each kind was deleted, or, in a dry run, would be."""

    sessions: int
    notifications: int
    exports: int
    auth_sessions: int

    def as_dict(self) -> dict[str, int]:
        """For logs and job results."""
        return asdict(self)


def cutoffs(now: datetime, retention_days: int) -> Cutoffs:
    """Finished sessions, their swipes and notifications are kept `retention_days`; exports, log-ins until they end."""
    oldest = now - timedelta(days=retention_days)
    return Cutoffs(sessions=oldest, notifications=oldest, exports=now, auth_sessions=now)


class RetentionService:
    """Runs the clean-up."""

    def __init__(
        self,
        *,
        sessions: SessionHistory,
        notifications: NotificationService,
        auth: AuthService,
        exports: ExportService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._sessions = sessions
        self._notifications = notifications
        self._auth = auth
        self._exports = exports
        self._clock = clock
        self._retention_days = settings.data_retention_days

    def run(self, *, dry_run: bool = False) -> RetentionCounts:
        """Delete what is past its time, in batches. It may be killed at any moment and run again.

        Args:
            dry_run: count only.
        """
        before = cutoffs(self._clock.now(), self._retention_days)
        counts = RetentionCounts(
            sessions=self._sessions.delete_finished_before(before.sessions, batch=BATCH, dry_run=dry_run),
            notifications=self._notifications.delete_before(
                before.notifications, batch=BATCH, dry_run=dry_run
            ),
            exports=self._exports.delete_expired_before(before.exports, batch=BATCH, dry_run=dry_run),
            auth_sessions=self._auth.delete_ended_before(before.auth_sessions, batch=BATCH, dry_run=dry_run),
        )
        _log.info("retention_ran", dry_run=dry_run, **counts.as_dict())
        return counts
