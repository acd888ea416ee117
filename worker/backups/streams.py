"""Bytes on their way: counted and summed while they pass, pulled from chunks or pushed on, never held whole."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from worker.backups.errors import Damaged

_GZIP = 16 + zlib.MAX_WBITS
_READ_BYTES = 1 << 18
_INFLATED_BYTES = 1 << 18
# MongoDB's limit for a document, and what it adds to that for its own.
_LARGEST_DOCUMENT = (16 << 20) + (16 << 10)
_SMALLEST_DOCUMENT = 5
_SIZE_BYTES = 4


class Sum:
    """How many bytes passed, and their SHA-256."""

    def __init__(self) -> None:
        self.bytes = 0
        self._hash = hashlib.sha256()

    def add(self, chunk: bytes) -> None:
        """Take note of one chunk."""
        self.bytes += len(chunk)
        self._hash.update(chunk)

    @property
    def sha256(self) -> str:
        """In hexadecimal."""
        return self._hash.hexdigest()


class Counted:
    """Chunks, counted while they pass."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.bytes += len(chunk)
            yield chunk


class Pulled:
    """Chunks as a file to read from. What went wrong with them is kept: pyrage passes on only its text."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")
        self.sum = Sum()
        self.failure: BaseException | None = None

    def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; none at the end."""
        try:
            while not self._rest:
                chunk = next(self._chunks, None)
                if chunk is None:
                    return b""
                self.sum.add(chunk)
                self._rest = memoryview(chunk)
        except BaseException as failure:
            self.failure = failure
            raise
        given, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return given


class Pushed:
    """A file to write to that hands on what it gets, up to the first failure, which is kept as in `Pulled`."""

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self.sum = Sum()
        self.failure: BaseException | None = None

    def write(self, chunk: bytes) -> int:
        """Hand on all of `chunk`."""
        if self.failure is not None:  # pyrage flushes what it still has
            raise self.failure
        try:
            self.sum.add(chunk)
            self._take(chunk)
        except BaseException as failure:
            self.failure = failure
            raise
        return len(chunk)

    def flush(self) -> None:
        """Nothing is held back."""


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """A file, chunk by chunk."""
    while chunk := file.read(_READ_BYTES):
        yield chunk


def gzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks, compressed. The same chunks give the same bytes: no time is written."""
    compressor = zlib.compressobj(wbits=_GZIP)
    for chunk in chunks:
        if compressed := compressor.compress(chunk):
            yield compressed
    yield compressor.flush()


class Gunzip:
    """Undoes `gzipped`, chunk by chunk, in small pieces: a few bytes can be made to mean millions."""

    def __init__(self) -> None:
        self._decompressor = zlib.decompressobj(wbits=_GZIP)

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """What this chunk completes, as it is asked for."""
        while chunk:
            try:
                piece = self._decompressor.decompress(chunk, _INFLATED_BYTES)
            except zlib.error:
                raise Damaged("what was decrypted is not compressed by gzip") from None
            if piece:
                yield piece
            chunk = self._decompressor.unconsumed_tail

    def close(self) -> None:
        """Raise Damaged unless it ended where it should."""
        if not self._decompressor.eof or self._decompressor.unused_data:
            raise Damaged("the compressed data do not end where they should")


class Limited:
    """Hands chunks on as long as they are not more than there should be."""

    def __init__(self, most: int | None, take: Callable[[bytes], object]) -> None:
        """`most`: bytes; None where nobody knows."""
        self.bytes = 0
        self._most = most
        self._take = take

    def add(self, chunk: bytes) -> None:
        """Hand one on.

        Raises:
            Damaged: with it there are too many bytes; it is not handed on.
        """
        self.bytes += len(chunk)
        if self._most is not None and self.bytes > self._most:
            raise Damaged(f"there is more in it than the {self._most:,} bytes that the manifest tells of")
        self._take(chunk)


class DocumentSplitter:
    """Finds the BSON documents in a stream of them."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The documents that this chunk completes."""
        data, start, documents = self._rest + chunk, 0, []
        while len(data) - start >= _SIZE_BYTES:
            size = int.from_bytes(data[start : start + _SIZE_BYTES], "little")
            if not _SMALLEST_DOCUMENT <= size <= _LARGEST_DOCUMENT:
                raise Damaged("there is something among the documents that is none")
            if len(data) - start < size:
                break
            documents.append(data[start : start + size])
            start += size
        self._rest = data[start:]
        return documents

    def close(self) -> None:
        """Raise Damaged if a document lacks its end."""
        if self._rest:
            raise Damaged("the last document is not whole")


@dataclass
class ContentTally:
    """What a collection holds, in whatever order it is read.

    The documents' SHA-256 are added up: it is for comparing a collection with what it was, not against forgery (the
    manifest's own authentication is).
    """

    documents: int = 0
    _sum: int = field(default=0, repr=False)

    def add(self, documents: Iterable[bytes]) -> None:
        """Take note of documents, as BSON."""
        for document in documents:
            self.documents += 1
            self._sum += int.from_bytes(hashlib.sha256(document).digest(), "big")

    @property
    def content(self) -> str:
        """In hexadecimal; equal for equal documents, whatever their order."""
        return (self._sum % (1 << 256)).to_bytes(32, "big").hex()
