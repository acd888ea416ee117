"""What a log of swipes amounts to. Pure: the log is append-only, the last word of a participant on a card counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bson import ObjectId


class Direction(StrEnum):
    """Which way a card went."""

    LIKE = "right"
    DISLIKE = "left"
    SKIP = "up"


@dataclass(frozen=True, slots=True)
class Swipe:
    """One entry of the log.

    Attributes:
        op_id: the client's ULID; unique per participant, so that a repeated operation counts once.
        at: microseconds since 1970 by the server's clock, rising within a process; orders a participant's swipes.
    """

    session_id: ObjectId
    participant_id: ObjectId
    op_id: str
    item_id: ObjectId
    direction: Direction
    round: int
    at: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Who stands where: per card its likers and dislikers, per participant the cards swiped and how often in all."""

    likes: Mapping[ObjectId, frozenset[ObjectId]]
    dislikes: Mapping[ObjectId, frozenset[ObjectId]]
    swiped: Mapping[ObjectId, frozenset[ObjectId]]
    entries: Mapping[ObjectId, int] = field(default_factory=dict)


def tally(swipes: Iterable[Swipe]) -> Tally:
    """Fold a log, in any order, into its result."""
    last: dict[tuple[ObjectId, ObjectId], Swipe] = {}
    operations: defaultdict[ObjectId, set[str]] = defaultdict(set)
    for swipe in swipes:
        operations[swipe.participant_id].add(swipe.op_id)
        key = (swipe.item_id, swipe.participant_id)
        if key not in last or last[key].at < swipe.at:
            last[key] = swipe
    likes: defaultdict[ObjectId, set[ObjectId]] = defaultdict(set)
    dislikes: defaultdict[ObjectId, set[ObjectId]] = defaultdict(set)
    swiped: defaultdict[ObjectId, set[ObjectId]] = defaultdict(set)
    for (item_id, participant_id), swipe in last.items():
        swiped[participant_id].add(item_id)
        if swipe.direction is Direction.LIKE:
            likes[item_id].add(participant_id)
        elif swipe.direction is Direction.DISLIKE:
            dislikes[item_id].add(participant_id)
    entries = {participant_id: len(known) for participant_id, known in operations.items()}
    return Tally(_frozen(likes), _frozen(dislikes), _frozen(swiped), entries)


def _frozen(sets: Mapping[ObjectId, set[ObjectId]]) -> dict[ObjectId, frozenset[ObjectId]]:
    return {key: frozenset(values) for key, values in sets.items()}
