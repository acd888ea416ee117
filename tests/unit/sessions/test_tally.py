"""A log of swipes and what it amounts to."""

from __future__ import annotations

import random

from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions.tally import (
    Direction,
    Standing,
    Swipe,
    Undo,
    holding,
    last_swipe,
    last_words,
    tally,
)
from tests.unit.sessions.strategies import ITEMS, USERS, known_id, standings

SESSION = known_id(0x5E55)
ADA, BO = USERS[:2]
FIRST, SECOND, THIRD = ITEMS[:3]
LIKE, DISLIKE, SKIP = Direction
UNDO = Undo.UNDO
NOBODY: frozenset[ObjectId] = frozenset()


def swipe(at: int, user: ObjectId, item: ObjectId, direction: Direction | Undo) -> Swipe:
    return Swipe(SESSION, user, f"{at:026d}", item, direction, 1, at)


entries = st.tuples(
    st.sampled_from(USERS[:3]), st.sampled_from(ITEMS[:4]), st.sampled_from([LIKE, DISLIKE, SKIP, UNDO])
)
logs = st.lists(entries, max_size=40).map(
    lambda said: [swipe(at, *entry) for at, entry in enumerate(said)],
)
plain_logs = logs.map(lambda log: [entry for entry in log if isinstance(entry.direction, Direction)])
sayings = st.lists(st.tuples(st.sampled_from(ITEMS[:4]), st.sampled_from([LIKE, DISLIKE, SKIP, UNDO])))


