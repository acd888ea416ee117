"""The frames of the live protocol, and the JSON Schema published of them (docs/api/live-protocol.json).

What clients send, hellos and operations, is in operations.py; the data of events is in events.py. A new operation
needs the data of its answer in ANSWERS. After any change: `python -m backend protocol`.
"""

from __future__ import annotations

import json
from functools import reduce
from operator import or_
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, Field, TypeAdapter, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from backend.http.schemas import Id
from backend.infra import websocket
from backend.sessions.events import EVENTS
from backend.sessions.messages import Absent, Code, Count, Message, Milliseconds, Snapshot
from backend.sessions.operations import PROTOCOL_VERSION, Hello, InboxHello, Nothing, Operation
from backend.sessions.schemas import EnergyVote, MotionName, OpId, Readiness


class _Position(Message):
    you: Id
    heartbeat: Count = Field(description="Seconds.")
    node: str
    epoch: str
    seq: Count


class Arrival(_Position):
    """The session as it is, for a client that is new or was away too long."""

    resumed: Literal[False]
    snapshot: Snapshot


class Return(_Position):
    """Exactly the events that were missed follow, then `progress`."""

    resumed: Literal[True]


class OpenInbox(Message):
    """The socket belongs to no session; what the user is told follows."""

    you: Id
    heartbeat: Count = Field(description="Seconds.")
    node: str


class Welcome(Message):
    """The answer to hello."""

    at: Milliseconds
    type: Literal["welcome"]
    data: Arrival | Return | OpenInbox


class ThisCard(Message):
    """The card that was swiped, whose swipe was taken back, or that the coin has chosen."""

    item: Id


class VotedOn(Message):
    """The vote is counted."""

    motion: MotionName


class Said(Message):
    """The message is kept and told."""

    message_id: Id


class Pong(Message):
    """The client's clock, echoed, and the server's."""

    t: float
    server_ms: Milliseconds


ANSWERS: Final[dict[str, type[BaseModel]]] = {
    "swipe": ThisCard,
    "undo": ThisCard,
    "energy": EnergyVote,
    "ready": Readiness,
    "start": Nothing,
    "vote": VotedOn,
    "toss": ThisCard,
    "chat": Said,
    "react": Nothing,
    "leave": Nothing,
    "ping": Pong,
    "reauth": Nothing,
}
"""By operation: the data of the reply that it was carried out."""


class Done(Message):
    """The operation was carried out."""

    re: OpId
    ok: Literal[True]


class WrongField(Message):
    """What is wrong with one field of the operation."""

    field: str
    message: str


class Reason(Message):
    """Why not. Without `retry_after` (seconds) it is final."""

    code: Code
    detail: str
    retry_after: Annotated[float, Field(ge=0)] | Absent = None
    errors: list[WrongField] | Absent = None


class Refusal(Message):
    """The operation was not carried out."""

    re: str = Field(max_length=40, description="The id as it was sent, even if it is no ULID.")
    ok: Literal[False]
    error: Reason


class Happening(Message):
    """An event that only matters now: it has no number and is never replayed."""

    at: Milliseconds


class NumberedHappening(Happening):
    """An event; numbers count up by one per session, without gaps."""

    seq: int = Field(ge=1)


def _answer(operation: str) -> type[BaseModel]:
    return create_model(
        f"{operation.title().replace('_', '')}Answer",
        __base__=Done,
        __doc__=f"The operation `{operation}` was carried out.",
        data=ANSWERS[operation],
    )


def _event(kind: str) -> type[BaseModel]:
    told = EVENTS[kind]
    base: type[Happening] = NumberedHappening if told.numbered else Happening
    this_type: Any = Literal[kind]
    return create_model(
        f"{told.__name__}Event",
        __base__=base,
        __doc__=told.__doc__,
        type=this_type,
        data=told,
    )


OPERATIONS: Final[dict[str, type[BaseModel]]] = {
    get_args(model.model_fields["op"].annotation)[0]: model for model in get_args(get_args(Operation)[0])
}
"""By name: the frames that ask for operations."""
ANSWER_FRAMES: Final = {operation: _answer(operation) for operation in ANSWERS}
"""By operation: the frames that say it was carried out."""
EVENT_FRAMES: Final = {kind: _event(kind) for kind in EVENTS}
"""By type: the frames of events."""
_SINGLE: Final[tuple[type[BaseModel], ...]] = (
    Welcome,
    *ANSWER_FRAMES.values(),
    Refusal,
    *EVENT_FRAMES.values(),
)
_ANY_SINGLE: Final[Any] = reduce(or_, _SINGLE)
Batch = create_model(
    "Batch",
    __base__=Message,
    __doc__="Frames that were due together, in order.",
    batch=Annotated[list[_ANY_SINGLE], Field(min_length=2)],
)
server_frames: TypeAdapter[Any] = TypeAdapter(_ANY_SINGLE | Batch)
"""Checks whatever the server says."""

