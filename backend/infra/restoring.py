"""How a database says that it is being restored: a mark in it, which the worker sets and everybody heeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.infra.mongo import MongoDatabase

MARKS = "restoring"
"""The collection of the mark. Those whose names begin with SCRATCH are not in their place yet."""
SCRATCH = f"{MARKS}."
FILLING = "filling"
"""The phase in which nothing of the database itself has changed yet."""


class NotWhole(Exception):
    """The database must not be used yet.

    A restore was interrupted while it put collections in their place or erased people again.
    """


def check_whole(database: MongoDatabase) -> None:
    """Raise NotWhole if the database must not be used yet."""
    mark = database[MARKS].find_one({"phase": {"$nin": [None, FILLING]}})
    if mark is not None:
        raise NotWhole(
            f"The database {database.name} is being restored from {mark['backup']}. If nobody is at it, run "
            "`python -m worker restore` (or `make restore`) again: it finishes what was interrupted."
        )
