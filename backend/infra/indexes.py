"""Indexes: declared by the models, made by `python -m backend prepare`, never at the first request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import structlog
from mongoengine import Document

# Indexes of earlier versions that would refuse what is right today.
_RETIRED = {"users": ("email_key_1",)}

_ID, _TEXT = [("_id", 1)], "text"

_log = structlog.stdlib.get_logger(__name__)


def ensure_indexes() -> None:
    """Create every index that an imported model declares; harmless to repeat. Needs a connection."""
    for model in _concrete_models(Document):
        _drop_retired(model)
        model.ensure_indexes()
        _log.debug("indexes_ready", collection=model._get_collection_name())  # no public name for it


def missing_indexes() -> list[str]:
    """Those that an imported model declares and the database does not have, as `users: email, role`."""
    return [
        f"{model._get_collection_name()}: {', '.join(name for name, _ in index)}"
        for model in _concrete_models(Document)
        for index in _missing(model)
    ]


def _missing(model: type[Document]) -> Iterator[list[tuple[str, object]]]:
    there = {_fields(info) for info in model._get_collection().index_information().values()}
    for declared in model.list_indexes():
        if declared != _ID and _order(declared) not in there:
            yield declared


def _fields(info: dict[str, Any]) -> tuple[tuple[str, object], ...]:
    """What an index is over, as models declare it: MongoDB lists the fields of a text index as weights."""
    plain = [(name, way) for name, way in info["key"] if not name.startswith("_fts")]
    return _order([*plain, *((name, _TEXT) for name in info.get("weights", ()))])


def _order(fields: Iterable[tuple[str, object]]) -> tuple[tuple[str, object], ...]:
    """The order is the index's own, but not among the fields of a text index."""
    given = tuple(fields)
    return tuple(sorted(given, key=str)) if any(way == _TEXT for _, way in given) else given


def _drop_retired(model: type[Document]) -> None:
    collection = model._get_collection()
    for name in _RETIRED.get(collection.name, ()):
        if name in collection.index_information():
            collection.drop_index(name)
            _log.info("index_dropped", collection=collection.name, index=name)


def _concrete_models(base: type[Document]) -> Iterator[type[Document]]:
    for model in base.__subclasses__():
        if not model._meta.get("abstract"):  # mongoengine keeps it there
            yield model
        yield from _concrete_models(model)