CLOSE_CODES: Final[dict[int, tuple[str, str]]] = {
    websocket.NORMAL: ("left, or the session is closed", "stops"),
    websocket.INTERNAL_ERROR: ("an error on our side", "reconnects"),
    websocket.TRY_AGAIN_LATER: (
        "the server restarts, a database is away, or order was lost",
        "reconnects with jitter within `retry_after` (in the reason, JSON)",
    ),
    websocket.MALFORMED: ("malformed frame, unknown version", "stops, reports"),
    websocket.UNAUTHENTICATED: (
        "not (or no longer) authenticated",
        "refreshes the token once, then logs in",
    ),
    websocket.NOT_A_PARTICIPANT: ("not a participant", "stops"),
    websocket.TOO_SLOW: ("too slow", "reconnects, resumes"),
    websocket.TAKEN_OVER: (
        "the same participant took over elsewhere; or a sixth socket of a user in one place ended the oldest",
        "stops",
    ),
    websocket.TOO_MANY_OPERATIONS: (
        "too many operations (more than 30 a second, or 120 at once)",
        "waits `retry_after`, reconnects",
    ),
}
"""By code: what it means, what the client does."""


def document_text() -> str:
    """What docs/api/live-protocol.json holds."""
    return json.dumps(document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """JSON Schema 2020-12 of every frame. Under `$defs`, beside the frames: Exchange, CloseCode."""
    client: list[type[BaseModel]] = [Hello, InboxHello, *OPERATIONS.values()]
    frames: list[type[BaseModel]] = [*client, *_SINGLE, Batch]
    _, schema = models_json_schema(
        [(model, "validation") for model in frames],
        ref_template="#/$defs/{model}",
        schema_generator=_SchemaOfFrames,
    )
    known = schema["$defs"]
    known["Batch"]["properties"]["batch"]["items"] = _reference("SingleFrame")
    known |= {
        "ClientFrame": {"description": "What clients send.", **_any_of(*client)},
        "ServerFrame": {
            "description": "What the server sends.",
            "anyOf": [_reference("SingleFrame"), _reference("Batch")],
        },
        "SingleFrame": {"description": "What the server sends alone or in a batch.", **_any_of(*_SINGLE)},
        "Exchange": {
            "description": "An operation and its one reply: which belongs to which. Not a frame.",
            "anyOf": [_exchange(operation) for operation in OPERATIONS],
        },
        "CloseCode": {
            "description": "With which the server closes: what it means (title) and what the client does.",
            "oneOf": [
                {"const": code, "title": meaning, "description": reaction}
                for code, (meaning, reaction) in CLOSE_CODES.items()
            ],
        },
    }
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:dindin:live-protocol:{PROTOCOL_VERSION}",
        "title": f"DinDin's live protocol, version {PROTOCOL_VERSION}",
        "description": "Every JSON text frame of the WebSocket at /api/v1/live; docs/live-protocol.md explains them.",
        "anyOf": [_reference("ClientFrame"), _reference("ServerFrame")],
        "$defs": known,
    }


def _exchange(operation: str) -> dict[str, Any]:
    return {
        "title": operation,
        "type": "object",
        "properties": {
            "request": _reference(OPERATIONS[operation].__name__),
            "reply": _any_of(ANSWER_FRAMES[operation], Refusal),
        },
        "required": ["request", "reply"],
        "additionalProperties": False,
    }


def _any_of(*models: type[BaseModel]) -> dict[str, Any]:
    return {"anyOf": [_reference(model.__name__) for model in models]}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


class _SchemaOfFrames(GenerateJsonSchema):
    """Pydantic's schemas without repeated titles and null defaults, and with maps as closed as objects are."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  # a field's name says it
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if described.get("default", ...) is None:
            del described["default"]
        return described

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        described = super().dict_schema(schema)
        if "patternProperties" in described:
            described["additionalProperties"] = False
        return described
