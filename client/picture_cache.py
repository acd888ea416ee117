"""Picture files on disk, so that no picture is fetched twice, within a bound."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

CACHE_BYTES = 48 * 1024 * 1024
# The server's pictures do not change under one name; asking again once a day costs a 304.
FRESH_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture file from the cache and what the server called this version of it."""

    content: bytes
    etag: str
    fresh: bool


class DiskCache:
    """Picture files under `folder`, at most `limit` bytes of them: the longest unused go first. Thread safe."""

    def __init__(self, folder: Path, limit: int = CACHE_BYTES, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._limit = limit
        self._now = now
        self._lock = threading.Lock()
        self._size: int | None = None

    def get(self, url: str) -> Stored | None:
        """The stored picture, or None; a damaged entry counts as none."""
        picture, note = self._paths(url)
        try:
            content = picture.read_bytes()
            facts = json.loads(note.read_text("utf-8"))
            picture.touch()
            return Stored(content, str(facts["etag"]), self._now() - float(facts["at"]) < FRESH_SECONDS)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, url: str, content: bytes, etag: str) -> None:
        """Keep a picture; a full or read-only disk is no reason not to show it."""
        picture, note = self._paths(url)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._lock:
                for path, filling in ((picture, content), (note, self._note(etag))):
                    half_written = path.with_suffix(path.suffix + ".part")
                    half_written.write_bytes(filling)
                    half_written.replace(path)
                # More than it is where a picture took the place of an older one, until the next look at the folder.
                self._size = None if self._size is None else self._size + len(content)
                if self._size is None or self._size > self._limit:
                    self._size = self._prune()
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

    def _prune(self) -> int:
        """Delete what is too much; how many bytes of pictures are left."""
        files = sorted(
            ((path.stat().st_mtime, path.stat().st_size, path) for path in self._folder.glob("*.picture")),
            reverse=True,
        )
        kept = 0
        for _, size, path in files:
            kept += size
            if kept > self._limit:
                kept -= size
                path.unlink(missing_ok=True)
                path.with_suffix(".json").unlink(missing_ok=True)
        return kept
