"""A log of swipes and what it amounts to."""

from __future__ import annotations

import random

from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions.tally import Direction, Swipe, tally
from tests.unit.sessions.strategies import ITEMS, USERS

SESSION = ObjectId()


def swipe(at: int, user: ObjectId, item: ObjectId, direction: Direction) -> Swipe:
    return Swipe(SESSION, user, f"{at:026d}", item, direction, 1, at)


logs = st.lists(
    st.tuples(st.sampled_from(USERS[:3]), st.sampled_from(ITEMS[:4]), st.sampled_from(Direction)), max_size=40
).map(lambda entries: [swipe(at, *entry) for at, entry in enumerate(entries)])


@given(logs, st.randoms())
def test_order_of_arrival_and_repetition_do_not_matter(log: list[Swipe], chance: random.Random) -> None:
    shuffled = [*log, *chance.sample(log, len(log) // 2)]
    chance.shuffle(shuffled)
    assert tally(shuffled) == tally(log)


@given(logs)
def test_the_last_word_of_a_participant_on_a_card_counts(log: list[Swipe]) -> None:
    result = tally(log)
    last = {(s.item_id, s.participant_id): s.direction for s in log}
    for (item, user), direction in last.items():
        assert (user in result.likes.get(item, ())) == (direction is Direction.LIKE)
        assert (user in result.dislikes.get(item, ())) == (direction is Direction.DISLIKE)
        assert item in result.swiped[user]
    assert sum(len(items) for items in result.swiped.values()) == len(last)
