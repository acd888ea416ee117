"""Mails that became files because there is no mail server (`backend.infra.mail`): how long they stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from backend.config import Settings


class MailFiles:
    """DATA_DIR/outbox."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data_dir.resolve() / "outbox"

    def delete_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete mails that were written before `cutoff`; yields how many, batch by batch."""
        old = [path for path, written_at in self._written_at() if written_at < cutoff]
        if dry_run:
            yield len(old)
            return
        for first in range(0, len(old), batch):
            together = old[first : first + batch]
            for path in together:
                path.unlink(missing_ok=True)
            yield len(together)

    def oldest(self) -> datetime | None:
        """When the oldest of them was written."""
        return min((written_at for _, written_at in self._written_at()), default=None)

    def _written_at(self) -> Iterator[tuple[Path, datetime]]:
        for path in self._folder.glob("*.eml"):
            with suppress(FileNotFoundError):  # somebody else has tidied up
                yield path, datetime.fromtimestamp(path.stat().st_mtime, UTC)
