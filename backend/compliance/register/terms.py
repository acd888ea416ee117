"""The terms in which the data register is written: where something is kept, and what happens to it there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

import svcs
from bson import ObjectId
from pydantic import BaseModel, ConfigDict

from backend.config import Settings


class Kind(StrEnum):
    """What kind of place holds it. The values are how the privacy record says it."""

    COLLECTION = "MongoDB collection"
    KEYS = "Valkey keys"
    QUEUE = "queue"
    FILES = "files"
    LOG = "log"
    ELSEWHERE = "somebody else's service"


class Basis(StrEnum):
    """The legal basis, by the article of the GDPR."""

    CONTRACT = "contract, Art. 6(1)(b)"
    CONSENT = "consent, Art. 6(1)(a)"
    EXPLICIT_CONSENT = "explicit consent, Art. 9(2)(a)"
    OBLIGATION = "legal obligation, Art. 6(1)(c)"
    INTEREST = "legitimate interest, Art. 6(1)(f)"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is kept.

    Attributes:
        name: a collection, perhaps with a field of it after a dot; keys and queues as a pattern, without REDIS_PREFIX
            (`*` stands for anything); files and logs as a pattern that begins with DATA_DIR, STORAGE_URL or
            BACKUP_URL; who it is elsewhere.
    """

    kind: Kind
    name: str


class Shape(BaseModel):
    """Base of what one record of an export is made of. A field's title is its heading for people."""

    model_config = ConfigDict(extra="forbid")


class OfCard:
    """Marks a field that holds the id of a card, or several: people are shown its title instead."""


def _none(_record: dict[str, Any]) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Export:
    """One file of the export.

    Attributes:
        file: its name, `.json`.
        title: the heading of its table on the page that people read.
        records: everything that this place holds about a user, oldest first, JSON-ready, streamed.
        shape: what each record is made of, for the published schema and the headings of the table.
        liked: the cards in a record that the user liked, or that were decided on: these are shown as pictures.
    """

    file: str
    title: str
    records: Callable[[svcs.Container, ObjectId], Iterable[dict[str, Any]]]
    shape: type[Shape] = Shape
    liked: Callable[[dict[str, Any]], Iterable[str]] = _none

    @property
    def kind(self) -> str:
        """What the records are called in the archive: the file's name without its ending."""
        return self.file.removesuffix(".json")


class Departure(Protocol):
    """Somebody who is being erased."""

    @property
    def user_id(self) -> ObjectId:
        """Who it is."""

    @property
    def address(self) -> str:
        """Their e-mail address; empty where there was none. The account has forgotten it already."""

    @property
    def identities(self) -> tuple[tuple[str, str], ...]:
        """(issuer, subject) of the accounts elsewhere that they logged in through; likewise."""

    @property
    def sessions(self) -> Collection[ObjectId]:
        """The sessions that have named them since it began, also those in which a pseudonym has their place by now."""

    def pseudonym_in(self, session_id: ObjectId) -> ObjectId:
        """Who stands in for them in a session that others keep: the same each time, and another in each session.

        It comes from a secret that ends with the erasure: afterwards nobody can find out who it was.
        """


class NotYet(Exception):
    """A step met something that cannot be forgotten yet: it is called again later.

    Attributes:
        found: how many records it has dealt with.
    """

    def __init__(self, because: str, found: int) -> None:
        super().__init__(because)
        self.found = found


@dataclass(frozen=True, slots=True)
class Erasure:
    """How a place forgets somebody.

    Attributes:
        how: for the privacy record.
        step: does it, and says how many records it found. Called again after an interruption, it goes on. Raises
            NotYet where it has to wait for something.
    """

    how: str
    step: Callable[[svcs.Container, Departure], int]


class Sweep(Protocol):
    """Deletes what is past its time."""

    def __call__(
        self, services: svcs.Container, /, cutoff: datetime, *, batch: int, dry_run: bool
    ) -> Iterable[int]:
        """Delete what is older than `cutoff`, about `batch` records at a time; yields how many went, after each time.

        Whoever asks may rest between two batches, or not go on; the next run then finds the rest. A dry run deletes
        nothing, and yields how many would go.
        """


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a place keeps something.

    Attributes:
        rule: for the privacy record; may name settings in braces, as `{data_retention_days} days`.
        cutoff: what is older than this moment goes.
        sweep: lets it go.
        oldest: the age of the oldest record there is counts from here; None where there is none.
    """

    rule: str
    cutoff: Callable[[Settings, datetime], datetime]
    sweep: Sweep
    oldest: Callable[[svcs.Container], datetime | None]


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Instead of an export, an erasure or a retention of its own: why there is none, in a sentence for the record."""

    because: str


People: TypeAlias = Callable[[svcs.Container], Iterable[ObjectId]]
Exported: TypeAlias = Export | Otherwise
Erased: TypeAlias = Erasure | Otherwise
Kept: TypeAlias = Retention | Otherwise


@dataclass(frozen=True, slots=True)
class Holding:
    """One place that holds personal data, or may: one row of the register.

    Attributes:
        recipients: who else gets to see it, beside the person and whoever operates the server.
        people: whom this place knows, perhaps some of them twice, and perhaps some who stand in for others: a restored
            backup brings back people whose account is gone, and this is how they are found. None where people are
            found in other places, or not at all.
    """

    place: Place
    holds: str
    purpose: str
    basis: Basis
    export: Exported
    erasure: Erased
    retention: Kept
    recipients: str = "nobody else"
    people: People | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """A place that holds nothing about anybody, and why that is so."""

    place: Place
    because: str
