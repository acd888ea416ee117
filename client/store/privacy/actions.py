"""What can happen to consents, exports, erasure and record; `client.store.privacy.reducer` knows what that changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from client.net.privacy_values import ConsentRecord, Erasure, Export, RecordPage
from client.store.privacy.state import Purpose


@dataclass(frozen=True, slots=True)
class ConsentsAsked:
    """How the user stands to the texts is on its way."""


@dataclass(frozen=True, slots=True)
class ConsentsCame:
    """How the user stands to each text."""

    consents: tuple[ConsentRecord, ...]


@dataclass(frozen=True, slots=True)
class ConsentsFailed:
    """That did not come: a sentence."""

    error: str


@dataclass(frozen=True, slots=True)
class ConsentDecided:
    """The user has agreed to a text, or taken that back; the server has done what follows from it."""

    consent: ConsentRecord


@dataclass(frozen=True, slots=True)
class ExportsAsked:
    """The list of exports is on its way."""


@dataclass(frozen=True, slots=True)
class ExportsCame:
    """The user's exports, newest first."""

    exports: tuple[Export, ...]


@dataclass(frozen=True, slots=True)
class ExportsFailed:
    """They did not come: a sentence."""

    error: str


@dataclass(frozen=True, slots=True)
class ExportBegun:
    """The server makes this one; it may have done so already."""

    export: Export


@dataclass(frozen=True, slots=True)
class DownloadGrew:
    """So many percent of an archive are here."""

    export_id: str
    percent: int


@dataclass(frozen=True, slots=True)
class DownloadEnded:
    """The archive lies in this file; without a `path` it did not come whole, and nothing is kept of it."""

    export_id: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class ErasureAsked:
    """Whether the account is going to be deleted is on its way."""


@dataclass(frozen=True, slots=True)
class ErasureCame:
    """Whether the account is going to be deleted."""

    erasure: Erasure


@dataclass(frozen=True, slots=True)
class ErasureFailed:
    """That did not come: a sentence."""

    error: str


@dataclass(frozen=True, slots=True)
class RecordAsked:
    """Some of what was recorded about the user is on its way."""


@dataclass(frozen=True, slots=True)
class RecordCame:
    """What comes after `cursor` in the record; None: its newest part."""

    cursor: str | None
    page: RecordPage


@dataclass(frozen=True, slots=True)
class RecordFailed:
    """It did not come: a sentence."""

    error: str


@dataclass(frozen=True, slots=True)
class ProofSent:
    """The user has proved who they are, for this purpose; whether that will do is not known yet."""

    purpose: Purpose


@dataclass(frozen=True, slots=True)
class ProofTaken:
    """It did."""


@dataclass(frozen=True, slots=True)
class ProofRefused:
    """It did not, or the server did not come to it: a sentence (see `Proof`)."""

    error: str
    log_in_again: bool = False


@dataclass(frozen=True, slots=True)
class ProofDropped:
    """The user is no longer asked."""


PrivacyAction: TypeAlias = (
    ConsentsAsked
    | ConsentsCame
    | ConsentsFailed
    | ConsentDecided
    | ExportsAsked
    | ExportsCame
    | ExportsFailed
    | ExportBegun
    | DownloadGrew
    | DownloadEnded
    | ErasureAsked
    | ErasureCame
    | ErasureFailed
    | RecordAsked
    | RecordCame
    | RecordFailed
    | ProofSent
    | ProofTaken
    | ProofRefused
    | ProofDropped
)
