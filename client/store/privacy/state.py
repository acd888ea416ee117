"""What is known of consents, exports, erasure and record, and how the last proof of who one is has gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from client.net.privacy_values import ConsentRecord, Erasure, Export, RecordedEvent
from client.store.listing import Fetched, Listing

Purpose: TypeAlias = Literal["export", "download", "erasure"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of the last password that was given for something: `error` is a sentence for its field.

    `log_in_again` where no password helps: the account has none, and its log-in is not fresh.
    """

    purpose: Purpose | None = None
    status: Literal["open", "sent", "taken", "refused"] = "open"
    error: str = ""
    log_in_again: bool = False


@dataclass(frozen=True, slots=True)
class Download:
    """The archive that is coming in, and how many percent of it are here."""

    export_id: str
    percent: int = 0


@dataclass(frozen=True, slots=True)
class Privacy:
    """`record_cursor` asks for what comes after the rows of `record`. `saved` are the files of exports by their ids."""

    consents: Fetched[tuple[ConsentRecord, ...]] = field(default_factory=Fetched)
    exports: Fetched[tuple[Export, ...]] = field(default_factory=Fetched)
    erasure: Fetched[Erasure] = field(default_factory=Fetched)
    record: Listing[RecordedEvent] = field(default_factory=Listing)
    record_cursor: str | None = None
    proof: Proof = Proof()
    download: Download | None = None
    saved: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
