"""What a backup holds. Written last, and authenticated: without a good manifest there is no backup."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from backend.infra.keys import Ledger
from worker.backups.errors import Damaged
from worker.backups.sealing import Sums

_PURPOSE = "backup"


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Written):
    """One file: `name` below the backups' folder; sums before encryption (plain) and as it lies there (sealed).

    Attributes:
        content_bytes: how many they were before they were compressed; None in backups older than this figure.
    """

    name: str
    content_bytes: NonNegativeInt | None = None
    plain_bytes: NonNegativeInt
    plain_sha256: str
    sealed_bytes: NonNegativeInt
    sealed_sha256: str

    @classmethod
    def of(cls, name: str, content_bytes: int | None, sums: Sums) -> FileEntry:
        """The entry of a file that has just been written."""
        return cls(
            name=name,
            content_bytes=content_bytes,
            plain_bytes=sums.plain.bytes,
            plain_sha256=sums.plain.sha256,
            sealed_bytes=sums.sealed.bytes,
            sealed_sha256=sums.sealed.sha256,
        )


class CollectionEntry(_Written):
    """One collection; `content` is its `ContentTally`."""

    name: str
    documents: NonNegativeInt
    content: str
    documents_file: FileEntry
    metadata_file: FileEntry


class Manifest(_Written):
    """A whole backup.

    Attributes:
        taken_at: the machine's time just before the database's moment that it holds.
        left_out: views; they hold nothing of their own.
    """

    format: Literal[1] = 1
    name: str
    database: str
    taken_at: datetime
    server_version: str
    collections: tuple[CollectionEntry, ...]
    left_out: tuple[str, ...] = ()

    @property
    def files(self) -> list[FileEntry]:
        """Every file but the manifest's own."""
        return [file for entry in self.collections for file in (entry.documents_file, entry.metadata_file)]

    @property
    def documents(self) -> int:
        """In all collections."""
        return sum(entry.documents for entry in self.collections)

    @property
    def sealed_bytes(self) -> int:
        """What it takes where it lies."""
        return sum(file.sealed_bytes for file in self.files)

    def signed(self, ledger: Ledger) -> bytes:
        """As it is stored: readable JSON, and a keyed digest of it."""
        content = self.model_dump(mode="json")
        digest = ledger.digest(_PURPOSE, _canonical(content)).hex()
        return json.dumps({"manifest": content, "digest": digest}, indent=1).encode() + b"\n"

    @classmethod
    def verified(cls, stored: bytes, name: str, ledger: Ledger) -> Manifest:
        """Read what `signed` made.

        Args:
            name: of the backup it was found in. Another's manifest is refused.

        Raises:
            Damaged: it was changed, or made under another LEDGER_KEY.
        """
        try:
            read = json.loads(stored)
            content, digest = read["manifest"], bytes.fromhex(read["digest"])
        except (ValueError, TypeError, KeyError):
            raise Damaged(f"{name}: its manifest cannot be read") from None
        if not ledger.verifies(_PURPOSE, _canonical(content), digest):
            raise Damaged(f"{name}: its manifest was changed, or was made under another LEDGER_KEY")
        try:
            manifest = cls.model_validate(content)
        except ValidationError:
            raise Damaged(f"{name}: its manifest is of a version that this program does not know") from None
        if manifest.name != name:
            raise Damaged(f"{name}: its manifest is that of {manifest.name}")
        return manifest


def _canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
