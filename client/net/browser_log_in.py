"""Logging in on somebody else's page, in the system's own browser: the app never sees that password.

As RFC 8252 wants it of native apps: the browser comes back to a listener on this machine, and what it brings is
worth nothing without the secret that never left the app (PKCE, RFC 7636).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, Queue
from typing import TypeAlias
from urllib.parse import quote, urlencode

from client.net.errors import ApiError
from client.net.loopback import Answer, Loopback
from client.words import _, marked

OpenBrowser: TypeAlias = Callable[[str], bool]
"""Shows an address to the user; False when no browser could be started."""

PATIENCE_SECONDS = 300.0
"""As long as somebody may look for their password."""

CANCELLED = "log_in_cancelled"
DENIED = "log_in_denied"
FAILED = "log_in_failed"
NO_BROWSER = "no_browser"
NO_PORT = "no_port"
TIMED_OUT = "log_in_timed_out"
WRONG_STATE = "wrong_state"

_SENTENCES = {
    CANCELLED: marked("The log-in was cancelled."),
    DENIED: marked("You did not agree to log in there. Try again, or log in another way."),
    FAILED: marked("Logging in there did not work. Try again, or log in another way."),
    NO_BROWSER: marked(
        "No web browser could be opened. Log in with e-mail and password, or join as a guest."
    ),
    NO_PORT: marked(
        "This device has no free port on which your browser could answer. Restart it, or log in another way."
    ),
    TIMED_OUT: marked("Your browser did not come back in time. Please try again."),
    WRONG_STATE: marked("What your browser brought back belongs to another log-in. Please try again."),
}
_ACCESS_DENIED = "access_denied"  # RFC 6749, section 4.1.2.1


@dataclass(frozen=True, slots=True)
class Grant:
    """What the server trades for tokens, once."""

    code: str
    verifier: str


class BrowserLogIn:
    """One log-in through the provider that the server at `server_url` calls `provider`.

    `fresh`: the server wants them to prove once more who they are, so the provider must not just remember them.
    """

    def __init__(
        self,
        server_url: str,
        provider: str,
        open_browser: OpenBrowser,
        patience: float = PATIENCE_SECONDS,
        *,
        fresh: bool = False,
    ) -> None:
        self._besides = {"fresh": "1"} if fresh else {}
        self._start = f"{server_url}/api/v1/auth/oidc/{quote(provider, safe='')}/start"
        self._open_browser = open_browser
        self._patience = patience
        self._answers: Queue[Answer | None] = Queue()

    def wait(self) -> Grant:
        """Send the browser off and wait for it, at most `patience` seconds. Call it once.

        Raises `ApiError` with status 0 and one of this module's codes.
        """
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        try:
            listener = Loopback(state, self._answers.put)
        except OSError as failure:
            raise _error(NO_PORT) from failure
        with listener:
            asked = {"return_to": listener.return_to, "challenge": challenge_of(verifier), "state": state}
            if not self._open_browser(f"{self._start}?{urlencode({**asked, **self._besides})}"):
                raise _error(NO_BROWSER)
            try:
                answer = self._answers.get(timeout=self._patience)
            except Empty:
                raise _error(WRONG_STATE if listener.strangers else TIMED_OUT) from None
        return _grant(answer, verifier)

    def cancel(self) -> None:
        """Have `wait` end with `CANCELLED`, also one that has not begun. Any thread may call this."""
        self._answers.put(None)


def challenge_of(verifier: str) -> str:
    """The S256 challenge of RFC 7636, section 4.2."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _grant(answer: Answer | None, verifier: str) -> Grant:
    if answer is None:
        raise _error(CANCELLED)
    if answer.error:
        raise _error(DENIED if answer.error == _ACCESS_DENIED else FAILED)
    return Grant(answer.code, verifier)


def _error(code: str) -> ApiError:
    return ApiError(0, code, _(_SENTENCES[code]))
