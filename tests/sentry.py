"""A server that speaks the protocol in which errors are reported to Sentry: what comes in is kept."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import brotli


class SentryServer(ThreadingHTTPServer):
    """Keeps what is sent to it.

    Attributes:
        everything: each line of each envelope.
        events: errors; `transactions`: how long something took.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Envelopes)
        self.everything: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.transactions: list[dict[str, Any]] = []

    @property
    def dsn(self) -> str:
        """What SENTRY_DSN has to be."""
        return f"http://key@127.0.0.1:{self.server_port}/1"


class _Envelopes(BaseHTTPRequestHandler):
    server: SentryServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        body = {"br": brotli.decompress, "gzip": gzip.decompress}[self.headers["Content-Encoding"]](body)
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
        self.server.everything += lines
        items = list(pairwise(lines[1:]))
        self.server.events += [item for header, item in items if header.get("type") == "event"]
        self.server.transactions += [item for header, item in items if header.get("type") == "transaction"]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def sentry_server() -> Iterator[SentryServer]:
    """One that runs."""
    with SentryServer() as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield server
        finally:
            server.shutdown()
            serving.join()
