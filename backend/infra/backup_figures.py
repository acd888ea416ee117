"""When backups were last made, and last proven good, for /metrics. It lies in Valkey: workers serve no page."""

from __future__ import annotations

from datetime import datetime

from backend.infra.jobs import JobKind
from backend.infra.valkey import Valkey


class BackupFigures:
    """Keeps and reads them. In a Valkey that was emptied they come with the next success."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._succeeded = f"{prefix}backups:succeeded"

    def note(self, kind: JobKind, at: datetime) -> None:
        """A nightly backup, or a rehearsal, has succeeded."""
        self._valkey.hset(self._succeeded, kind.name, str(at.timestamp()))

    def last(self, kind: JobKind) -> float | None:
        """When it last did, in seconds since 1970; None where that is not known."""
        found: bytes | None = self._valkey.hget(self._succeeded, kind.name)  # type: ignore[assignment]  # redis-py's hints mix in its asynchronous client
        return float(found) if found is not None else None
