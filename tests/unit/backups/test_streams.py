"""Streams that are cut anywhere mean the same."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from itertools import pairwise
from random import Random

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.backups.errors import Damaged
from worker.backups.streams import ContentTally, DocumentSplitter, Gunzip, Limited, Pulled, Pushed, gzipped

documents = st.lists(
    st.dictionaries(
        st.text(st.characters(blacklist_characters="\0", codec="utf-8"), max_size=5), st.binary(max_size=40)
    ).map(bson.encode),
    max_size=12,
)


def cut(content: bytes, places: list[int]) -> list[bytes]:
    """`content` in pieces."""
    edges = [0, *sorted(place % (len(content) + 1) for place in places), len(content)]
    return [content[start:end] for start, end in pairwise(edges)]


cuts = st.lists(st.integers(0, 10_000), max_size=8)


@given(documents, cuts)
def test_documents_are_found_however_the_stream_is_cut(every: list[bytes], places: list[int]) -> None:
    splitter = DocumentSplitter()
    found = [document for piece in cut(b"".join(every), places) for document in splitter.feed(piece)]
    splitter.close()
    assert found == every


@given(documents.filter(bool), st.integers(1, 4))
def test_a_document_without_its_end_is_found(every: list[bytes], missing: int) -> None:
    splitter = DocumentSplitter()
    splitter.feed(b"".join(every)[:-missing])
    with pytest.raises(Damaged, match="the last document is not whole"):
        splitter.close()


@pytest.mark.parametrize("size", [0, 4, 0x7FFFFFFF, 0xFFFFFFFF])
def test_what_is_no_document_is_found(size: int) -> None:
    with pytest.raises(Damaged, match="something among the documents"):
        DocumentSplitter().feed(size.to_bytes(4, "little") + bytes(8))


@given(st.lists(st.binary(max_size=50), max_size=8), cuts)
def test_what_was_compressed_comes_back(chunks: list[bytes], places: list[int]) -> None:
    compressed = b"".join(gzipped(chunks))
    assert gzip.decompress(compressed) == b"".join(chunks)
    gunzip = Gunzip()
    inflated = [piece for part in cut(compressed, places) for piece in gunzip.feed(part)]
    assert b"".join(inflated) == b"".join(chunks)
    gunzip.close()


@pytest.mark.parametrize("spoil", [lambda sealed: sealed[:-1], lambda sealed: sealed + b"x", lambda _: b""])
def test_compressed_data_that_end_elsewhere_are_found(spoil: Callable[[bytes], bytes]) -> None:
    gunzip = Gunzip()
    list(gunzip.feed(spoil(b"".join(gzipped([b"content"])))))
    with pytest.raises(Damaged, match="do not end where they should"):
        gunzip.close()


@given(documents, st.randoms(use_true_random=False))
def test_the_order_of_documents_does_not_count_and_everything_else_does(
    every: list[bytes], random: Random
) -> None:
    shuffled = list(every)
    random.shuffle(shuffled)
    one, other, more = ContentTally(), ContentTally(), ContentTally()
    one.add(every)
    other.add(shuffled)
    more.add([*every, b"one more"])
    assert (one.documents, one.content) == (other.documents, other.content)
    assert more.content != one.content


@given(st.lists(st.binary(max_size=20), max_size=8), st.integers(1, 30))
def test_what_is_pulled_is_all_there_is(chunks: list[bytes], size: int) -> None:
    pulled, read = Pulled(chunks), []
    while part := pulled.read(size):
        assert len(part) <= size
        read.append(part)
    assert b"".join(read) == b"".join(chunks)
    assert pulled.sum.bytes == sum(map(len, chunks))


def test_what_says_much_in_few_bytes_comes_in_small_pieces() -> None:
    compressed, gunzip = b"".join(gzipped([bytes(5_000_000)])), Gunzip()
    assert len(compressed) < 10_000
    pieces = [len(piece) for piece in gunzip.feed(compressed)]
    gunzip.close()
    assert sum(pieces) == 5_000_000
    assert max(pieces) < 500_000


def test_no_more_is_handed_on_than_there_should_be() -> None:
    taken: list[bytes] = []
    limited = Limited(5, taken.append)
    limited.add(b"abc")
    limited.add(b"de")
    with pytest.raises(Damaged, match="more in it than the 5 bytes"):
        limited.add(b"f")
    assert taken == [b"abc", b"de"]


def test_nothing_is_pushed_on_after_a_failure() -> None:
    taken: list[bytes] = []

    def take(chunk: bytes) -> None:
        taken.append(chunk)
        raise Damaged(chunk.decode())

    pushed = Pushed(take)
    for chunk in (b"first", b"second"):
        with pytest.raises(Damaged, match="first"):
            pushed.write(chunk)
    assert taken == [b"first"]
    assert str(pushed.failure) == "first"
