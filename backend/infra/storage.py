"""Files that outlive a process and are shared by all of them: in a folder, or in a bucket that speaks S3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any, NewType
from urllib.parse import urlsplit
from uuid import uuid4

import fsspec

from backend.config import Settings

PARTIAL_SUFFIX = ".part"
_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600


class Storage:
    """Files by name; names are relative and use `/`. A file is there whole or not at all."""

    def __init__(self, url: str, settings: Settings) -> None:
        """Use `url`: a folder, or s3://bucket/prefix. Nothing is contacted yet."""
        self.url = url
        self._settings = settings
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
        self._files.invalidate_cache()
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
        """Delete a file; harmless where there is none."""
        with suppress(FileNotFoundError):
            self._files.rm_file(f"{self._root}/{name}")

    @cached_property
    def _files(self) -> Any:  # fsspec has no hints
        if not self._is_bucket:
            return fsspec.filesystem("file")
        settings = self._settings
        return fsspec.filesystem(
            "s3",
            key=settings.s3_access_key or None,
            secret=settings.s3_secret_key.get_secret_value() or None,
            endpoint_url=settings.s3_endpoint or None,
            client_kwargs={"region_name": settings.s3_region} if settings.s3_region else {},
            use_listings_cache=False,
            skip_instance_cache=True,
        )

    @contextmanager
    def _upload(self, path: str) -> Iterator[IO[bytes]]:
        """A bucket shows an object when its upload is complete."""
        file = self._files.open(path, "wb", autocommit=False)
        try:
            yield file
            file.close()
        except BaseException:
            file.discard()
            raise
        file.commit()

    @contextmanager
    def _replacement(self, path: str) -> Iterator[IO[bytes]]:
        """In a folder: written beside its place and then put there. Only our user may read it."""
        target = Path(path)
        target.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        partial = target.with_name(f"{target.name}.{uuid4().hex}{PARTIAL_SUFFIX}")
        try:
            with os.fdopen(
                os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE), "wb"
            ) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)


BackupStorage = NewType("BackupStorage", Storage)


def storage_of(settings: Settings) -> Storage:
    """Where exports, tombstones and checkpoints lie: STORAGE_URL."""
    return Storage(settings.storage_url or str(settings.data_dir.resolve() / "storage"), settings)


def backup_storage_of(settings: Settings) -> BackupStorage:
    """Where backups lie: BACKUP_URL."""
    return BackupStorage(
        Storage(settings.backup_url or str(settings.data_dir.resolve() / "backups"), settings)
    )
