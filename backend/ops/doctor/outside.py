"""What lies between DinDin and the world: its address, its files, its mail. These try it, and leave nothing behind."""

from __future__ import annotations

import secrets
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import svcs
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, RejectConnection, Request, TextMessage
from wsproto.utilities import RemoteProtocolError

from backend.config import Settings
from backend.config_checks import backup_keys_of
from backend.infra.mail import Mailer
from backend.infra.storage import BackupStorage, Storage
from backend.ops.doctor.findings import Finding, fail, ok, warn

_LIVE = "/api/v1/live"
_HELLO = '{"op":"hello","v":1,"token":"doctor"}'
_UNAUTHENTICATED = 4401
_SECONDS = 5.0
_READ_BYTES = 4096


class _NoAnswer(Exception):
    """The other side hung up."""


def web_socket(services: svcs.Container) -> Iterator[Finding]:
    """Whether a socket opens at PUBLIC_URL as clients open it, and frames pass both ways."""
    settings = services.get(Settings)
    address = f"{settings.base_url}{_LIVE}"
    if not settings.public_url:
        address += " (PUBLIC_URL is not set)"
    try:
        said = _try_socket(settings.base_url)
    except ssl.SSLError as wrong:
        reason = getattr(wrong, "verify_message", "") or wrong.reason
        yield fail("websocket", f"{address}: {reason}", "Renew the certificate, or mend its chain.")
    except (OSError, _NoAnswer) as away:
        yield fail(
            "websocket",
            f"{address} does not answer from this machine: {away}",
            "Start the API; see that PUBLIC_URL leads to it, from here as well.",
        )
    except RemoteProtocolError:
        yield fail(
            "websocket", f"{address}: what answers speaks no HTTP", "See that PUBLIC_URL leads to the API."
        )
    else:
        if said == _UNAUTHENTICATED:
            yield ok("websocket", f"{address}: opens, and refuses a stranger")
        else:
            yield fail(
                "websocket",
                f"{address}: no socket opens there ({said})",
                "Let the proxy pass the headers Upgrade and Connection, and frames both ways (docs/live-protocol.md).",
            )


def _try_socket(base_url: str) -> int:
    """Open one, say hello as nobody; the code that it was closed with, or the HTTP status that it was refused with."""
    parts = urlsplit(base_url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    plain = socket.create_connection((host, parts.port or (443 if tls else 80)), _SECONDS)
    with closing(
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) if tls else plain
    ) as line:
        client = WSConnection(ConnectionType.CLIENT)
        line.sendall(client.send(Request(host=parts.netloc, target=f"{parts.path}{_LIVE}")))
        while True:
            received = line.recv(_READ_BYTES)
            if not received:
                raise _NoAnswer("it hangs up")
            client.receive_data(received)
            for event in client.events():
                match event:
                    case AcceptConnection():
                        line.sendall(client.send(TextMessage(_HELLO)))
                    case RejectConnection():
                        return event.status_code
                    case CloseConnection():
                        return event.code


def storage(services: svcs.Container) -> Iterator[Finding]:
    """Whether files can be written, read and deleted where exports lie, and where backups lie if there are any."""
    yield _tried("storage", "STORAGE_URL", services.get(Storage))
    if backup_keys_of(services.get(Settings)):
        yield _tried("backup storage", "BACKUP_URL", services.get(BackupStorage))


def _tried(part: str, setting: str, place: Storage) -> Finding:
    name, content = f"doctor-{secrets.token_hex(8)}", secrets.token_bytes(32)
    try:
        place.write(name, content)
        try:
            came_back = place.read(name)
        finally:
            place.delete(name)
    except OSError as wrong:
        return fail(part, f"{wrong}", f"See to rights and room at {setting}.")
    if came_back != content:
        return fail(part, "what was read is not what was written", f"Look at what lies behind {setting}.")
    return ok(part, "written, read, deleted")


def mail(services: svcs.Container) -> Iterator[Finding]:
    """Whether the mail server takes us; without one, whether mails can become files. No mail is sent."""
    settings, mailer = services.get(Settings), services.get(Mailer)
    if not settings.smtp_url.get_secret_value():
        try:
            mailer.check_files()
        except OSError as wrong:
            yield fail("mail", f"mails cannot become files: {wrong}", "Set SMTP_URL, or see to DATA_DIR.")
            return
        said = "mails become files in DATA_DIR/outbox"
        if settings.app_env == "production":
            yield warn("mail", f"{said}: nobody gets them", "Set SMTP_URL.")
        else:
            yield ok("mail", said)
        return
    try:
        host = mailer.check_server()
    except smtplib.SMTPAuthenticationError as refused:
        yield fail(
            "mail",
            f"the server refuses the log-in ({refused.smtp_code})",
            "See to name and password in SMTP_URL.",
        )
    except (OSError, smtplib.SMTPException) as away:
        yield fail(
            "mail", f"{type(away).__name__}: {away}", "See that SMTP_URL is right, and reached from here."
        )
    else:
        yield ok("mail", f"{host} takes us; whether it delivers is not checked")
