"""Files that outlive a process and are shared by all of them: in a folder, or in a bucket that speaks S3.

Whatever cannot be read or written raises an OSError: `StoreAway` where it is the bucket's store.
"""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NewType
from urllib.parse import urlsplit
from uuid import uuid4

import fsspec

from backend.config import Settings

if TYPE_CHECKING:
    from backend.infra.bucket import Bucket

PARTIAL_SUFFIX = ".part"
_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600


class StoreAway(OSError):
    """The bucket's store cannot be reached, or refuses us; what it said is for the log."""


class Storage:
    """Files by name; names are relative and use `/`. A file is there whole or not at all."""

    def __init__(self, url: str, settings: Settings) -> None:
        """Use `url`: a folder, or s3://bucket/prefix. Nothing is contacted yet."""
        self.url = url
        self.settings = settings
        self._is_bucket = urlsplit(url).scheme == "s3"
        self._root = url.removeprefix("s3://" if self._is_bucket else "file://").rstrip("/")

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """A file to write to. It appears when the block ends well; of one that did not, nothing stays."""
        writing = self._upload if self._is_bucket else self._replacement
        with writing(f"{self._root}/{name}") as file:
            yield file

    def write(self, name: str, content: bytes) -> None:
        """Write a small file whole."""
        with self.writing(name) as file:
            file.write(content)

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading; whoever takes it closes it. It can be sought in.

        Raises:
            FileNotFoundError: there is none.
        """
        opened: IO[bytes] = self._files.open(f"{self._root}/{name}", "rb")
        return opened

    def read(self, name: str) -> bytes:
        """A small file whole.

        Raises:
            FileNotFoundError: there is none.
        """
        with self.open(name) as file:
            return file.read()

    def size(self, name: str) -> int:
        """Bytes of a file.

        Raises:
            FileNotFoundError: there is none.
        """
        return int(self._files.info(f"{self._root}/{name}")["size"])

    def names(self, folder: str) -> list[str]:
        """The names of all files in a folder and those below it, sorted; none where there is no such folder."""
        found: list[str] = self._files.find(f"{self._root}/{folder}".rstrip("/"))
        return sorted(
            name.removeprefix(f"{self._root}/") for name in found if not name.endswith(PARTIAL_SUFFIX)
        )

    def written_at(self, name: str) -> datetime:
        """When a file was written.

        Raises:
            FileNotFoundError: there is none.
        """
        moment: datetime = self._files.modified(f"{self._root}/{name}")
        return moment.astimezone(UTC)

    def delete(self, name: str) -> None:
        """Delete a file, and what attempts to write it have left; harmless where there is none."""
        with suppress(FileNotFoundError):
            self._files.rm_file(f"{self._root}/{name}")
        for drop, _ in self._unfinished(name):
            drop()

    def delete_unfinished(self, folder: str, before: datetime) -> int:
        """Delete what killed processes have left half-written in a folder since before a moment; how many."""
        old = [drop for drop, since in self._unfinished(f"{folder}/") if since < before]
        for drop in old:
            drop()
        return len(old)

    def delete_folder(self, folder: str) -> None:
        """Delete everything in a folder and below, half-written files as well; harmless where there is none."""
        if self._is_bucket:
            for name in self.names(folder):
                self._files.rm_file(f"{self._root}/{name}")
            for drop, _ in self._unfinished(f"{folder}/"):
                drop()
            return
        with suppress(FileNotFoundError):
            shutil.rmtree(f"{self._root}/{folder}")

    def _unfinished(self, beginning: str) -> Iterator[tuple[Callable[[], object], datetime]]:
        """Half-written files whose names begin so: what deletes each, and since when it is there."""
        if self._is_bucket:
            for path, upload_id, since in list(self._bucket.unfinished(f"{self._root}/{beginning}")):
                yield partial(self._bucket.abort, path, upload_id), since
            return
        folder, _, start = f"{self._root}/{beginning}".rpartition("/")
        for left in Path(folder).glob(f"{glob.escape(start)}*{PARTIAL_SUFFIX}"):
            with suppress(FileNotFoundError):
                yield partial(left.unlink, missing_ok=True), datetime.fromtimestamp(left.stat().st_mtime, UTC)

    @cached_property
    def _bucket(self) -> Bucket:
        # Loaded where there is a bucket: botocore takes long, and most installations use a folder.
        from backend.infra.bucket import Bucket

        return Bucket(self.settings)

    @property
    def _files(self) -> Any:  # fsspec has no hints
        return self._bucket if self._is_bucket else fsspec.filesystem("file")

    @contextmanager
    def _upload(self, path: str) -> Iterator[IO[bytes]]:
        """A bucket shows an object when its upload is complete."""
        file = self._files.open(path, "wb", autocommit=False)
        try:
            yield file
            file.close()
            file.commit()
        except BaseException:
            with suppress(StoreAway):  # what is left of it is deleted later
                file.discard()
            raise

    @contextmanager
    def _replacement(self, path: str) -> Iterator[IO[bytes]]:
        """In a folder: written beside its place and then put there. Only our user may read it."""
        target = Path(path)
        _make_private(target.parent)
        draft = target.with_name(f"{target.name}.{uuid4().hex}{PARTIAL_SUFFIX}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE), "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


def _make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing: `mkdir` gives its mode to the last of them only."""
    for missing in [one for one in (*reversed(folder.parents), folder) if not one.exists()]:
        missing.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)


BackupStorage = NewType("BackupStorage", Storage)


def storage_of(settings: Settings) -> Storage:
    """Where exports, tombstones and checkpoints lie: STORAGE_URL."""
    return Storage(settings.storage_url or str(settings.data_dir.resolve() / "storage"), settings)


def backup_storage_of(settings: Settings) -> BackupStorage:
    """Where backups lie: BACKUP_URL."""
    return BackupStorage(
        Storage(settings.backup_url or str(settings.data_dir.resolve() / "backups"), settings)
    )