class TestTheLog:
    @given(logs, st.randoms(), standings(3))
    def test_order_of_arrival_and_repetition_do_not_matter(
        self, log: list[Swipe], chance: random.Random, carried: Standing
    ) -> None:
        shuffled = [*log, *chance.sample(log, len(log) // 2)]
        chance.shuffle(shuffled)
        assert tally(shuffled, carried) == tally(log, carried)

    def test_the_same_operation_id_of_somebody_else_is_another_operation(self) -> None:
        log = [swipe(1, ADA, FIRST, LIKE), swipe(1, BO, FIRST, LIKE)]
        assert tally(log).likes == {FIRST: frozenset({ADA, BO})}

    def test_entries_at_the_same_microsecond_amount_to_the_same_in_any_order(self) -> None:
        log = [Swipe(SESSION, ADA, str(n), ITEMS[n], LIKE, 1, 7) for n in range(4)]
        assert tally(log) == tally(reversed(log))

    @given(plain_logs)
    def test_the_last_word_of_a_participant_on_a_card_counts(self, log: list[Swipe]) -> None:
        result = tally(log)
        last = {(s.item_id, s.participant_id): s.direction for s in log}
        for (item, user), direction in last.items():
            assert (user in result.likes.get(item, ())) == (direction is LIKE)
            assert (user in result.dislikes.get(item, ())) == (direction is DISLIKE)
            assert item in result.swiped[user]
        assert sum(len(items) for items in result.swiped.values()) == len(last)

    @given(logs)
    def test_every_entry_counts_as_an_entry_whatever_it_says(self, log: list[Swipe]) -> None:
        said = [entry.participant_id for entry in log]
        assert tally(log).entries == {user: said.count(user) for user in said}

    def test_nothing_amounts_to_nothing(self) -> None:
        empty = tally([])
        assert (empty.likes, empty.dislikes, empty.swiped, empty.entries) == ({}, {}, {}, {})


class TestCarryingOver:
    """docs/product.md S10: likes carry over; a like can be withdrawn by swiping left."""

    CARRIED = Standing({FIRST: frozenset({ADA})}, {SECOND: frozenset({ADA})})

    def test_what_was_thought_before_stands_until_something_else_is_said(self) -> None:
        result = tally([swipe(1, BO, FIRST, LIKE)], self.CARRIED)
        assert result.likes == {FIRST: frozenset({ADA, BO})}
        assert result.dislikes == {SECOND: frozenset({ADA})}
        assert result.swiped == {BO: frozenset({FIRST})}

    def test_a_new_word_replaces_it_even_one_without_an_opinion(self) -> None:
        assert tally([swipe(1, ADA, FIRST, DISLIKE)], self.CARRIED).likes == {}
        assert tally([swipe(1, ADA, FIRST, SKIP)], self.CARRIED).likes == {}
        assert tally([swipe(1, ADA, SECOND, LIKE)], self.CARRIED).dislikes == {}

    def test_taking_that_back_brings_it_back(self) -> None:
        log = [swipe(1, ADA, FIRST, DISLIKE), swipe(2, ADA, FIRST, UNDO)]
        assert tally(log, self.CARRIED).likes == self.CARRIED.likes

    @given(standings(3))
    def test_a_round_in_which_nobody_does_anything_changes_no_opinion(self, carried: Standing) -> None:
        result = tally([], carried).standing
        assert result.likes == {item: who for item, who in carried.likes.items() if who}
        assert result.dislikes == {item: who for item, who in carried.dislikes.items() if who}

    @given(logs, logs)
    def test_nobody_both_likes_and_dislikes_a_card(self, earlier: list[Swipe], later: list[Swipe]) -> None:
        result = tally(later, tally(earlier).standing)
        for item in ITEMS[:4]:
            assert not result.likes.get(item, NOBODY) & result.dislikes.get(item, NOBODY)

    @given(standings(4), st.frozensets(st.sampled_from(USERS[:4])))
    def test_the_opinions_of_some_people_alone(
        self, all_of_them: Standing, some: frozenset[ObjectId]
    ) -> None:
        kept = all_of_them.among(some)
        for whole, narrowed in ((all_of_them.likes, kept.likes), (all_of_them.dislikes, kept.dislikes)):
            assert narrowed == {item: who & some for item, who in whole.items() if who & some}

    def test_cards_that_nobody_holds_an_opinion_on_are_left_out(self) -> None:
        assert holding(LIKE, {FIRST: NOBODY}, {SECOND: {ADA: SKIP}}) == {}


class TestTakingBack:
    """docs/product.md S13: the last swipe can be taken back."""

    def test_the_word_before_it_counts_again(self) -> None:
        assert last_words([(FIRST, DISLIKE), (FIRST, LIKE), (FIRST, UNDO)]) == {FIRST: DISLIKE}

    def test_without_one_the_card_is_as_if_never_swiped(self) -> None:
        assert last_words([(FIRST, LIKE), (FIRST, UNDO)]) == {}
        assert tally([swipe(1, ADA, FIRST, LIKE), swipe(2, ADA, FIRST, UNDO)]).swiped == {ADA: NOBODY}

    def test_with_nothing_to_take_back_it_does_nothing(self) -> None:
        assert last_words([(FIRST, UNDO), (FIRST, LIKE)]) == {FIRST: LIKE}
        assert last_swipe([(FIRST, UNDO), (FIRST, LIKE)]) == FIRST
        assert last_swipe([(FIRST, LIKE), (SECOND, UNDO)]) == FIRST

    def test_it_takes_back_the_newest_swipe_that_still_stands(self) -> None:
        said = [(FIRST, LIKE), (SECOND, LIKE), (FIRST, DISLIKE), (THIRD, SKIP)]
        order = []
        while (item := last_swipe(said)) is not None:
            order.append(item)
            said.append((item, UNDO))
        assert order == [THIRD, FIRST, SECOND, FIRST]

    def test_an_undo_of_an_older_card_takes_its_newest_swipe(self) -> None:
        said = [(FIRST, LIKE), (SECOND, LIKE), (FIRST, LIKE), (SECOND, UNDO)]
        assert last_swipe(said) == FIRST
        assert last_swipe([(FIRST, LIKE), (SECOND, LIKE), (FIRST, LIKE), (FIRST, UNDO)]) == SECOND

    @given(sayings)
    def test_an_undo_is_as_if_that_swipe_had_never_been(
        self, said: list[tuple[ObjectId, Direction | Undo]]
    ) -> None:
        item = last_swipe(said)
        if item is None:
            assert last_words(said) == {}
            return
        assert item in last_words(said)
        after = last_words([*said, (item, UNDO)])
        others = {card: word for card, word in last_words(said).items() if card != item}
        assert {card: word for card, word in after.items() if card != item} == others
        for direction in Direction:
            assert last_words([*said, (item, direction), (item, UNDO)]) == last_words(said)
            assert last_swipe([*said, (item, direction), (item, UNDO)]) == item
