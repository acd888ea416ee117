"""Writing an archive: what goes in comes out, also where nobody can seek."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from backend.compliance.exports.archive import Archive

pytestmark = pytest.mark.compliance

ABOUT = {"export_id": "e", "user_id": "u", "created_at": "2026-11-23T18:00:00.000Z"}


class Pipe(io.RawIOBase):
    """Takes bytes and gives none back, as an upload does."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, block: Any) -> int:
        self.taken += block
        return len(block)


def test_what_was_added_is_read_back() -> None:
    pipe = Pipe()
    with Archive(pipe) as archive:
        assert archive.add_records("profile", iter([{"display_name": "Zo\u00eb"}])) == 1
        assert archive.add_records("swipes", ({"n": n} for n in range(3))) == 3
        assert archive.add_records("messages", iter([])) == 0
        archive.add_text("README.txt", "Zo\u00eb's")
        archive.add_picture("pictures/a.webp", b"picture")
        archive.add_manifest(ABOUT)
    with zipfile.ZipFile(io.BytesIO(pipe.taken)) as read:
        assert read.testzip() is None
        swipes, messages = json.loads(read.read("swipes.json")), json.loads(read.read("messages.json"))
        assert json.loads(read.read("profile.json"))["records"] == [{"display_name": "Zo\u00eb"}]
        assert read.read("README.txt").decode() == "Zo\u00eb's"
        assert read.read("pictures/a.webp") == b"picture"
        manifest = json.loads(read.read("manifest.json"))
        assert {member.external_attr >> 16 for member in read.infolist()} == {0o600}
    assert swipes["records"] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert messages["records"] == []
    for part in (swipes, messages, manifest):
        assert (part["schema"], part["schema_version"]) == ("dindin-export", 1)
    assert (swipes["kind"], manifest["export_id"]) == ("swipes", "e")
    assert manifest["files"] == [
        {"name": "profile.json", "records": 1},
        {"name": "swipes.json", "records": 3},
        {"name": "messages.json", "records": 0},
    ]


def test_a_long_history_leaves_while_it_is_read() -> None:
    """Counted in bytes that arrived: the memory of this process is also what its other threads take."""
    pipe, chance, record_bytes, count = Pipe(), random.Random(5), 256, 8_000
    behind = []

    def records() -> Iterator[dict[str, str]]:
        for taken in range(count):
            behind.append(taken * record_bytes - len(pipe.taken))  # random bytes cannot be packed smaller
            yield {"note": chance.randbytes(record_bytes).hex()}

    with Archive(pipe) as archive:
        assert archive.add_records("swipes", records()) == count
    assert len(pipe.taken) > count * record_bytes
    assert max(behind) < 128 * 1024  # all of it would be two megabytes
