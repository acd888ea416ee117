"""A link that is opened while the app runs goes to the app that runs, through a Unix socket in the app's folder.

Whoever opens a link hands it over as one line and is answered `taken`; only then it need not open a window of its own.
Each server has its own socket: an app that talks to one server cannot follow a link for another.
Systems without such sockets, and folders too deep for one, open a window per link.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from client.join_code import Invitation, LinkError, invitation_of_link

MOST_BYTES = 1024
_TAKEN = b"taken\n"
_PATIENCE_SECONDS = 2.0

log = logging.getLogger(__name__)


def socket_path(home: Path, server_url: str) -> Path:
    """Where the app for this server listens."""
    return home / f"links-{hashlib.sha256(server_url.encode()).hexdigest()[:12]}"


def hand_over(path: Path, link: str) -> bool:
    """Give a link to the app that listens at `path`; False when there is none that takes it."""
    try:
        with _unix_socket() as line:
            line.connect(str(path))
            line.sendall(link.encode() + b"\n")
            return line.recv(len(_TAKEN)) == _TAKEN
    except (OSError, AttributeError):
        return False


class LinkListener:
    """Calls `on_invitation`, on a thread of its own, for each link handed over until `close`.

    Does nothing where another app listens already, or listening is not possible.
    """

    def __init__(self, path: Path, on_invitation: Callable[[Invitation], None]) -> None:
        self._path = path
        self._on_invitation = on_invitation
        self._socket = _listening(path)
        self._closing = False
        self._thread = threading.Thread(target=self._listen, name="links", daemon=True)
        if self._socket is not None:
            self._thread.start()

    @property
    def listening(self) -> bool:
        """Whether links come here."""
        return self._socket is not None

    def close(self) -> None:
        """Take no more links."""
        if self._socket is None:
            return
        self._closing = True
        with contextlib.suppress(OSError), _unix_socket() as visitor:
            # Wakes up `accept`, which a mere close would not.
            visitor.connect(str(self._path))
        self._thread.join(_PATIENCE_SECONDS + 1)
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _listen(self) -> None:
        assert self._socket is not None  # noqa: S101 - the thread is started with a socket only
        while not self._closing:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line:
                self._take(line)

    def _take(self, line: socket.socket) -> None:
        line.settimeout(_PATIENCE_SECONDS)
        try:
            with line.makefile("rb") as reader:
                given = reader.readline(MOST_BYTES)
            invitation = invitation_of_link(given.decode().strip())
        except (OSError, UnicodeDecodeError, LinkError):
            # Not answered: whoever it was opens a window, or says what is wrong with the link.
            return
        self._on_invitation(invitation)
        with contextlib.suppress(OSError):
            line.sendall(_TAKEN)


def _listening(path: Path) -> socket.socket | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not _abandoned(path):
            return None
        path.unlink(missing_ok=True)
        listener = _unix_socket()
    except (OSError, AttributeError) as problem:
        log.info("links open a window each: %s", problem)
        return None
    try:
        listener.settimeout(None)
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen()
    except OSError as problem:
        listener.close()
        log.info("links open a window each: %s", problem)
        return None
    return listener


def _abandoned(path: Path) -> bool:
    """Whether nobody listens there any more: its app has ended without a chance to clear it away."""
    with _unix_socket() as line:
        try:
            line.connect(str(path))
        except ConnectionRefusedError:
            return True
    return False


def _unix_socket() -> socket.socket:
    """Raises `AttributeError` on systems that have none."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.settimeout(_PATIENCE_SECONDS)
    return made
