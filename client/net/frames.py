"""Frames of the live protocol: from text to typed values and back (docs/live-protocol.md).

`parse` never raises: what does not have the protocol's form becomes `Malformed`, one by one, so that the rest
of a batch still counts. Unknown event types become `UnknownEvent`, because a later server may have more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from client.net import events
from client.net.errors import FrameError
from client.net.event_reading import read_event
from client.net.fields import Fields
from client.net.reading import read_snapshot
from client.net.values import Epoch, Snapshot
from client.problem_words import own_words
from client.words import _

PROTOCOL_VERSION = 1


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to hello. `seq` is where the numbering stands; `snapshot` is None when `resumed`."""

    at: float
    you: str
    heartbeat: float
    epoch: Epoch
    seq: int
    resumed: bool
    snapshot: Snapshot | None


@dataclass(frozen=True, slots=True)
class InboxWelcome:
    """The answer to a hello without a session: from now on the user is told here what they are told."""

    at: float
    you: str
    heartbeat: float


@dataclass(frozen=True, slots=True)
class Reply:
    """The one answer to the operation `op_id`; `error_code` is None when it was carried out."""

    op_id: str
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    error_code: str | None = None
    detail: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Malformed:
    """A frame without the protocol's form; `seq` is its number if that could be read."""

    problem: str
    seq: int | None = None


Frame: TypeAlias = Welcome | InboxWelcome | Reply | events.Event | Malformed


def hello(token: str, session_id: str | None, resume: tuple[Epoch, int] | None) -> str:
    """The first frame, to a session or (None) to the inbox; `resume` is the (epoch, seq) known last."""
    frame: dict[str, Any] = {"op": "hello", "v": PROTOCOL_VERSION, "token": token}
    if session_id is not None:
        frame["session"] = session_id
    if resume is not None:
        frame["resume"] = {"epoch": resume[0], "seq": resume[1]}
    return json.dumps(frame, separators=(",", ":"))


def operation(op_id: str, name: str, content: Mapping[str, Any]) -> str:
    """An operation to be carried out once."""
    return json.dumps({"op": name, "id": op_id, "data": dict(content)}, separators=(",", ":"))


def reauth(op_id: str, token: str) -> str:
    """A fresh access token for a standing connection."""
    return json.dumps({"op": "reauth", "id": op_id, "token": token}, separators=(",", ":"))


def parse(text: str | bytes) -> tuple[Frame, ...]:
    """The frames in one message, in order: one, or those of a batch."""
    try:
        frame = Fields(json.loads(text), "frame")
        unpacked = frame.objects("batch") if frame.has("batch") else (frame,)
    except FrameError as error:
        return (Malformed(str(error)),)
    except (ValueError, RecursionError):
        return (Malformed("the message is not JSON"),)
    return tuple(_parse_one(frame) for frame in unpacked)


def _parse_one(frame: Fields) -> Frame:
    try:
        return _parse_well_formed(frame)
    except FrameError as error:
        seq = frame.raw("seq")
        return Malformed(str(error), seq if isinstance(seq, int) else None)


def _parse_well_formed(frame: Fields) -> Frame:
    if frame.has("re"):
        return _parse_reply(frame)
    kind = frame.text("type")
    at = frame.number("at") / 1000
    body = frame.object("data")
    if kind == "welcome":
        return _parse_welcome(body, at)
    seq = frame.integer("seq") if frame.has("seq") else None
    return events.Event(seq, at, read_event(kind, body))


def _parse_reply(frame: Fields) -> Reply:
    op_id = frame.text("re")
    if frame.flag("ok"):
        content = frame.raw("data")
        return Reply(op_id, MappingProxyType(content) if isinstance(content, dict) else MappingProxyType({}))
    error = frame.object("error")
    code = error.text("code")
    return Reply(
        op_id,
        error_code=code,
        detail=own_words(code, error.text("detail", _("The server refused."))),
        retry_after=error.number("retry_after") if error.has("retry_after") else None,
    )


def _parse_welcome(body: Fields, at: float) -> Welcome | InboxWelcome:
    if not body.has("resumed"):
        return InboxWelcome(at, body.text("you"), body.number("heartbeat"))
    resumed = body.flag("resumed")
    return Welcome(
        at=at,
        you=body.text("you"),
        heartbeat=body.number("heartbeat"),
        epoch=body.text("epoch"),
        seq=body.integer("seq"),
        resumed=resumed,
        snapshot=None if resumed else read_snapshot(body.object("snapshot")),
    )
