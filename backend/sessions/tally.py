"""What a round's log of swipes amounts to: the last word of a participant on a card counts. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bson import ObjectId

Likers = Mapping[ObjectId, frozenset[ObjectId]]
"""By card: participants."""


class Direction(StrEnum):
    """Which way a card went."""

    LIKE = "right"
    DISLIKE = "left"
    SKIP = "up"


class Undo(StrEnum):
    """The entry that takes back the participant's last swipe of the same card in the same round (S13)."""

    UNDO = "undo"


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
    direction: Direction | Undo
    round: int
    at: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Who likes and who dislikes which card; cards that nobody has an opinion on may be missing."""

    likes: Likers = field(default_factory=dict)
    dislikes: Likers = field(default_factory=dict)

    def among(self, people: Iterable[ObjectId]) -> Standing:
        """The opinions of some people alone."""
        known = frozenset(people)
        return Standing(_narrowed(self.likes, known), _narrowed(self.dislikes, known))


@dataclass(frozen=True, slots=True)
class Tally(Standing):
    """Where everybody stands, earlier rounds included, and what was done in this round.

    Attributes:
        swiped: by participant, the cards swiped in this round and not taken back.
        entries: by participant, how many entries of this round there are in all.
    """

    swiped: Mapping[ObjectId, frozenset[ObjectId]] = field(default_factory=dict)
    entries: Mapping[ObjectId, int] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        """What carries over into the next round."""
        return Standing(self.likes, self.dislikes)


def tally(swipes: Iterable[Swipe], carried: Standing | None = None) -> Tally:
    """Fold one round's log, in any order, over what earlier rounds left."""
    carried = carried or Standing()
    operations: defaultdict[ObjectId, set[str]] = defaultdict(set)
    entries: defaultdict[ObjectId, list[tuple[int, ObjectId, Direction | Undo]]] = defaultdict(list)
    for swipe in swipes:
        if swipe.op_id not in operations[swipe.participant_id]:
            operations[swipe.participant_id].add(swipe.op_id)
            entries[swipe.participant_id].append((swipe.at, swipe.item_id, swipe.direction))
    words: dict[ObjectId, dict[ObjectId, Direction]] = defaultdict(dict)
    swiped: dict[ObjectId, frozenset[ObjectId]] = {}
    for participant_id, said in entries.items():
        mine = last_words((item, direction) for _, item, direction in sorted(said))
        swiped[participant_id] = frozenset(mine)
        for item, direction in mine.items():
            words[item][participant_id] = direction
    return Tally(
        likes=holding(Direction.LIKE, carried.likes, words),
        dislikes=holding(Direction.DISLIKE, carried.dislikes, words),
        swiped=swiped,
        entries={participant_id: len(known) for participant_id, known in operations.items()},
    )


def _narrowed(opinions: Likers, people: frozenset[ObjectId]) -> dict[ObjectId, frozenset[ObjectId]]:
    return {item: kept for item, who in opinions.items() if (kept := who & people)}


def last_words(said: Iterable[tuple[ObjectId, Direction | Undo]]) -> dict[ObjectId, Direction]:
    """One participant's last word on each card, from (card, entry) in order of time.

    An undo takes back the last swipe of its card; with nothing to take back it does nothing.
    """
    stacks: defaultdict[ObjectId, list[Direction]] = defaultdict(list)
    for item, entry in said:
        if isinstance(entry, Direction):
            stacks[item].append(entry)
        elif stacks[item]:
            stacks[item].pop()
    return {item: stack[-1] for item, stack in stacks.items() if stack}


def last_swipe(said: Iterable[tuple[ObjectId, Direction | Undo]]) -> ObjectId | None:
    """The card whose swipe an undo would take back: the newest that still stands; None where nothing does."""
    standing: list[ObjectId] = []
    for item, entry in said:
        if isinstance(entry, Direction):
            standing.append(item)
        elif item in standing:
            del standing[len(standing) - 1 - standing[::-1].index(item)]
    return standing[-1] if standing else None


def holding(
    direction: Direction, carried: Likers, words: Mapping[ObjectId, Mapping[ObjectId, Direction]]
) -> dict[ObjectId, frozenset[ObjectId]]:
    """By card, whose word is `direction`: this round's last word, else the one carried over from earlier rounds.

    Args:
        words: by card and participant, the last words of this round.
    """
    held: dict[ObjectId, frozenset[ObjectId]] = {}
    for item in carried.keys() | words.keys():
        now = words.get(item, {})
        earlier = carried.get(item, frozenset()).difference(now)
        if everybody := earlier.union(who for who, word in now.items() if word is direction):
            held[item] = everybody
    return held
