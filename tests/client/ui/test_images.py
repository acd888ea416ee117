"""Pictures: from a real server on loopback, through the disk cache, to the texture; and nothing waits for them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from logging.handlers import QueueHandler
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from kivy.graphics.texture import Texture

from client.images import (
    LONGEST_SIDE,
    PICTURE_BYTES,
    TEXTURE_BYTES,
    PictureLoader,
    bytes_of,
)
from client.picture_cache import FRESH_SECONDS, DiskCache
from tests.client.ui.painted import encoded
from tests.waiting import eventually

BLURHASH = "UNPX-5Q-{dxu-qIot6%2{et64:Rjx@%2axM{"


class PictureServer(ThreadingHTTPServer):
    """Serves `content` under any path, with an ETag, and remembers the requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = encoded()
        self.status = 200
        self.asked: list[tuple[str, str | None]] = []
        self.confirms_with_etag = True
        self.may_answer = threading.Event()
        self.may_answer.set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: PictureServer

    def do_GET(self) -> None:
        wanted = self.headers["If-None-Match"]
        self.server.asked.append((self.path, wanted))
        status = 304 if wanted == '"one"' and self.server.status == 200 else self.server.status
        body = self.server.content if status == 200 else b""
        self.server.may_answer.wait()
        self.send_response(status)
        if status != 304 or self.server.confirms_with_etag:
            self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def server() -> Iterator[PictureServer]:
    running = PictureServer()
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield running
    running.may_answer.set()
    running.shutdown()
    thread.join()
    running.server_close()


class Screen:
    """Stands where the UI thread is: runs what was posted, and keeps the textures that were shown."""

    def __init__(self) -> None:
        self.posted: list[Callable[[], None]] = []
        self.shown: list[Texture] = []

    def wait_for(self, count: int) -> list[tuple[float, float]]:
        """The sizes of what has been shown, once there are `count` of them."""
        deadline = time.monotonic() + 10
        while len(self.shown) < count:
            assert time.monotonic() < deadline, f"only {len(self.shown)} of {count} pictures came"
            if self.posted:
                self.posted.pop(0)()
            else:
                time.sleep(0.005)
        return [texture.size for texture in self.shown]


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def open_loader(
    server: PictureServer, screen: Screen, tmp_path: Path, clock: Clock
) -> Iterator[Callable[[], PictureLoader]]:
    opened: list[PictureLoader] = []

    def open_loader() -> PictureLoader:
        cache = DiskCache(tmp_path / "pictures", now=clock)
        opened.append(PictureLoader(server.base_url, cache, screen.posted.append))
        return opened[-1]

    yield open_loader
    for loader in opened:
        loader.close()


OpenLoader = Callable[[], PictureLoader]


def test_the_placeholder_comes_first_then_the_picture(open_loader: OpenLoader, screen: Screen) -> None:
    open_loader().request("/pictures/a.webp", BLURHASH, screen.shown.append)
    assert screen.shown == []  # asking costs no time on the UI thread
    assert screen.wait_for(2) == [(32, 32), (20, 10)]


def test_a_picture_in_memory_is_shown_at_once(open_loader: OpenLoader, screen: Screen) -> None:
    loader = open_loader()
    loader.request("/pictures/a.webp", "", screen.shown.append)
    screen.wait_for(1)
    loader.request("/pictures/a.webp", "", screen.shown.append)
    assert screen.shown[0] is screen.shown[1]


def test_a_fresh_picture_on_disk_needs_no_server(
    open_loader: OpenLoader, screen: Screen, server: PictureServer
) -> None:
    open_loader().request("/pictures/a.webp", "", screen.shown.append)
    screen.wait_for(1)
    open_loader().request("/pictures/a.webp", "", screen.shown.append)
    screen.wait_for(2)
    assert server.asked == [("/pictures/a.webp", None)]


def test_an_old_picture_is_confirmed_by_its_etag(
    open_loader: OpenLoader, screen: Screen, server: PictureServer, clock: Clock
) -> None:
    open_loader().request("/pictures/a.webp", "", screen.shown.append)
    screen.wait_for(1)
    clock.seconds += FRESH_SECONDS + 1
    open_loader().request("/pictures/a.webp", "", screen.shown.append)
    assert screen.wait_for(2)[1] == (20, 10)
    assert server.asked[1] == ("/pictures/a.webp", '"one"')
    open_loader().request("/pictures/a.webp", "", screen.shown.append)
    screen.wait_for(3)
    assert len(server.asked) == 2  # the 304 made it fresh again


def test_a_server_that_confirms_without_an_etag_is_asked_with_it_the_next_time(
    open_loader: OpenLoader, screen: Screen, server: PictureServer, clock: Clock
) -> None:
    server.confirms_with_etag = False
    for count in (1, 2, 3):
        open_loader().request("/pictures/a.webp", "", screen.shown.append)
        screen.wait_for(count)
        clock.seconds += FRESH_SECONDS + 1
    assert [etag for _, etag in server.asked] == [None, '"one"', '"one"']


