"""Writing an export's ZIP: streamed, so that a long history takes no memory, and whole or not there at all."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

SCHEMA = "dindin-export"
SCHEMA_VERSION = 1
PARTIAL_SUFFIX = ".part"

_README = """\
Your data in DinDin
===================

Made at {created_at} for {display_name} <{email}>.

profile.json      your account: address, name, role, tier, since when
identities.json   accounts elsewhere through which you log in
preferences.json  what you told DinDin you like and cannot eat
log_ins.json      where and when you logged in, as far as that is still known
groups.json       the groups you are in, and since when
notifications.json  what you were told, and when you read it
sessions.json     the sessions you took part in, as you saw them
swipes.json       every card you swiped: right = like, left = dislike, up = skip, undo = the last one taken back
messages.json     what you wrote in sessions
feedback.json     whether you said that you cooked it, or went there
manifest.json     what is in this archive, for programs (schema version {version})

What other people swiped is theirs and is not in here. Neither are passwords and tokens:
DinDin keeps no password, only a value that cannot be turned back into one.
Times are UTC. The files are JSON in UTF-8; any text editor opens them.
"""


class Archive:
    """A ZIP being written beside its final place. Use as a context manager: only a clean end puts it there."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._partial = target.with_name(f"{target.stem}.{uuid4().hex}{PARTIAL_SUFFIX}")
        self._contents: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        try:
            self._zip.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            if failed is None:
                self._partial.replace(self._target)
        finally:
            self._file.close()
            with suppress(FileNotFoundError):
                self._partial.unlink()

    def add_object(self, name: str, value: dict[str, Any]) -> None:
        """Add one JSON object."""
        self._add_text(name, json.dumps(value, ensure_ascii=False, indent=2) + "\n")
        self._contents.append({"name": name, "records": 1})

    def add_list(self, name: str, records: Iterable[dict[str, Any]]) -> None:
        """Add a JSON array, record by record."""
        count = 0
        with self._zip.open(name, "w") as part:
            part.write(b"[")
            for record in records:
                separator = ",\n" if count else "\n"
                part.write(f"{separator}{json.dumps(record, ensure_ascii=False)}".encode())
                count += 1
            part.write(b"\n]\n")
        self._contents.append({"name": name, "records": count})

    def close_with_manifest(self, about: dict[str, Any], email: str, display_name: str) -> None:
        """Add the two files that say what the others are."""
        self._add_text(
            "README.txt",
            _README.format(
                created_at=about["created_at"], display_name=display_name, email=email, version=SCHEMA_VERSION
            ),
        )
        manifest = {"schema": SCHEMA, "schema_version": SCHEMA_VERSION, **about, "files": self._contents}
        self._add_text("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")

    def _add_text(self, name: str, text: str) -> None:
        self._zip.writestr(name, text)
