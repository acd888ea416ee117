"""What a log of swipes amounts to, worked out in the plainest way: the server's own way must come to the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

Entry = dict[str, Any]
Opinions = dict[str, dict[str, str]]
"""By card, then participant: `right`, `left` or `up`."""

_LIKE, _DISLIKE, _UNDO = "right", "left", "undo"
_NEW_CARDS = 10


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By the time at which the server took them."""
    return sorted(entries, key=lambda entry: entry["t"])


def standing_swipes(entries: Iterable[Entry]) -> list[Entry]:
    """The swipes of one participant in one round that were not taken back, oldest first."""
    standing: list[Entry] = []
    for entry in in_order(entries):
        if entry["d"] != _UNDO:
            standing.append(entry)
            continue
        for place in reversed(range(len(standing))):
            if standing[place]["i"] == entry["i"]:
                del standing[place]
                break
    return standing


def wrong_undos(entries: Iterable[Entry]) -> list[Entry]:
    """Undos of one participant in one round that took back something else than the last swipe that still stood."""
    before: list[Entry] = []
    wrong = []
    for entry in in_order(entries):
        if entry["d"] == _UNDO:
            standing = standing_swipes(before)
            if not standing or standing[-1]["i"] != entry["i"]:
                wrong.append(entry)
        before.append(entry)
    return wrong


def opinions(entries: Iterable[Entry]) -> Opinions:
    """What everybody thinks of each card, round after round: what one says later takes the place of what one said."""
    by_whom: defaultdict[tuple[int, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        by_whom[entry["r"], str(entry["p"])].append(entry)
    held: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for (_, who), mine in sorted(by_whom.items(), key=lambda one: one[0]):
        for swipe in standing_swipes(mine):
            held[str(swipe["i"])][who] = swipe["d"]
    return dict(held)


def likers(held: Opinions, item: str) -> set[str]:
    """Who likes a card."""
    return {who for who, way in held.get(item, {}).items() if way == _LIKE}


def dislikers(held: Opinions, item: str) -> set[str]:
    """Who dislikes a card."""
    return {who for who, way in held.get(item, {}).items() if way == _DISLIKE}


def ranked(cards: Sequence[str], held: Opinions) -> list[str]:
    """The cards by likes, then by fewer dislikes, then as they lie in the deck (docs/product.md S11)."""
    return sorted(
        cards, key=lambda item: (-len(likers(held, item)), len(dislikers(held, item)), cards.index(item))
    )


def first_placed(cards: Sequence[str], held: Opinions) -> list[str]:
    """The best card and those with as many likes and dislikes."""
    best = ranked(cards, held)
    score = [(len(likers(held, item)), len(dislikers(held, item))) for item in best]
    return [item for item, its in zip(best, score, strict=True) if its == score[0]]


def personal_deck(
    me: str, deck: Sequence[str], reserve: Sequence[str], first_round: Sequence[Entry]
) -> list[str]:
    """The cards of round 2: what others like and I do not, most liked first, then what nobody has swiped (S10)."""
    held = opinions(first_round)
    mine = [item for item in deck if me not in likers(held, item) and likers(held, item)]
    mine.sort(key=lambda item: -len(likers(held, item)))
    unseen = [item for item in (*deck, *reserve) if item not in held][:_NEW_CARDS]
    return [*mine, *(item for item in unseen if item not in mine)]
