"""What nginx passes on, keeps for itself and says itself, with something in place of the API that tells what it got."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from backend.http import edge
from tests.nginx_front import HOST, MISSING, NGINX, NginxFront
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(NGINX is None, reason=MISSING)]

_REQUEST_ID = "asked-for-by-the-test"
_MAY_BE_A_USER = "5F" * 12
_PATIENT_SECONDS = 60


class Peer(ThreadingHTTPServer):
    """In place of an API: answers with what it was asked; or hangs up on everybody, when it is `rude`."""

    daemon_threads = True

    def __init__(self, rude: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rude = rude
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        """Its `address:port`."""
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Peer

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(self.path)
        if self.server.rude:
            self.close_connection = True
            return
        told = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.send_header("Cache-Control", "public, max-age=31536000, immutable")
        self.send_header("X-Request-ID", self.headers["X-Request-ID"])
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def peers(*there: Peer) -> Iterator[None]:
    """Serve with these until the end."""
    threads = [threading.Thread(target=peer.serve_forever, args=(0.05,)) for peer in there]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for peer, thread in zip(there, threads, strict=True):
            peer.shutdown()
            thread.join()
            peer.server_close()


@contextmanager
def browsing(folder: Path, *apis: str) -> Iterator[tuple[NginxFront, httpx.Client]]:
    """nginx in front of these, and a client that trusts it."""
    with (
        NginxFront(folder, apis) as front,
        httpx.Client(base_url=front.url, verify=front.trust, timeout=_PATIENT_SECONDS) as client,
    ):
        yield front, client


@contextmanager
def nobody() -> Iterator[str]:
    """An `address:port` that refuses connections: taken, so that no other process comes to listen there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def test_the_newest_tls_is_spoken(tmp_path: Path) -> None:
    with nobody() as away, browsing(tmp_path, away) as (front, _):
        where = ("127.0.0.1", urlsplit(front.url).port)
        with (
            socket.create_connection(where, _PATIENT_SECONDS) as line,
            front.trust.wrap_socket(line, server_hostname=HOST) as secured,
        ):
            assert secured.version() == "TLSv1.3"


def test_the_api_is_told_who_asks_and_how(tmp_path: Path) -> None:
    peer = Peer()
    forged = {
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "elsewhere.example",
    }
    with peers(peer), browsing(tmp_path, peer.address) as (front, client):
        told = client.get("/api/v1/recipes", headers={**forged, "X-Request-ID": _REQUEST_ID}).json()
        by_itself = [
            client.get("/api/v1/recipes", headers={"X-Request-ID": refused}).json()["x-request-id"]
            for refused in ("not one: spaces", _MAY_BE_A_USER)
        ]
        upgraded = client.get(
            "/api/v1/recipes", headers={"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings"}
        ).json()
        port = client.base_url.port
        eventually(lambda: _REQUEST_ID in front.log_path.read_text())
        logged = [json.loads(line) for line in front.log_path.read_text().splitlines()]

    assert told["x-forwarded-for"] == "127.0.0.1"
    assert told["x-forwarded-proto"] == "https"
    assert (told["x-forwarded-host"], told["host"]) == (f"{HOST}:{port}", f"{HOST}:{port}")
    assert told["x-request-id"] == _REQUEST_ID
    assert all(edge._may_be_logged(one) for one in by_itself)
    assert "upgrade" not in upgraded
    assert upgraded["connection"] == "close"
    assert next(line["request_id"] for line in logged if line["status"] == 200) == _REQUEST_ID
    assert "recipes" not in front.log_path.read_text()


def test_a_picture_is_asked_for_once(tmp_path: Path) -> None:
    peer = Peer()
    with peers(peer), browsing(tmp_path, peer.address) as (_, client):
        for asker in ("first-asker", "second-asker"):
            answer = client.get("/pictures/ramen.webp?v=1", headers={"X-Request-ID": asker})
            assert answer.headers.get_list("X-Request-ID") == [asker]
        client.get("/pictures/ramen.webp?v=2")
    assert peer.asked == ["/pictures/ramen.webp?v=1", "/pictures/ramen.webp?v=2"]


def test_what_may_have_been_done_is_not_asked_of_another_api(tmp_path: Path) -> None:
    first, second = Peer(rude=True), Peer(rude=True)
    with peers(first, second), browsing(tmp_path, first.address, second.address) as (_, client):
        posted = client.post("/api/v1/sessions", json={})
        asked_to_do = first.asked + second.asked
    assert (posted.status_code, len(asked_to_do)) == (503, 1)


def test_an_api_that_is_away_is_passed_over(tmp_path: Path) -> None:
    peer = Peer()
    with peers(peer), nobody() as away, browsing(tmp_path, away, peer.address) as (_, client):
        assert [client.post("/api/v1/sessions", json={}).status_code for _ in range(4)] == [200] * 4


def test_without_any_api_people_are_told_in_the_apis_own_form(tmp_path: Path) -> None:
    with nobody() as gone, browsing(tmp_path, gone) as (front, client):
        away = client.get("/api/v1/recipes", headers={"X-Request-ID": _REQUEST_ID})
        too_large = client.post("/api/v1/sessions", content=b" " * (edge._MAX_BODY_BYTES + 1))
        allowed = client.post("/api/v1/sessions", content=b" " * edge._MAX_BODY_BYTES)
        numbers = client.get("/metrics")
        sent_on = httpx.get(f"{front.plain_url}/join/ABC234", timeout=_PATIENT_SECONDS)
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):  # hung up on, without a word
            httpx.get(front.plain_url, headers={"Host": "elsewhere.example"}, timeout=_PATIENT_SECONDS)

    assert (away.status_code, away.headers["Retry-After"]) == (503, "2")
    assert away.json()["request_id"] == away.headers["X-Request-ID"] == _REQUEST_ID
    assert too_large.json()["code"] == "too_large"
    assert allowed.json()["code"] == away.json()["code"] == "busy"
    assert numbers.json()["code"] == "not_found"
    for answer in (away, too_large, allowed, numbers):
        assert answer.headers["Content-Type"] == "application/problem+json"
        told = answer.json()
        assert (told["status"], told["type"]) == (
            answer.status_code,
            f"urn:dindin:problem:{told['code']}",
        )
    assert (sent_on.status_code, sent_on.headers["Location"]) == (308, f"https://{HOST}/join/ABC234")
