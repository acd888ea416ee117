"""Mails that became files as there is no mail server (`backend.infra.mail`): where they are, how long they stay."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import parseaddr
from pathlib import Path
from tempfile import NamedTemporaryFile

from backend.config import Settings
from backend.texts import address_key


class MailFiles:
    """DATA_DIR/outbox: one file a mail, which only this server's own account can read."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data_dir.resolve() / "outbox"

    def put(self, mail: EmailMessage, at: datetime) -> Path:
        """Write a mail down; returns where. Its name begins with the moment, so that listings are in order."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{at:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.eml"
        path.touch(mode=0o600)
        path.write_bytes(mail.as_bytes(policy=SMTPUTF8))
        return path

    def check(self) -> None:
        """Write a file there, and delete it.

        Raises:
            OSError: that is not possible.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._folder):
            pass

    def delete_to(self, address: str) -> int:
        """Delete the mails to an address, in whatever spelling; how many they were."""
        theirs = [path for path in self._paths() if _is_to(address, path)]
        for path in theirs:
            path.unlink(missing_ok=True)
        return len(theirs)

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
        for path in self._paths():
            with suppress(FileNotFoundError):  # somebody else has tidied up
                yield path, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def _paths(self) -> Iterator[Path]:
        return self._folder.glob("*.eml")


def _is_to(address: str, path: Path) -> bool:
    try:
        to = message_from_bytes(path.read_bytes(), policy=SMTPUTF8)["To"]
    except FileNotFoundError:  # somebody else has tidied up
        return False
    return address_key(parseaddr(str(to))[1]) == address_key(address)
