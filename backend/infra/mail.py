"""Mail: through the SMTP server that the settings name, else into files that the log points at."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import structlog

from backend.config import Settings
from backend.infra.clock import Clock
from backend.infra.mail_files import MailFiles
from backend.infra.valkey import VALKEY_AWAY, Valkey, literal
from backend.texts import address_key

_log = structlog.stdlib.get_logger(__name__)

_TIMEOUT_SECONDS = 20
_MOST_PER_ADDRESS = 10
_PERIOD = timedelta(hours=1)


class Mailer:
    """Sends plain-text mails, and to one address not more than a few of a kind an hour."""

    def __init__(self, settings: Settings, valkey: Valkey, clock: Clock) -> None:
        self._url = urlsplit(settings.smtp_url.get_secret_value())
        self._sender = settings.mail_from
        self._files = MailFiles(settings)
        self._valkey = valkey
        self._counter = f"{settings.redis_prefix}mails:"
        self._clock = clock

    def send(self, to: str, subject: str, text: str, kind: str) -> bool:
        """Send one mail; False where the address got too many of its kind already.

        Each kind is counted by itself: whoever sets off one must not keep another from arriving.

        Raises:
            OSError, SMTPException: the server cannot be reached, or does not take the mail.
        """
        if self._too_many(to, kind):
            _log.warning("mail_dropped", reason="too many to one address", kind=kind)
            return False
        mail = self._mail(to, subject, text)
        if self._url.hostname:
            self._hand_over(mail, self._url.hostname)
        else:
            self._put_aside(mail)
        return True

    def send_last(self, to: str, subject: str, text: str) -> bool:
        """Send a mail to an address that must not be remembered here; False where there is no server to send it.

        Raises:
            OSError, SMTPException: as `send`.
        """
        if not self._url.hostname:
            return False
        self._hand_over(self._mail(to, subject, text), self._url.hostname)
        return True

    def check_server(self) -> str:
        """Greet the server as for a mail, log in, and leave; what it is called: `mail.example`.

        Raises:
            OSError, SMTPException: as `send`.
            ValueError: there is none; mails become files.
        """
        host = self._url.hostname
        if not host:
            raise ValueError("no SMTP_URL")
        with self._talking(host) as server:
            server.noop()
        return host

    def check_files(self) -> None:
        """Write a file where mails go when there is no server, and delete it.

        Raises:
            OSError: that is not possible.
        """
        self._files.check()

    def forget(self, address: str) -> int:
        """Delete what still names an address: counts, and mails that were put aside; how many of both."""
        ending = f":{_digest(address)}"
        keys = list(self._valkey.scan_iter(match=f"{literal(self._counter)}*", count=500))
        counts = [key for key in keys if key.endswith(ending.encode())]
        if counts:
            self._valkey.unlink(*counts)
        return len(counts) + self._files.delete_to(address)

    def _mail(self, to: str, subject: str, text: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._sender
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self._clock.now())
        mail["Message-ID"] = make_msgid(domain=parseaddr(self._sender)[1].rpartition("@")[2] or "localhost")
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        return mail

    def _hand_over(self, mail: EmailMessage, host: str) -> None:
        with self._talking(host) as server:
            server.send_message(mail)

    @contextmanager
    def _talking(self, host: str) -> Iterator[smtplib.SMTP]:
        """A server that knows who we are, over TLS where it offers that."""
        context = ssl.create_default_context()
        if self._url.scheme == "smtps":
            with smtplib.SMTP_SSL(
                host, self._url.port or 465, timeout=_TIMEOUT_SECONDS, context=context
            ) as server:
                self._log_in(server)
                yield server
            return
        with smtplib.SMTP(host, self._url.port or 25, timeout=_TIMEOUT_SECONDS) as server:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
            elif self._url.username and not _is_loopback(host):
                raise smtplib.SMTPNotSupportedError(
                    "the server offers no TLS: the password is not sent in the clear"
                )
            self._log_in(server)
            yield server

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))

    def _put_aside(self, mail: EmailMessage) -> None:
        path = self._files.put(mail, self._clock.now())
        _log.warning("mail_written_to_file", path=str(path), hint="set SMTP_URL to send mails")

    def _too_many(self, to: str, kind: str) -> bool:
        """Whether somebody lets us flood this address. While Valkey is away nobody counts."""
        key = f"{self._counter}{kind}:{_digest(to)}"
        try:
            with self._valkey.pipeline() as together:
                together.incr(key)
                together.expire(key, _PERIOD, nx=True)
                count, _ = together.execute()
        except VALKEY_AWAY:
            return False
        return bool(count > _MOST_PER_ADDRESS)


def _digest(address: str) -> str:
    return sha256(address_key(address).encode()).hexdigest()[:32]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
