"""How cached documents lie in Valkey, and that nothing else is taken for one."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from backend.infra.cache_entries import (
    ABSENT,
    Broken,
    body_in,
    body_of,
    document_of,
    entry_of,
    new_stamp,
)

DOCUMENT = {
    "_id": ObjectId(),
    "title": "Käsespätzle",
    "at": datetime(2026, 11, 23, 17, 5, tzinfo=UTC),
    "minutes": 25,
    "rating": 4.5,
    "tags": ["vegetarian", None],
    "picture": {"name": "käse", "digest": b"\x00\xff"},
}


def test_a_document_comes_back_as_mongodb_gave_it() -> None:
    stamp = new_stamp()
    body = body_in(entry_of(stamp, body_of(DOCUMENT)), stamp)
    assert body is not None
    assert document_of(body) == DOCUMENT


def test_that_there_is_none_comes_back_too() -> None:
    stamp = new_stamp()
    body = body_in(entry_of(stamp, body_of(None)), stamp)
    assert body == ABSENT
    assert document_of(body) is None


def test_an_entry_of_an_earlier_stamp_holds_nothing() -> None:
    assert body_in(entry_of(new_stamp(), body_of(DOCUMENT)), new_stamp()) is None


def test_every_changed_byte_and_every_missing_one_is_noticed() -> None:
    stamp = new_stamp()
    entry = entry_of(stamp, body_of(DOCUMENT))
    for place in range(len(entry)):
        changed = entry[:place] + bytes([entry[place] ^ 1]) + entry[place + 1 :]
        for broken in (changed, entry[:place]):
            with suppress(Broken):
                assert body_in(broken, stamp) is None, place


@pytest.mark.parametrize("body", [b"\x05", b"not BSON at all", body_of(DOCUMENT)[:-1]])
def test_what_is_no_document_is_broken(body: bytes) -> None:
    with pytest.raises(Broken):
        document_of(body)