def test_placeholders_do_not_wait_for_a_slow_network(
    open_loader: OpenLoader, screen: Screen, server: PictureServer
) -> None:
    server.may_answer.clear()
    loader = open_loader()
    for number in range(8):
        loader.request(f"/pictures/{number}.webp", BLURHASH, screen.shown.append)
    assert screen.wait_for(8) == [(32, 32)] * 8
    server.may_answer.set()
    assert screen.wait_for(16)[8:] == [(20, 10)] * 8


def test_a_picture_under_way_at_the_end_is_not_told_as_a_failure(
    server: PictureServer, screen: Screen, tmp_path: Path
) -> None:
    told: Queue[logging.LogRecord] = Queue()
    handler = QueueHandler(told)
    handler.setLevel(logging.ERROR)

    def post(_show: Callable[[], None]) -> None:
        loader.close()
        raise RuntimeError("There is no window any more.")

    loader = PictureLoader(server.base_url, DiskCache(tmp_path), post)
    logging.getLogger("client.images").addHandler(handler)
    before = set(threading.enumerate())
    try:
        loader.request("/pictures/1.webp", "", screen.shown.append)
        begun = {one for one in threading.enumerate() if one.name.startswith("pictures")} - before
        assert begun
        eventually(lambda: not begun & set(threading.enumerate()))
        assert server.asked
    finally:
        logging.getLogger("client.images").removeHandler(handler)
        loader.close()
    assert told.empty()


def test_a_placeholder_that_comes_too_late_is_not_shown(open_loader: OpenLoader, screen: Screen) -> None:
    open_loader().request("/pictures/a.webp", BLURHASH, screen.shown.append)
    deadline = time.monotonic() + 10
    while len(screen.posted) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    placeholder, picture = screen.posted
    picture()
    placeholder()
    assert screen.shown[-1].size == (20, 10)


def test_textures_in_memory_stay_within_their_limit(
    open_loader: OpenLoader, screen: Screen, server: PictureServer
) -> None:
    server.content = encoded(LONGEST_SIDE, LONGEST_SIDE)
    loader = open_loader()
    for number in range(16):
        loader.request(f"/pictures/{number}.webp", "", screen.shown.append)
        screen.wait_for(number + 1)
    kept = TEXTURE_BYTES // bytes_of(screen.shown[0])
    at_hand: list[Texture] = []
    for number in range(16):
        loader.request(f"/pictures/{number}.webp", "", at_hand.append)()
    assert 4 < kept < 16
    assert at_hand == screen.shown[16 - kept :]


def test_without_the_server_an_old_picture_is_better_than_none(
    open_loader: OpenLoader, screen: Screen, server: PictureServer, clock: Clock
) -> None:
    open_loader().request("/pictures/a.webp", "", screen.shown.append)
    screen.wait_for(1)
    clock.seconds += FRESH_SECONDS + 1
    server.status = 500
    open_loader().request("/pictures/a.webp", "", screen.shown.append)
    assert screen.wait_for(2)[1] == (20, 10)


@pytest.mark.parametrize("content", [b"no picture", b""], ids=["rubbish", "empty"])
def test_what_is_no_picture_leaves_the_placeholder(
    open_loader: OpenLoader, screen: Screen, server: PictureServer, content: bytes
) -> None:
    server.content = content
    loader = open_loader()
    loader.request("/pictures/a.webp", BLURHASH, screen.shown.append)
    server_done = loader.request("/pictures/b.webp", BLURHASH, screen.shown.append)
    assert screen.wait_for(2) == [(32, 32), (32, 32)]
    server_done()


def test_a_missing_picture_leaves_the_placeholder(
    open_loader: OpenLoader, screen: Screen, server: PictureServer
) -> None:
    server.status = 404
    open_loader().request("/pictures/a.webp", BLURHASH, screen.shown.append)
    assert screen.wait_for(1) == [(32, 32)]


def test_too_large_an_answer_is_not_kept(
    open_loader: OpenLoader, screen: Screen, server: PictureServer, tmp_path: Path
) -> None:
    server.content = encoded() + bytes(PICTURE_BYTES)
    open_loader().request("/pictures/a.webp", BLURHASH, screen.shown.append)
    screen.wait_for(1)
    assert not list(tmp_path.rglob("*.picture"))


def test_a_cancelled_request_shows_nothing(open_loader: OpenLoader, screen: Screen) -> None:
    loader = open_loader()
    never: list[Texture] = []
    loader.request("/pictures/a.webp", BLURHASH, never.append)()
    loader.request("/pictures/b.webp", "", screen.shown.append)
    screen.wait_for(1)
    assert never == []


def test_only_web_addresses_are_fetched(
    open_loader: OpenLoader, screen: Screen, server: PictureServer
) -> None:
    open_loader().request("file:///etc/hostname", BLURHASH, screen.shown.append)
    assert screen.wait_for(1) == [(32, 32)]
    assert server.asked == []
