"""Pictures for the screens: network and disk on threads of their own, textures on the UI thread.

A picture is asked for with its blurhash. What is shown first is whatever is at hand: the texture in memory, else the
decoded blurhash, and soon after the picture from disk or from the server. Nothing here ever blocks a frame.
"""

from __future__ import annotations

import io
import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from kivy.graphics.texture import Texture
from PIL import Image, UnidentifiedImageError

from client import blurhash
from client.net.late_connections import LateConnections
from client.net.transport import ANSWER_SECONDS, CONNECT_SECONDS
from client.picture_cache import DiskCache, Stored

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

PICTURE_BYTES = 4 * 1024 * 1024
LONGEST_SIDE = 1024
PLACEHOLDER_SIDE = 32
MOST_PIXELS = 16_000_000
TEXTURE_BYTES = 64 * 1024 * 1024

Post = Callable[[Callable[[], None]], None]
Show = Callable[[Texture], None]


@dataclass(frozen=True, slots=True)
class Pixels:
    """A decoded picture, RGBA, rows from the top."""

    width: int
    height: int
    content: bytes


class PictureLoader:
    """Answers the widgets' requests for pictures (see `client.widgets.picture.Pictures`).

    `post` runs a function on the UI thread. Relative addresses are the server's, at `base_url`.
    """

    def __init__(self, base_url: str, cache: DiskCache, post: Post) -> None:
        self._base_url = base_url.rstrip("/") + "/"
        self._cache = cache
        self._post = post
        self._connections = LateConnections(timeout=ANSWER_SECONDS, connect=CONNECT_SECONDS)
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")
        # Placeholders must not stand in line behind pictures that a slow network holds up.
        self._placeholders = ThreadPoolExecutor(max_workers=1, thread_name_prefix="placeholders")
        self._textures: OrderedDict[str, Texture] = OrderedDict()
        self._texture_bytes = 0
        self._closed = False

    def request(self, url: str, placeholder: str, show: Show) -> Callable[[], None]:
        """See `client.widgets.picture.Pictures.request`."""
        address = urljoin(self._base_url, url) if url else ""
        known = self._textures.get(address)
        if known is not None:
            self._textures.move_to_end(address)
            show(known)
            return _nothing
        request = _Request(address, placeholder, show)
        if placeholder:
            self._placeholders.submit(self._serve, request, self._give_placeholder)
        if address:
            self._pool.submit(self._serve, request, self._give_picture)
        return request.cancel

    def close(self) -> None:
        """Stop; requests that wait are dropped, and those under way end without a word."""
        self._closed = True
        for pool in (self._pool, self._placeholders):
            pool.shutdown(wait=False, cancel_futures=True)
        self._connections.close()

    def _serve(self, request: _Request, serve: Callable[[_Request], None]) -> None:
        if request.cancelled:
            return
        try:
            serve(request)
        except Exception:
            if self._closed:
                # Its connections were closed under it.
                return
            # A picture is never worth a crash; what is shown stays, and the log says why.
            log.exception("The picture %s could not be loaded", request.address)

    def _give_placeholder(self, request: _Request) -> None:
        pixels = decode_blurhash(request.placeholder)
        if pixels is not None:
            self._post(lambda: request.give_placeholder(texture_of(pixels)))

    def _give_picture(self, request: _Request) -> None:
        pixels = self._find(request.address)
        if pixels is not None:
            self._post(lambda: self._deliver(request, pixels))

    def _deliver(self, request: _Request, pixels: Pixels) -> None:
        texture = self._textures.get(request.address)
        if texture is None:
            texture = texture_of(pixels)
            texture.min_filter = "linear_mipmap_linear"
            self._keep(request.address, texture)
        request.give(texture)

    def _keep(self, address: str, texture: Texture) -> None:
        self._textures[address] = texture
        self._texture_bytes += bytes_of(texture)
        while self._texture_bytes > TEXTURE_BYTES and len(self._textures) > 1:
            _, oldest = self._textures.popitem(last=False)
            self._texture_bytes -= bytes_of(oldest)

    def _find(self, address: str) -> Pixels | None:
        stored = self._cache.get(address)
        if stored is not None and stored.fresh:
            pixels = decode_picture(stored.content)
            if pixels is not None:
                return pixels
        content = self._download(address, stored)
        return decode_picture(content) if content is not None else None

    def _download(self, address: str, stored: Stored | None) -> bytes | None:
        """The picture from the server; what is stored when that is still right or the server is away."""
        if urlsplit(address).scheme not in {"http", "https"}:
            return None
        old = stored.content if stored is not None else None
        headers = {"If-None-Match": stored.etag} if stored is not None and stored.etag else {}
        connections = self._connections.open()
        try:
            with connections.stream("GET", address, headers=headers) as answer:
                etag = answer.headers.get("ETag", "")
                if answer.status_code == HTTPStatus.NOT_MODIFIED:
                    self._cache.confirm(address, etag or (stored.etag if stored is not None else ""))
                    return old
                if answer.status_code != HTTPStatus.OK:
                    return old
                content = _read_at_most(answer, PICTURE_BYTES)
        except connections.LOST as error:
            log.info("The picture %s is not to be had now: %s", address, error)
            return old
        finally:
            self._connections.leave_nothing_open()
        if content is not None:
            self._cache.put(address, content, etag)
        return content


class _Request:
    """One widget's wish for one picture; `cancel` may be called from the UI thread at any time."""

    def __init__(self, address: str, placeholder: str, show: Show) -> None:
        self.address = address
        self.placeholder = placeholder
        self.cancelled = False
        self._served = False
        self._show = show

    def cancel(self) -> None:
        self.cancelled = True

    def give_placeholder(self, texture: Texture) -> None:
        """Show this unless the picture was faster; on the UI thread."""
        if not self._served and not self.cancelled:
            self._show(texture)

    def give(self, texture: Texture) -> None:
        """Show the picture; on the UI thread."""
        self._served = True
        if not self.cancelled:
            self._show(texture)


def decode_picture(content: bytes) -> Pixels | None:
    """Decode any format Pillow knows; None when it is none, or too large. Longest side at most `LONGEST_SIDE`."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
            # A file of a few kilobytes can hold a picture that fills the memory.
            if opened.width * opened.height > MOST_PIXELS:
                return None
            picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return Pixels(picture.width, picture.height, picture.tobytes())


def decode_blurhash(code: str) -> Pixels | None:
    """The blurred placeholder; None for an empty or malformed code."""
    if not code:
        return None
    try:
        return Pixels(
            PLACEHOLDER_SIDE, PLACEHOLDER_SIDE, blurhash.decode(code, PLACEHOLDER_SIDE, PLACEHOLDER_SIDE)
        )
    except ValueError:
        return None


def bytes_of(texture: Texture) -> int:
    """What a texture takes of the graphics memory, its smaller versions included."""
    return int(texture.width * texture.height * 4 * 4 / 3)


def texture_of(pixels: Pixels) -> Texture:
    """Upload a picture; on the UI thread only."""
    texture = Texture.create(size=(pixels.width, pixels.height), colorfmt="rgba", mipmap=True)
    texture.blit_buffer(pixels.content, colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


def _read_at_most(answer: httpx.Response, limit: int) -> bytes | None:
    """The body, or None when it is longer than `limit`: no picture of ours is."""
    content = bytearray()
    for chunk in answer.iter_bytes():
        content += chunk
        if len(content) > limit:
            return None
    return bytes(content)


def _nothing() -> None:
    """There is nothing to cancel: the picture was at hand."""
