"""A listener on this machine for the one answer that a browser brings back from a log-in (RFC 8252, section 7.3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

from client.words import _, chosen_language

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
PATH = "/logged-in"
MOST_PARAMETERS = 10
VISITOR_SECONDS = 5.0
"""How long a connection may say nothing: browsers open some just in case."""
_LOOK_FOR_THE_END_SECONDS = 0.05

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:28rem;margin:20vh auto;padding:0 1.5rem;text-align:center}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    # Nothing is loaded from anywhere, and nobody learns of the address with the code in it.
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brought: a `code`, or else the `error` that it got instead. One of them is empty."""

    code: str = ""
    error: str = ""


class Loopback(ThreadingTCPServer):
    """Takes one `GET PATH` with the right `state`; whatever else is asked gets 404, also a second one.

    Use it as a context manager: it listens inside. `deliver` gets the answer on a thread of the listener, once the
    browser has its page. Raises OSError when there is no port to listen on.
    """

    daemon_threads = True

    def __init__(self, state: str, deliver: Callable[[Answer], None]) -> None:
        super().__init__((HOST, 0), _Visitor)
        self._state = state
        self._deliver = deliver
        self._first = threading.Lock()
        self.strangers = 0
        """How many asked for our path without knowing our state."""

    @property
    def return_to(self) -> str:
        """The address that the browser is to come back to."""
        return f"http://{self._authority}{PATH}"

    def __enter__(self) -> Self:
        threading.Thread(
            target=self.serve_forever, args=(_LOOK_FOR_THE_END_SECONDS,), name="loopback", daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def deliver(self, answer: Answer) -> None:
        """Pass the answer on."""
        self._deliver(answer)

    def taken(self, target: str, host: str) -> Answer | None:
        """The answer in a request for `target`; None for everybody but the first who has the right one."""
        parts = urlsplit(target)
        # Another name for this address would be a page elsewhere that reaches in through its own DNS.
        if parts.path != PATH or host != self._authority:
            return None
        answer = self._answer_in(parts.query)
        if answer is None:
            self.strangers += 1
            return None
        return answer if self._first.acquire(blocking=False) else None

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no news."""
        del request, client_address
        log.debug("a visitor of the loopback listener went away")

    @property
    def _authority(self) -> str:
        return f"{HOST}:{self.server_address[1]}"

    def _answer_in(self, query: str) -> Answer | None:
        try:
            given = parse_qs(query, max_num_fields=MOST_PARAMETERS)
        except ValueError:
            return None
        states, codes, errors = (given.get(name, []) for name in ("state", "code", "error"))
        if len(states) != 1 or not hmac.compare_digest(states[0].encode(), self._state.encode()):
            return None
        if len(codes) + len(errors) != 1:
            return None
        return Answer("".join(codes), "".join(errors))


class _Visitor(BaseHTTPRequestHandler):
    """One request."""

    server: Loopback
    timeout = VISITOR_SECONDS
    server_version = "DinDin"
    sys_version = ""

    def do_GET(self) -> None:
        """Show the page that ends the log-in in the browser, or none."""
        answer = self.server.taken(self.path, self.headers.get("Host", ""))
        if answer is None:
            self._show(HTTPStatus.NOT_FOUND, _("Nothing here"), _("This address is of no use any more."))
            return
        try:
            if answer.code:
                self._show(HTTPStatus.OK, _("That's it!"), _("DinDin goes on in its own window."))
            else:
                self._show(HTTPStatus.OK, _("Not logged in"), _("DinDin's own window says what can be done."))
        finally:
            # Whoever closed the page early has answered all the same.
            self.server.deliver(answer)

    def log_message(self, *_: object) -> None:
        """Not on the terminal: the address has the code in it."""

    def _show(self, status: HTTPStatus, title: str, words: str) -> None:
        last = _("You can close this window.")
        page = (
            f'<!doctype html><html lang="{chosen_language()}"><meta charset="utf-8"><title>DinDin</title>'
            f"<style>{_STYLE}</style><h1>{title}</h1><p>{words} {last}</p></html>"
        ).encode()
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)
