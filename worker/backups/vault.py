"""Where backups lie, and what opens them. Everything that reads or writes one goes through here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Self

from backend.config import Settings
from backend.config_checks import backup_keys_of
from backend.infra.keys import Ledger, ledger_of
from backend.infra.storage import Storage, backup_storage_of
from worker.backups import layout
from worker.backups.errors import BackupError, Damaged
from worker.backups.manifest import FileEntry, Manifest
from worker.backups.sealing import BackupKeys
from worker.backups.streams import Counted, Gunzip, Limited, Sum, chunks_of, gzipped


class Vault:
    """The backups of one database."""

    def __init__(self, database: str, storage: Storage, keys: BackupKeys, ledger: Ledger) -> None:
        self.database = database
        self.keys = keys
        self._storage = storage
        self._ledger = ledger

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The one that the settings describe.

        Raises:
            BackupError: BACKUP_KEYS is missing or malformed.
        """
        keys = BackupKeys.read(backup_keys_of(settings))
        return cls(settings.database_name, backup_storage_of(settings), keys, ledger_of(settings))

    def begun(self) -> dict[str, bool]:
        """Every backup of this database that was begun, oldest first, and whether it is complete."""
        found: dict[str, bool] = {}
        for file in self._storage.names(""):
            name, _, inside = file.partition("/")
            if inside and layout.moment_of(name, self.database):
                found[name] = found.get(name, False) or inside == layout.MANIFEST
        return dict(sorted(found.items()))

    def complete(self) -> list[str]:
        """The names of complete backups, oldest first."""
        return [name for name, is_complete in self.begun().items() if is_complete]

    def latest(self) -> str:
        """The newest complete backup.

        Raises:
            BackupError: there is none.
        """
        names = self.complete()
        if not names:
            raise BackupError(
                f"There is no backup of {self.database} in {self._storage.url}. `make backup` makes one."
            )
        return names[-1]

    def begin(self, moment: datetime) -> str:
        """The name of a backup begun at `moment`. It is noted there: what remains of a killed attempt can be found.

        Raises:
            BackupError: another was begun in the same second.
        """
        name = layout.backup_name(self.database, moment)
        if self._storage.names(name):
            raise BackupError(f"{name} has been begun by another process in this second: begin again.")
        self._storage.write(f"{name}/{layout.BEGUN}", b"")
        return name

    def seal(self, name: str, chunks: Iterable[bytes]) -> FileEntry:
        """Write one file: compressed, encrypted."""
        content = Counted(chunks)
        with self._storage.writing(name) as file:
            sums = self.keys.seal(gzipped(content), file)
        return FileEntry.of(name, content.bytes, sums)

    def unseal(self, entry: FileEntry, take: Callable[[bytes], object]) -> None:
        """Hand what is in a file to `take`, chunk by chunk, decrypted and inflated.

        Anybody may encrypt to us: of a file that was forged, no more is handed on than of the one in the manifest.

        Raises:
            BackupError: the key for it is missing.
            Damaged: it is not what it was. `take` may have had a beginning of what is there, and may itself raise this.
        """
        if entry.content_bytes is None:
            self.check_sealed(entry)  # nothing tells how much may come out of it
        inflated = Limited(entry.content_bytes, take)
        gunzip = Gunzip()

        def inflate(chunk: bytes) -> None:
            for piece in gunzip.feed(chunk):
                inflated.add(piece)

        try:
            with self._storage.open(entry.name) as file:
                sums = self.keys.unseal(file, Limited(entry.plain_bytes, inflate).add)
            gunzip.close()
        except FileNotFoundError:
            raise Damaged(f"{entry.name}: it is missing") from None
        except Damaged as damaged:
            raise Damaged(f"{entry.name}: {damaged}") from None
        except BackupError as refused:
            raise BackupError(f"{entry.name}: {refused}") from None
        content_bytes = None if entry.content_bytes is None else inflated.bytes
        if FileEntry.of(entry.name, content_bytes, sums) != entry:
            raise Damaged(f"{entry.name}: it is not the file that the manifest tells of")

    def whole(self, entry: FileEntry) -> bytes:
        """A small file, decrypted and inflated."""
        parts: list[bytes] = []
        self.unseal(entry, parts.append)
        return b"".join(parts)

    def seal_manifest(self, manifest: Manifest) -> None:
        """Make the backup a complete one."""
        self._storage.write(f"{manifest.name}/{layout.MANIFEST}", manifest.signed(self._ledger))
        self._storage.delete(f"{manifest.name}/{layout.BEGUN}")

    def manifest(self, name: str) -> Manifest:
        """What a backup holds.

        Raises:
            BackupError: there is no such backup.
            Damaged: its manifest is not what it was.
        """
        try:
            stored = self._storage.read(f"{name}/{layout.MANIFEST}")
        except FileNotFoundError:
            raise BackupError(
                f"There is no complete backup {name!r} in {self._storage.url}. `python -m worker backups` lists them."
            ) from None
        return Manifest.verified(stored, name, self._ledger)

    def check_sealed(self, entry: FileEntry) -> None:
        """Compare a file with the manifest as it lies there, without opening it.

        Raises:
            Damaged: it is missing or not what it was.
        """
        found = Sum()
        try:
            with self._storage.open(entry.name) as file:
                for chunk in chunks_of(file):
                    found.add(chunk)
        except FileNotFoundError:
            raise Damaged(f"{entry.name}: it is missing") from None
        if (found.bytes, found.sha256) != (entry.sealed_bytes, entry.sealed_sha256):
            raise Damaged(f"{entry.name}: it is not the file that the manifest tells of")

    def delete(self, name: str) -> None:
        """Delete a backup. Its manifest goes first: what is half deleted is no backup."""
        self._storage.delete(f"{name}/{layout.MANIFEST}")
        self._storage.delete_folder(name)
