"""Looks for words in everything that an installation keeps, as bytes: nothing that a query would not show escapes.

MongoDB: every document of every collection as raw BSON; ids as bytes and as text. Valkey: every key, and every value of
every type; what is zlib-compressed (RQ's job data) or base64 is unpacked and searched as well. Files: whole, and what
gzip and ZIP archives hold.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from redis import Redis

from backend.infra.mongo import MongoDatabase

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")


class Words:
    """What is looked for. Texts are found in the spelling of JSON as well, ids as bytes and as text."""

    def __init__(
        self,
        texts: Iterable[str] = (),
        ids: Iterable[str | ObjectId] = (),
        pieces: Mapping[str, bytes] | None = None,
    ) -> None:
        """Look for texts, ids, and bytes that are named."""
        self._bytes: dict[bytes, str] = {content: name for name, content in (pieces or {}).items()}
        self._texts: dict[bytes, str] = {}
        for text in texts:
            self._texts[text.encode().lower()] = text
            self._texts[json.dumps(text)[1:-1].encode().lower()] = text
        for one in map(ObjectId, ids):
            self._bytes[one.binary] = f"{one} as bytes"
            self._texts[str(one).encode()] = str(one)

    @property
    def names(self) -> frozenset[str]:
        """What `within` calls them."""
        return frozenset([*self._bytes.values(), *self._texts.values()])

    def within(self, content: bytes) -> set[str]:
        """Which of them these bytes hold; texts in any case, for bytes have none."""
        lowered = content.lower()
        return {name for piece, name in self._bytes.items() if piece in content} | {
            name for text, name in self._texts.items() if text in lowered
        }


def find_everywhere(
    words: Words, database: MongoDatabase, valkey: Redis, folders: Iterable[Path]
) -> list[str]:
    """Every place in which one of the words is, with the word; for a message that people read."""
    return [
        *find_in_mongo(words, database),
        *find_in_valkey(words, valkey),
        *find_in_files(words, folders),
    ]


def find_in_mongo(words: Words, database: MongoDatabase) -> Iterator[str]:
    """Every collection, whatever knows of it."""
    for name in sorted(database.list_collection_names()):
        raw = database.get_collection(name).with_options(
            codec_options=database.codec_options.with_options(document_class=RawBSONDocument)
        )
        for document in cast("Iterable[RawBSONDocument]", raw.find()):
            for word in words.within(bytes(document.raw)):
                yield f"MongoDB {name} {document['_id']}: {word}"


def find_in_valkey(words: Words, valkey: Redis) -> Iterator[str]:
    """Every key there is: what other installations keep in the same Valkey cannot hold the words."""
    for key in valkey.scan_iter(count=1000):
        shown = cast(bytes, key).decode(errors="replace")
        for content in (cast(bytes, key), *_values(valkey, cast(bytes, key))):
            for word in words.within(content) | _unpacked(words, content):
                yield f"Valkey {shown}: {word}"


def find_in_files(words: Words, folders: Iterable[Path]) -> Iterator[str]:
    """Every file below the folders: its name, what it holds, and what archives hold."""
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        for word in words.within(str(path).encode()) | words.within(content) | _unarchived(words, content):
            yield f"file {path}: {word}"


def _values(valkey: Redis, key: bytes) -> Iterator[bytes]:
    """Everything that a key holds, piece by piece."""
    kind = cast(bytes, valkey.type(key)).decode()
    if kind != "none":  # gone meanwhile
        yield from _READERS[kind](valkey, key)


def _pairs(mapping: dict[bytes, bytes]) -> Iterator[bytes]:
    for name, value in mapping.items():
        yield from (name, value)


def _entries(stream: Iterable[tuple[bytes, dict[bytes, bytes]]]) -> Iterator[bytes]:
    for name, fields in stream:
        yield name
        yield from _pairs(fields)


# redis-py's hints mix in its asynchronous client.
_READERS: dict[str, Callable[[Any, bytes], Iterable[bytes]]] = {
    "string": lambda client, key: [client.get(key) or b""],
    "hash": lambda client, key: _pairs(client.hgetall(key)),
    "list": lambda client, key: client.lrange(key, 0, -1),
    "set": lambda client, key: client.smembers(key),
    "zset": lambda client, key: client.zrange(key, 0, -1),
    "stream": lambda client, key: _entries(client.xrange(key)),
}


def _unpacked(words: Words, content: bytes) -> set[str]:
    """What is in the content once it is taken for zlib's, and each piece of it for base64."""
    found: set[str] = set()
    for plain in (content, *_from_base64(content)):
        found |= words.within(plain)
        with suppress(zlib.error):
            found |= words.within(zlib.decompress(plain))
    return found


def _from_base64(content: bytes) -> Iterator[bytes]:
    for piece in _BASE64.findall(content):
        with suppress(binascii.Error):
            yield base64.urlsafe_b64decode(piece.translate(_URL_SAFE).rstrip(b"=") + b"==")


def _unarchived(words: Words, content: bytes) -> set[str]:
    found: set[str] = set()
    if content[:2] == b"\x1f\x8b":
        found |= words.within(gzip.decompress(content))
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                found |= words.within(name.encode()) | words.within(archive.read(name))
    return found
