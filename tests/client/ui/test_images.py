"""Pictures: from a real server on loopback, through the disk cache, to the texture; and nothing waits for them."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from kivy.core.window import Window
from kivy.graphics.texture import Texture
from PIL import Image, ImageColor

from client.images import (
    LONGEST_SIDE,
    MOST_PIXELS,
    PICTURE_BYTES,
    TEXTURE_BYTES,
    PictureLoader,
    bytes_of,
    decode_blurhash,
    decode_picture,
    texture_of,
)
from client.picture_cache import FRESH_SECONDS, DiskCache
from client.theme.active import theme
from client.widgets.picture import FADE_SECONDS, Picture, rounded_outline, shares_shown
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

BLURHASH = "UNPX-5Q-{dxu-qIot6%2{et64:Rjx@%2axM{"


def encoded(width: int = 20, height: int = 10, colour: str = "red") -> bytes:
    """A picture as a server would send it."""
    target = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(target, "WEBP", lossless=True)
    return target.getvalue()


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


def test_the_cache_stays_within_its_limit_and_keeps_what_is_used(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, limit=250)
    cache.put("a", bytes(100), "")
    cache.put("b", bytes(100), "")
    _grow_old(tmp_path)
    assert cache.get("a") is not None  # reading makes it young again
    cache.put("c", bytes(100), "")
    assert (cache.get("a") is None, cache.get("b") is None, cache.get("c") is None) == (False, True, False)


def _grow_old(folder: Path) -> None:
    import os  # noqa: PLC0415  (only here)

    for path in folder.glob("*.picture"):
        os.utime(path, (1, 1))


def test_a_damaged_entry_counts_as_none(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    cache.put("a", b"picture", '"one"')
    next(tmp_path.glob("*.json")).write_text("{")
    assert cache.get("a") is None


def test_a_disk_that_takes_nothing_is_no_reason_to_fail(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    cache = DiskCache(blocked)
    cache.put("a", b"picture", "")
    assert cache.get("a") is None


def test_huge_pictures_are_made_smaller() -> None:
    pixels = decode_picture(encoded(3000, 1500))
    assert pixels is not None
    assert (pixels.width, pixels.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)


def test_a_small_file_with_an_enormous_picture_is_none() -> None:
    target = io.BytesIO()
    Image.new("1", (5000, MOST_PIXELS // 5000 + 1)).save(target, "PNG")
    assert len(target.getvalue()) < 10_000
    assert decode_picture(target.getvalue()) is None


@pytest.mark.parametrize("code", ["", "nonsense", "UNPX"])
def test_a_malformed_blurhash_is_none(code: str) -> None:
    assert decode_blurhash(code) is None


def test_a_picture_is_drawn_upright_and_undistorted(play: Callable[..., Stage]) -> None:
    """Stripes of 20 rows each; a shape of half the height shows the middle half, from row 25 to row 75."""
    stripes = Image.new("RGB", (100, 100))
    colours = ("red", "lime", "blue", "yellow", "white")
    for place, colour in enumerate(colours):
        stripes.paste(colour, (0, 20 * place, 100, 20 * place + 20))
    target = io.BytesIO()
    stripes.save(target, "PNG")
    pixels = decode_picture(target.getvalue())
    assert pixels is not None
    stage = play(scenes.signed_out())
    shape = Picture(size_hint=(None, None), size=(200, 100), radius=[30, 30, 0, 0])
    Window.add_widget(shape)
    shape.shown = texture_of(pixels)
    seen = stage.driver.pixels()
    for row in range(26, 75, 4):
        shown = seen.getpixel((100, Window.height - 100 + 2 * (row - 25)))
        assert shown == ImageColor.getrgb(colours[row // 20]), f"row {row}"


class SlowPictures:
    """Shows what the test says, when it says so."""

    def __init__(self) -> None:
        self.show: Callable[[Texture], None] = lambda _: None

    def request(self, url: str, blurhash: str, show: Callable[[Texture], None]) -> Callable[[], None]:
        del url, blurhash
        self.show = show
        return lambda: None


def plain(colour: str) -> Texture:
    pixels = decode_picture(encoded(8, 8, colour))
    assert pixels is not None
    return texture_of(pixels)


@pytest.mark.parametrize("reduced_motion", [False, True])
def test_the_picture_comes_out_of_its_placeholder(
    play: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch, reduced_motion: bool
) -> None:
    stage = play(scenes.signed_out())
    pictures = SlowPictures()
    shape = Picture(size_hint=(None, None), size=(100, 100), pictures=pictures, url="a", blurhash="b")
    Window.add_widget(shape)
    monkeypatch.setattr(theme, "reduced_motion", reduced_motion)

    def seen() -> tuple[int, int, int]:
        return stage.driver.pixels().getpixel((50, Window.height - 50))

    pictures.show(plain("red"))
    stage.driver.wait(2 * FADE_SECONDS)
    assert seen() == (255, 0, 0)
    pictures.show(plain("blue"))
    stage.driver.wait(FADE_SECONDS / 2)
    red, green, blue = seen()
    assert green == 0
    assert (red == 0) is reduced_motion
    assert red + blue == pytest.approx(255, abs=3)  # never the background through both
    stage.driver.wait(FADE_SECONDS)
    assert seen() == (0, 0, 255)


def test_pictures_are_cut_never_stretched() -> None:
    assert shares_shown((400, 200), (100, 100)) == (0.5, 1)
    assert shares_shown((200, 400), (100, 50)) == (1, 0.25)
    assert shares_shown((200, 400), (0, 50)) == (1, 1)


def test_corners_are_round_only_where_asked() -> None:
    outline = rounded_outline(100, 50, (0, 10, 0, 0))
    assert {(0, 50), (0, 0), (100, 0)} <= {(round(x, 6), round(y, 6)) for x, y in outline}
    assert (100, 50) not in outline
    assert all(0 <= x <= 100.001 and 0 <= y <= 50.001 for x, y in outline)
