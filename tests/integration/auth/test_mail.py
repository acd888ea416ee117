"""Mail leaves through a real SMTP server, or becomes a file; a real worker sends it."""

from __future__ import annotations

import secrets
import smtplib
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import svcs
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from backend.auth.mails import MailKind
from backend.config import Settings
from backend.infra.clock import SystemClock
from backend.infra.jobs import SEND_MAIL, JobQueue
from backend.infra.mail import Mailer
from backend.infra.valkey import Valkey
from backend.users.accounts import Accounts
from deploy.local.stack import free_port
from tests.commands import run
from tests.environment import environment_of


class Postbox:
    """An SMTP server's handler that keeps what arrives."""

    def __init__(self) -> None:
        self.arrived: list[Envelope] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        self.arrived.append(envelope)
        return "250 OK"


class SmtpServer(Controller):
    """A server on a free port of loopback; asks for a password if one is given."""

    def __init__(self, postbox: Postbox, password: str = "") -> None:
        def check(_server: SMTP, _session: Session, _envelope: Envelope, _way: str, given: Any) -> AuthResult:
            right = isinstance(given, LoginPassword) and given.password == password.encode()
            return AuthResult(success=right, handled=False)

        asking = (
            {"authenticator": check, "auth_required": True, "auth_require_tls": False} if password else {}
        )
        super().__init__(postbox, hostname="127.0.0.1", port=free_port(), **asking)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def smtp(postbox: Postbox) -> Iterator[str]:
    """The URL of a server that takes everything."""
    server = SmtpServer(postbox)
    server.start()
    yield f"smtp://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
def guarded_smtp(postbox: Postbox) -> Iterator[str]:
    """Where a server listens that wants a password: host and port."""
    server = SmtpServer(postbox, "p@ss word")
    server.start()
    yield f"127.0.0.1:{server.port}"
    server.stop()


def mailer(settings: Settings, valkey: Valkey, **changed: object) -> Mailer:
    """A mailer with other settings."""
    return Mailer(Settings(_env_file=None, **{**settings.model_dump(), **changed}), valkey, SystemClock())


def somebody() -> str:
    return f"{secrets.token_hex(6)}@example.com"


def test_a_mail_goes_through_the_server(
    settings: Settings, valkey: Valkey, smtp: str, postbox: Postbox
) -> None:
    to = somebody()
    sender = mailer(settings, valkey, smtp_url=smtp, mail_from="Dinner <dinner@example.org>")
    assert sender.send(to, "Dinner ist fertig \U0001f35c", "Gr\u00fc\u00dfe\n", "test") is True
    (envelope,) = postbox.arrived
    assert (envelope.mail_from, envelope.rcpt_tos) == ("dinner@example.org", [to])
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Dinner ist fertig \U0001f35c", "auto-generated")
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail.get_content().strip() == "Gr\u00fc\u00dfe"


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")  # on loopback, on purpose
def test_a_password_is_given_where_one_is_set(
    settings: Settings, valkey: Valkey, guarded_smtp: str, postbox: Postbox
) -> None:
    right = mailer(settings, valkey, smtp_url=f"smtp://dindin:p%40ss%20word@{guarded_smtp}")
    assert right.send(somebody(), "Dinner", "is ready", "test") is True
    assert len(postbox.arrived) == 1
    wrong = mailer(settings, valkey, smtp_url=f"smtp://dindin:wrong@{guarded_smtp}")
    with pytest.raises(smtplib.SMTPAuthenticationError):
        wrong.send(somebody(), "Dinner", "is ready", "test")


@pytest.mark.security
def test_a_password_never_leaves_in_the_clear(
    settings: Settings, valkey: Valkey, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = SmtpServer(postbox)
    server.start()
    port = server.port
    # A name that is not loopback to the mailer, though it leads there.
    resolve = smtplib.socket.getaddrinfo
    monkeypatch.setattr(
        smtplib.socket, "getaddrinfo", lambda _host, *more, **named: resolve("127.0.0.1", *more, **named)
    )
    try:
        far = mailer(settings, valkey, smtp_url=f"smtp://dindin:secret@mail.example:{port}")
        with pytest.raises(smtplib.SMTPNotSupportedError):
            far.send(somebody(), "Dinner", "is ready", "test")
    finally:
        server.stop()
    assert postbox.arrived == []


def test_without_a_server_mails_become_files_that_only_we_can_read(
    settings: Settings, valkey: Valkey, tmp_path: Path
) -> None:
    to = somebody()
    assert mailer(settings, valkey, data_dir=tmp_path).send(to, "Dinner", "is ready", "test") is True
    (file,) = (tmp_path / "outbox").iterdir()
    assert message_from_bytes(file.read_bytes())["To"] == to
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.compliance
def test_an_address_is_forgotten_with_the_mails_that_were_put_aside(
    settings: Settings, valkey: Valkey, tmp_path: Path
) -> None:
    sender, to, other = mailer(settings, valkey, data_dir=tmp_path), somebody(), somebody()
    for address in (to, to.upper(), other):
        sender.send(address, "Dinner", "is ready", "test")
    assert sender.forget(f"  {to}") == 3  # a count and two files
    assert sender.forget(to) == 0
    (left,) = (tmp_path / "outbox").iterdir()
    assert message_from_bytes(left.read_bytes())["To"] == other


@pytest.mark.compliance
def test_a_last_mail_is_sent_and_leaves_nothing_here(
    settings: Settings, valkey: Valkey, smtp: str, postbox: Postbox, tmp_path: Path
) -> None:
    to = somebody()
    assert mailer(settings, valkey, data_dir=tmp_path).send_last(to, "Goodbye", "and thanks") is False
    assert mailer(settings, valkey, smtp_url=smtp, data_dir=tmp_path).send_last(to, "Goodbye", "and thanks")
    (envelope,) = postbox.arrived
    assert envelope.rcpt_tos == [to]
    assert not (tmp_path / "outbox").exists()
    assert mailer(settings, valkey, data_dir=tmp_path).forget(to) == 0


@pytest.mark.security
def test_an_address_cannot_smuggle_in_a_header(settings: Settings, valkey: Valkey, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        mailer(settings, valkey, data_dir=tmp_path).send(
            "a@example.com\r\nBcc: b@example.com", "x", "y", "test"
        )
    assert not (tmp_path / "outbox").exists()


def test_a_worker_sends_what_was_asked_for_and_links_below_the_public_url(
    settings: Settings, services: svcs.Container, smtp: str, postbox: Postbox
) -> None:
    prefix, to = f"t{secrets.token_hex(4)}:", somebody()
    user = services.get(Accounts).open(to, "a hash", "Ada")
    jobs = JobQueue(services.get(Valkey), prefix)
    jobs.enqueue(SEND_MAIL, "one", about=MailKind.CONFIRM.value, user_id=str(user.id))
    environment = environment_of(
        settings, REDIS_PREFIX=prefix, PUBLIC_URL="https://dinner.example", SMTP_URL=smtp
    )
    assert run("worker", "run", "--burst", env=environment).returncode == 0
    (envelope,) = postbox.arrived
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert mail["To"] == to
    assert "https://dinner.example/account/confirm?token=" in mail.get_content()
