"""Names and files of a backup: mongodump's directory layout, each file encrypted.

dindin-20261123T020000Z/manifest.json
dindin-20261123T020000Z/dindin/users.bson.gz.age
dindin-20261123T020000Z/dindin/users.metadata.json.gz.age
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bson import json_util

MANIFEST = "manifest.json"
BEGUN = "begun"
_TIME = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"(?P<database>.+)-(?P<time>\d{8}T\d{6}Z)")
# What Go's url.PathEscape, with which mongodump names files, leaves as it is beside letters, digits and _.-~
_UNESCAPED = "$&+:=@"


def backup_name(database: str, moment: datetime) -> str:
    """What a backup of that moment is called."""
    return f"{database}-{moment.astimezone(UTC):{_TIME}}"


def moment_of(name: str, database: str) -> datetime | None:
    """When a backup of that name was begun; None if it is none of this database."""
    found = _NAME.fullmatch(name)
    if found is None or found["database"] != database:
        return None
    try:
        return datetime.strptime(found["time"], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def documents_file(backup: str, database: str, collection: str) -> str:
    """Where a collection's documents lie, one BSON after another."""
    return f"{_stem(backup, database, collection)}.bson.gz.age"


def metadata_file(backup: str, database: str, collection: str) -> str:
    """Where a collection's options and indexes lie."""
    return f"{_stem(backup, database, collection)}.metadata.json.gz.age"


def _stem(backup: str, database: str, collection: str) -> str:
    return f"{backup}/{database}/{quote(collection, safe=_UNESCAPED)}"


@dataclass(frozen=True)
class Metadata:
    """A collection's options and indexes, as the server lists them."""

    collection: str
    uuid: str
    options: Mapping[str, Any]
    indexes: Sequence[Mapping[str, Any]]

    def to_bytes(self) -> bytes:
        """As mongodump writes it: one object in canonical extended JSON."""
        written = {
            "options": dict(self.options),
            "indexes": [dict(index) for index in self.indexes],
            "uuid": self.uuid,
            "collectionName": self.collection,
            "type": "collection",
        }
        return json_util.dumps(written, json_options=json_util.CANONICAL_JSON_OPTIONS).encode()

    @classmethod
    def parse(cls, written: bytes) -> Metadata:
        """Read what `to_bytes` wrote."""
        read = json_util.loads(written, json_options=json_util.CANONICAL_JSON_OPTIONS)
        return cls(read["collectionName"], read["uuid"], read["options"], read["indexes"])

    def indexes_to_build(self) -> list[dict[str, Any]]:
        """Every index but the one that each collection has, as `createIndexes` takes them."""
        return [
            {
                name: value for name, value in index.items() if name != "ns"
            }  # old servers list it, and refuse it
            for index in self.indexes
            if index["name"] != "_id_"
        ]
