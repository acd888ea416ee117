"""What the live connection tells the rest of the client; it never raises into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from client.net.events import Event
from client.net.values import Epoch, Snapshot


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on its way to the server; `id` is a ULID, `data` what `op` needs.

    `note` is what this device wants to know about it when the answer comes; it is kept with the operation, never sent.
    """

    id: str
    name: str
    data: Mapping[str, Any]
    note: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The connection is being made, stands, or is to be made again at `retry_at` (local epoch seconds)."""

    status: Literal["offline", "connecting", "connected", "reconnecting"]
    attempts: int = 0
    retry_at: float | None = None
    give_hint: bool = False


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The server let us in; `snapshot` is None when it resumes with the missed events."""

    epoch: Epoch
    snapshot: Snapshot | None


@dataclass(frozen=True, slots=True)
class InboxOpened:
    """The server tells us from now on what the user is told; what came before is in the list."""


@dataclass(frozen=True, slots=True)
class EventReceived:
    """An event, in order and without gap or duplicate within `epoch`, which is empty for an inbox."""

    epoch: Epoch
    event: Event


@dataclass(frozen=True, slots=True)
class Replied:
    """The final answer to an operation: told exactly once. `error_code` is None when it was carried out."""

    operation: Operation
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    error_code: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ClockMeasured:
    """The server's clock is `offset` seconds ahead of ours, by the best measurement so far."""

    offset: float


StopReason: TypeAlias = Literal["ended", "signed_out", "not_a_participant", "taken_over", "refused"]


@dataclass(frozen=True, slots=True)
class Stopped:
    """The connection has ended for good; `detail` is a sentence for people."""

    reason: StopReason
    detail: str


Signal: TypeAlias = StatusChanged | Welcomed | InboxOpened | EventReceived | Replied | ClockMeasured | Stopped
