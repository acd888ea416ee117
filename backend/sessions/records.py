"""A session as the document that MongoDB keeps, and back."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any

from bson import ObjectId

from backend.infra.mongo import BsonDocument
from backend.sessions.state import (
    Energy,
    Motion,
    MotionKind,
    Outcome,
    Participant,
    Pause,
    PauseReason,
    Session,
    Status,
)
from backend.sessions.tally import Standing

_MILLISECOND = timedelta(milliseconds=1)
_LISTS = ("deck", "reserve", "shortlist", "round_seconds", "counts")
_CONVERTED = {"participants", "status", "energy", "outcome", "pause", "motions", "carried"}
_ELSEWHERE = {"id", "operations"}  # `_id`; and what only `$push` writes
# What sessions have that were written before these fields existed.
_SINCE_THE_FIRST_VERSION: BsonDocument = {
    "pause": None,
    "reserve": [],
    "shortlist": [],
    "carried": [],
    "motions": [],
    "counts": [],
    "ending": False,
    "group_id": None,
}
_PLAIN = tuple(f.name for f in fields(Session) if f.name not in {*_CONVERTED, *_ELSEWHERE, *_LISTS})


def to_record(session: Session) -> BsonDocument:
    """Everything but the id and the operations, and beside it what exists for indexes: `live` and `due_at`."""
    return {
        **{name: getattr(session, name) for name in _PLAIN},
        **{name: list(getattr(session, name)) for name in _LISTS},
        "status": session.status.value,
        "energy": session.energy and session.energy.value,
        "participants": [_participant_record(p) for p in session.participants],
        "pause": session.pause and _pause_record(session.pause),
        "motions": [_motion_record(motion) for motion in session.motions],
        "carried": _opinions(session.carried),
        "outcome": session.outcome and _outcome_record(session.outcome),
        "live": session.status.live,
        "due_at": session.due_at,
    }


def from_record(found: BsonDocument) -> Session:
    """The session that a document holds."""
    record = {**_SINCE_THE_FIRST_VERSION, **found}
    as_it_is: dict[str, Any] = {name: record[name] for name in _PLAIN}
    lists: dict[str, Any] = {name: tuple(record[name]) for name in _LISTS}
    return Session(
        **as_it_is,
        **lists,
        id=record["_id"],
        operations=_operations(record),
        status=Status(record["status"]),
        energy=Energy(record["energy"]) if record["energy"] else None,
        participants=tuple(_participant(p) for p in record["participants"]),
        pause=_pause(record["pause"]) if record["pause"] else None,
        motions=tuple(_motion(motion) for motion in record["motions"]),
        carried=_standing(record["carried"]),
        outcome=_outcome(record["outcome"]) if record["outcome"] else None,
    )


def _operations(record: BsonDocument) -> dict[ObjectId, tuple[str, ...]]:
    remembered = record.get("carried_out") or {}
    return {ObjectId(user_id): tuple(keys) for user_id, keys in remembered.items()}


def _participant_record(participant: Participant) -> dict[str, Any]:
    return {
        "user_id": participant.user_id,
        "display_name": participant.display_name,
        "joined_at": participant.joined_at,
        "left": participant.left,
        "gone": participant.gone,
        "spectator": participant.spectator,
        "started": participant.started,
        "energy": participant.energy and participant.energy.value,
        "ready": participant.ready,
        "own_deck": list(participant.own_deck),
    }


def _participant(record: BsonDocument) -> Participant:
    energy = record["energy"]
    converted = {"energy": Energy(energy) if energy else None, "own_deck": tuple(record.get("own_deck", ()))}
    return Participant(**{**record, **converted})


def _pause_record(pause: Pause) -> dict[str, Any]:
    return {"reason": pause.reason.value, "remaining_ms": pause.remaining // _MILLISECOND}


def _pause(record: BsonDocument) -> Pause:
    return Pause(PauseReason(record["reason"]), record["remaining_ms"] * _MILLISECOND)


def _motion_record(motion: Motion) -> dict[str, Any]:
    return {
        "kind": motion.kind.value,
        "opened_by": motion.opened_by,
        "in_favour": list(motion.in_favour),
        "against": list(motion.against),
    }


def _motion(record: BsonDocument) -> Motion:
    voters = {side: tuple(record[side]) for side in ("in_favour", "against")}
    return Motion(MotionKind(record["kind"]), record["opened_by"], **voters)


def _opinions(standing: Standing) -> list[dict[str, Any]]:
    return [
        {
            "item": item,
            "likes": sorted(standing.likes.get(item, ())),
            "dislikes": sorted(standing.dislikes.get(item, ())),
        }
        for item in sorted(standing.likes.keys() | standing.dislikes.keys())
    ]


def _standing(opinions: list[BsonDocument]) -> Standing:
    return Standing(
        likes={one["item"]: frozenset(one["likes"]) for one in opinions if one["likes"]},
        dislikes={one["item"]: frozenset(one["dislikes"]) for one in opinions if one["dislikes"]},
    )


def _outcome_record(outcome: Outcome) -> dict[str, Any]:
    return {
        "kind": outcome.kind,
        "items": list(outcome.items),
        "decided_at": outcome.decided_at,
        "tied": list(outcome.tied),
        "tossed": outcome.tossed,
    }


def _outcome(record: BsonDocument) -> Outcome:
    return Outcome(
        record["kind"],
        tuple(record["items"]),
        record["decided_at"],
        tuple(record.get("tied", ())),
        record.get("tossed"),
    )
