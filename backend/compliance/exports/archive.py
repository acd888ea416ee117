"""The ZIP of an export: written straight through, so that a long history takes no memory."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO, Any, Self

from backend.compliance.exports.published_schema import SCHEMA_NAME, SCHEMA_VERSION

_READABLE_BY_OWNER = 0o600


class Archive:
    """A ZIP being written into a file that need not be able to seek. Use as a context manager."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._records: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add_records(self, kind: str, records: Iterable[dict[str, Any]]) -> int:
        """Add `kind`.json, record by record; how many there were."""
        head = json.dumps({"schema": SCHEMA_NAME, "schema_version": SCHEMA_VERSION, "kind": kind})
        count = 0
        with self._zip.open(_member(f"{kind}.json"), "w", force_zip64=True) as part:
            part.write(f'{head[:-1]}, "records": ['.encode())
            for record in records:
                separator = ",\n" if count else "\n"
                part.write(f"{separator}{json.dumps(record, ensure_ascii=False)}".encode())
                count += 1
            part.write(b"\n]}\n")
        self._records[f"{kind}.json"] = count
        return count

    def add_manifest(self, about: Mapping[str, str]) -> None:
        """Add manifest.json: what this archive is, and which files of records are in it."""
        manifest = {
            "schema": SCHEMA_NAME,
            "schema_version": SCHEMA_VERSION,
            **about,
            "files": [{"name": name, "records": count} for name, count in self._records.items()],
        }
        self.add_text("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")

    def add_text(self, name: str, text: str) -> None:
        """Add a text in UTF-8."""
        self._zip.writestr(_member(name), text)

    def add_picture(self, name: str, content: bytes) -> None:
        """Add a file that is compressed already."""
        self._zip.writestr(_member(name, zipfile.ZIP_STORED), content)


def _member(name: str, compression: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    """A file that only its owner may read once it is unpacked. When it was made, the manifest says."""
    member = zipfile.ZipInfo(name)
    member.compress_type = compression
    member.external_attr = _READABLE_BY_OWNER << 16
    return member
