"""Pictures for the screens: network and disk on threads of their own, textures on the UI thread.

A picture is asked for with its blurhash. What is shown first is whatever is at hand: the texture in memory, else the
decoded blurhash, and soon after the picture from disk or from the server. Nothing here ever blocks a frame.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import blurhash
import httpx
from kivy.graphics.texture import Texture
from PIL import Image, UnidentifiedImageError

log = logging.getLogger(__name__)

CACHE_BYTES = 48 * 1024 * 1024
PICTURE_BYTES = 4 * 1024 * 1024
LONGEST_SIDE = 1024
PLACEHOLDER_SIDE = 32
TEXTURES = 48
# The server's pictures do not change under one name; asking again once a day costs a 304.
FRESH_SECONDS = 24 * 3600.0

Post = Callable[[Callable[[], None]], None]
Show = Callable[[Texture], None]


@dataclass(frozen=True, slots=True)
class Pixels:
    """A decoded picture, RGBA, rows from the top."""

    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture file from the cache and what the server called this version of it."""

    content: bytes
    etag: str
    fresh: bool


class DiskCache:
    """Picture files under `folder`, at most `limit` bytes of them: the longest unused go first."""

    def __init__(self, folder: Path, limit: int = CACHE_BYTES, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._limit = limit
        self._now = now

    def get(self, url: str) -> Stored | None:
        """The stored picture, or None; a damaged entry counts as none."""
        picture, note = self._paths(url)
        try:
            content = picture.read_bytes()
            facts = json.loads(note.read_text("utf-8"))
            picture.touch()
            return Stored(content, str(facts["etag"]), self._now() - float(facts["at"]) < FRESH_SECONDS)
        except (OSError, ValueError, KeyError):
            return None

    def put(self, url: str, content: bytes, etag: str) -> None:
        """Keep a picture; a full or read-only disk is no reason not to show it."""
        picture, note = self._paths(url)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for path, filling in ((picture, content), (note, self._note(etag))):
                half_written = path.with_suffix(path.suffix + ".part")
                half_written.write_bytes(filling)
                half_written.replace(path)
            self._prune()
        except OSError as error:
            log.warning("A picture could not be cached in %s: %s", self._folder, error)

    def confirm(self, url: str, etag: str) -> None:
        """The server says that the stored version is still the right one."""
        try:
            self._paths(url)[1].write_bytes(self._note(etag))
        except OSError as error:
            log.warning("A cached picture's date could not be renewed in %s: %s", self._folder, error)

    def _note(self, etag: str) -> bytes:
        return json.dumps({"etag": etag, "at": self._now()}).encode()

    def _paths(self, url: str) -> tuple[Path, Path]:
        name = hashlib.sha256(url.encode()).hexdigest()[:32]
        return self._folder / f"{name}.picture", self._folder / f"{name}.json"

    def _prune(self) -> None:
        files = sorted(
            ((path.stat().st_mtime, path.stat().st_size, path) for path in self._folder.glob("*.picture")),
            reverse=True,
        )
        kept = 0
        for _, size, path in files:
            kept += size
            if kept > self._limit:
                path.unlink(missing_ok=True)
                path.with_suffix(".json").unlink(missing_ok=True)


class PictureLoader:
    """Answers the widgets' requests for pictures (see `client.widgets.picture.Pictures`).

    `post` runs a function on the UI thread. Relative addresses are the server's, at `base_url`.
    """

    def __init__(self, base_url: str, cache: DiskCache, post: Post) -> None:
        self._base_url = base_url.rstrip("/") + "/"
        self._cache = cache
        self._post = post
        # A proxy for the world outside cannot reach a server on this machine.
        direct = {f"all://{host}": None for host in ("127.0.0.1", "localhost", "[::1]")}
        self._http = httpx.Client(timeout=10.0, mounts=direct)
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")
        self._textures: OrderedDict[str, Texture] = OrderedDict()

    def request(self, url: str, placeholder: str, show: Show) -> Callable[[], None]:
        """See `client.widgets.picture.Pictures.request`."""
        address = urljoin(self._base_url, url) if url else ""
        known = self._textures.get(address)
        if known is not None:
            self._textures.move_to_end(address)
            show(known)
            return _nothing
        request = _Request(address, placeholder, show)
        self._pool.submit(self._serve, request)
        return request.cancel

    def close(self) -> None:
        """Stop; requests that wait are dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._http.close()

    def _serve(self, request: _Request) -> None:
        if request.cancelled:
            return
        try:
            placeholder = decode_blurhash(request.placeholder)
            if placeholder is not None:
                self._post(lambda: request.give(texture_of(placeholder)))
            pixels = self._find(request.address) if request.address else None
        except Exception:
            # A picture is never worth a crash; the placeholder stays, and the log says why.
            log.exception("The picture %s could not be loaded", request.address)
            return
        if pixels is not None:
            self._post(lambda: self._deliver(request, pixels))

    def _deliver(self, request: _Request, pixels: Pixels) -> None:
        texture = self._textures.get(request.address)
        if texture is None:
            texture = texture_of(pixels)
            texture.min_filter = "linear_mipmap_linear"
            self._textures[request.address] = texture
            while len(self._textures) > TEXTURES:
                self._textures.popitem(last=False)
        request.give(texture)

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
        try:
            with self._http.stream("GET", address, headers=headers) as answer:
                etag = answer.headers.get("ETag", "")
                if answer.status_code == httpx.codes.NOT_MODIFIED:
                    self._cache.confirm(address, etag)
                    return old
                if answer.status_code != httpx.codes.OK:
                    return old
                content = _read_at_most(answer, PICTURE_BYTES)
        except httpx.HTTPError as error:
            log.info("The picture %s is not to be had now: %s", address, error)
            return old
        if content is not None:
            self._cache.put(address, content, etag)
        return content


class _Request:
    """One widget's wish for one picture; `cancel` may be called from the UI thread at any time."""

    def __init__(self, address: str, placeholder: str, show: Show) -> None:
        self.address = address
        self.placeholder = placeholder
        self.cancelled = False
        self._show = show

    def cancel(self) -> None:
        self.cancelled = True

    def give(self, texture: Texture) -> None:
        if not self.cancelled:
            self._show(texture)


def decode_picture(content: bytes) -> Pixels | None:
    """Decode any format Pillow knows; None when it is none. Longest side at most `LONGEST_SIDE`."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
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
        picture = blurhash.decode(code, PLACEHOLDER_SIDE, PLACEHOLDER_SIDE).convert("RGBA")
    except (ValueError, blurhash.BlurhashDecodeError):
        return None
    return Pixels(picture.width, picture.height, picture.tobytes())


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
