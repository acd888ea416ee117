"""Where an installation keeps things, and whether the data register knows of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import svcs

from backend.compliance.register import EXEMPT, REGISTER
from backend.compliance.register.terms import Kind, Place
from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import backup_storage_of, storage_of
from backend.infra.valkey import Valkey

_KEYS, _FILES = {Kind.KEYS, Kind.QUEUE}, {Kind.FILES, Kind.LOG}
# RQ's names of what belongs to all that share one Valkey.
_SHARED_KEYS = ("rq:",)


def known_places() -> Iterator[Place]:
    """Every place in the register, and every exempt one."""
    yield from (holding.place for holding in REGISTER)
    yield from (exemption.place for exemption in EXEMPT)


def unregistered(services: svcs.Container, settings: Settings) -> list[str]:
    """Collections, keys and files of an installation that nobody has put into the register."""
    collections = services.get(MongoDatabase).list_collection_names()
    return [
        *unknown_collections(collections),
        *unknown(_KEYS, _own_keys(services.get(Valkey), settings.redis_prefix)),
        *unregistered_files(settings),
    ]


def unregistered_files(settings: Settings) -> list[str]:
    """Files of an installation on this machine that nobody has put into the register."""
    return unknown(_FILES, set(_files(settings)))


def unknown_collections(names: Iterable[str]) -> list[str]:
    """Those that have no row."""
    known = {place.name.partition(".")[0] for place in known_places() if place.kind is Kind.COLLECTION}
    return sorted(set(names) - known)


def unknown(kinds: set[Kind], names: Iterable[str]) -> list[str]:
    """Those keys or files that no row of these kinds fits."""
    patterns = [place.name for place in known_places() if place.kind in kinds]
    return sorted(name for name in names if not any(fnmatchcase(name, pattern) for pattern in patterns))


def _own_keys(valkey: Valkey, prefix: str) -> Iterator[str]:
    """Keys of this installation as the register spells them: libraries put words of theirs before our prefix."""
    for raw in valkey.scan_iter("*", count=1000):
        key = raw.decode(errors="replace")
        if prefix in key or key.startswith(_SHARED_KEYS):
            yield key.replace(prefix, "", 1)


def _files(settings: Settings) -> Iterator[str]:
    """Files as the register spells them."""
    roots = {
        Path(storage_of(settings).url): "STORAGE_URL",
        Path(backup_storage_of(settings).url): "BACKUP_URL",
        settings.data_dir.resolve(): "DATA_DIR",
    }
    for path in settings.data_dir.resolve().rglob("*"):
        if path.is_file() or path.is_socket():
            root = next(root for root in roots if path.is_relative_to(root))
            yield f"{roots[root]}/{path.relative_to(root).as_posix()}"
