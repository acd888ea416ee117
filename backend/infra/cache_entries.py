"""How a cached document lies in Valkey: the stamp of its shelf, a checksum, and BSON, as MongoDB gave it. Pure."""

from __future__ import annotations

import secrets
import zlib

import bson
from bson.codec_options import CodecOptions
from bson.errors import BSONError

from backend.infra.mongo import BsonDocument

_STAMP_BYTES = 8
_SUM_BYTES = 4
_HEAD_BYTES = _STAMP_BYTES + _SUM_BYTES
_AS_FROM_MONGODB: CodecOptions[BsonDocument] = CodecOptions(
    tz_aware=True, uuid_representation=bson.binary.UuidRepresentation.STANDARD
)

ABSENT = b""
"""In the place of a document that does not exist."""


class Broken(Exception):
    """Something lies there that was not written like this."""


def new_stamp() -> bytes:
    """A stamp that no shelf ever had."""
    return secrets.token_bytes(_STAMP_BYTES)


def body_of(document: BsonDocument | None) -> bytes:
    """A document as bytes; ABSENT for none."""
    return ABSENT if document is None else bson.encode(document, codec_options=_AS_FROM_MONGODB)


def document_of(body: bytes) -> BsonDocument | None:
    """What `body_of` made bytes of.

    Raises:
        Broken: it did not.
    """
    if body == ABSENT:
        return None
    try:
        return bson.decode(body, codec_options=_AS_FROM_MONGODB)
    except BSONError as error:
        raise Broken from error


def entry_of(stamp: bytes, body: bytes) -> bytes:
    """What is written."""
    return stamp + _checksum(body) + body


def body_in(entry: bytes, stamp: bytes) -> bytes | None:
    """What was written under this stamp; None where the entry is of an earlier one.

    Raises:
        Broken: it is no entry, or was changed.
    """
    body = entry[_HEAD_BYTES:]
    if len(entry) < _HEAD_BYTES or entry[_STAMP_BYTES:_HEAD_BYTES] != _checksum(body):
        raise Broken
    return body if entry[:_STAMP_BYTES] == stamp else None


def _checksum(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(_SUM_BYTES, "big")
