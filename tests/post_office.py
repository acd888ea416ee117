"""The mails of the API under test, delivered and read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import svcs
from bson import ObjectId
from rq import Queue

from backend.auth.mails import AccountMails, MailKind
from backend.compliance.erasure.store import ErasureStore
from backend.config import Settings
from backend.infra.jobs import SEND_MAIL, SERIALIZER, queue_key
from backend.infra.valkey import Valkey


@dataclass(frozen=True)
class Mail:
    """One mail, as its reader sees it."""

    to: str
    subject: str
    text: str

    @property
    def link(self) -> str:
        """The only link of ours that leads somewhere in particular."""
        found = re.findall(r"\S+/account/\S+", self.text)
        assert len(found) == 1
        return found[0]

    @property
    def token(self) -> str:
        """What the link proves."""
        return self.link.partition("?token=")[2]


class PostOffice:
    """Does in this process what a worker does (tests/integration/worker runs a real one), and reads the outbox."""

    def __init__(self, services: svcs.Container, settings: Settings) -> None:
        self._mails = services.get(AccountMails)
        self._erasures = services.get(ErasureStore)
        self._queue = Queue(
            queue_key(settings.redis_prefix, SEND_MAIL.queue),
            connection=services.get(Valkey),
            serializer=SERIALIZER,
        )
        self._outbox = settings.data_dir / "outbox"

    def waiting(self) -> list[dict[str, str]]:
        """What the mails on the queue are told; taken off it."""
        jobs = [job for job in self._queue.jobs if job.func_name == SEND_MAIL.path]
        for job in jobs:
            self._queue.remove(job)
        return [job.kwargs for job in jobs]

    def deliver(self) -> None:
        """Send what waits."""
        for told in self.waiting():
            user_id = ObjectId(told["user_id"])
            erasure = self._erasures.of_user(user_id)
            self._mails.deliver(
                MailKind(told["about"]), user_id, told.get("day", ""), erasure.id if erasure else None
            )

    def mails_to(self, address: str) -> list[Mail]:
        """Everything that somebody got, oldest first, after sending what waits."""
        self.deliver()
        return [mail for mail in map(_read, self._newest_last()) if mail.to == address]

    def last_to(self, address: str) -> Mail:
        """The newest mail of somebody."""
        return self.mails_to(address)[-1]

    def _newest_last(self) -> list[Path]:
        return sorted(self._outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)


def _read(path: Path) -> Mail:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    return Mail(mail["To"], mail["Subject"], mail.get_content())
