"""Whether what answers at an address is a DinDin server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from client.net.errors import ApiError
from client.net.server_check import ask_for_dindin


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """Some other program on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """A line per request helps nobody."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_real_server_is_known(server: str) -> None:
    ask_for_dindin(server)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, "{}"), (200, "<html>"), (404, "gone"), (401, '{"code": "other", "detail": "No."}'), (500, "")],
)
def test_other_programs_are_not(status: int, body: str) -> None:
    with answering(status, body) as address, pytest.raises(ApiError):
        ask_for_dindin(address)


@pytest.mark.parametrize(
    "proxy", ["socks://127.0.0.1:9", "http://127.0.0.1:port"], ids=["unknown kind", "no address"]
)
def test_a_proxy_that_cannot_be_used_is_said(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ApiError, match="ALL_PROXY") as refused:
        ask_for_dindin("http://127.0.0.1:9")
    assert refused.value.unreachable


def test_nobody_there_is_said() -> None:
    with pytest.raises(ApiError, match="cannot be reached"):
        ask_for_dindin("http://127.0.0.1:9")
