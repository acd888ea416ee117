"""Indexes: declared by the models, made by `python -m backend prepare`, never at the first request."""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from mongoengine import Document

# Indexes of earlier versions that would refuse what is right today.
_RETIRED = {"users": ("email_key_1",)}

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
        for index in model.compare_indexes()["missing"]
    ]


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
