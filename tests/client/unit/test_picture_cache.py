"""What is kept of pictures on disk (docs/product.md K7)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from client.picture_cache import DiskCache


def test_the_cache_stays_within_its_limit_and_keeps_what_is_used(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, limit=250)
    cache.put("a", bytes(100), "")
    cache.put("b", bytes(100), "")
    _grow_old(tmp_path)
    assert cache.get("a") is not None  # reading makes it young again
    cache.put("c", bytes(100), "")
    assert (cache.get("a") is None, cache.get("b") is None, cache.get("c") is None) == (False, True, False)


def _grow_old(folder: Path) -> None:
    for path in folder.glob("*.picture"):
        os.utime(path, (1, 1))


@pytest.mark.parametrize("note", ["{", "[]", "1", '{"etag": "one", "at": null}'])
def test_a_damaged_entry_counts_as_none(tmp_path: Path, note: str) -> None:
    cache = DiskCache(tmp_path)
    cache.put("a", b"picture", '"one"')
    next(tmp_path.glob("*.json")).write_text(note)
    assert cache.get("a") is None


def test_a_disk_that_takes_nothing_is_no_reason_to_fail(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    cache = DiskCache(blocked)
    cache.put("a", b"picture", "")
    assert cache.get("a") is None
