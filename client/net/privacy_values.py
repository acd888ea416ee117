"""What the server says about consents, exports, erasure and the record, as values. Times are epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from client.net.values import TextKind

ExportStatus: TypeAlias = Literal["queued", "running", "done", "failed"]
ErasureStatus: TypeAlias = Literal["none", "scheduled", "running"]
RecordOutcome: TypeAlias = Literal["done", "refused", "failed"]
Author: TypeAlias = Literal["you", "somebody else", "the server"]


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """How the user stands to one text: whether they agree, since when, and when they took it back."""

    kind: TextKind
    given: bool = False
    up_to_date: bool = False
    given_at: float | None = None
    withdrawn_at: float | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """A copy of the user's data, made or being made; `progress` is in percent."""

    id: str
    status: ExportStatus
    progress: int
    requested_at: float
    expires_at: float
    size_bytes: int | None = None

    @property
    def under_way(self) -> bool:
        """Whether the server still works on it."""
        return self.status in {"queued", "running"}


@dataclass(frozen=True, slots=True)
class Erasure:
    """Whether the account is going to be deleted, and from when on; until then it can be cancelled.

    With the `receipt_id` anybody can look later whether it is done; nobody can find it out afterwards.
    """

    status: ErasureStatus = "none"
    due_at: float | None = None
    receipt_id: str = ""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """Something that the server has recorded about the user (docs/audit.md); `times` is how often in a row."""

    at: float
    action: str
    outcome: RecordOutcome
    by: Author
    network: str
    times: int


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some of it, newest first; `cursor` asks for what comes after, None where this is the end."""

    events: tuple[RecordedEvent, ...]
    cursor: str | None
