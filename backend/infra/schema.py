"""Indexes: declared by the models, made by `python -m backend prepare`, never at the first request."""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from mongoengine import Document

_log = structlog.stdlib.get_logger(__name__)


def ensure_indexes() -> None:
    """Create every index that an imported model declares; harmless to repeat. Needs a connection."""
    for model in _concrete_models(Document):
        model.ensure_indexes()
        _log.debug("indexes_ready", collection=model._get_collection_name())  # no public name for it


def _concrete_models(base: type[Document]) -> Iterator[type[Document]]:
    for model in base.__subclasses__():
        if not model._meta.get("abstract"):  # mongoengine keeps it there
            yield model
        yield from _concrete_models(model)
