"""What swipes lead to while a round runs: a match at once, or an early end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions import rules
from backend.sessions.state import PauseReason, Session, Status
from backend.sessions.tally import Direction, Swipe, Tally, tally
from tests.unit.sessions.strategies import (
    ITEMS,
    NOW,
    RESERVE,
    USERS,
    Likes,
    counted,
    gone,
    in_round,
    lobby,
    opinions_of,
    over,
    swiping,
    told,
)

ADA, BO, CY, DI = USERS[:4]
BOTH = frozenset({ADA, BO})
EVERYTHING_SWIPED = Tally(swiped=dict.fromkeys(USERS[:5], frozenset(ITEMS)))


class TestAMatch:
    """docs/product.md S9: a like from every required participant."""

    @given(opinions_of(3), st.sampled_from(["all there", "one left", "one gone"]))
    def test_is_the_first_card_in_deck_order_that_everybody_required_likes(
        self, likes: Likes, case: str
    ) -> None:
        session = swiping(3)
        if case == "one left":
            session = rules.leave(session, CY, NOW).session
        elif case == "one gone":
            session = gone(session, CY)
        unanimous = [item for item in ITEMS if session.required <= likes.get(item, frozenset())]
        change = rules.match(session, likes, NOW)
        if unanimous:
            assert change.session.outcome is not None
            assert change.session.outcome.items == (unanimous[0],)
            assert rules.match(change.session, likes, NOW) == rules.unchanged(change.session)
        else:
            assert change == rules.unchanged(session)

    def test_ends_the_session_at_once_and_is_told_to_all(self) -> None:
        change = rules.match(swiping(), {ITEMS[3]: BOTH}, NOW)
        assert told(change) == ["matched"]
        assert change.events[0].data == {
            "outcome": {
                "kind": "match",
                "items": [str(ITEMS[3])],
                "decided_at": "2026-11-20T18:00:00.000Z",
            }
        }
        assert change.session.status is Status.MATCHED
        assert change.session.finished_at == NOW
        assert change.session.due_at is None

    def test_is_found_in_a_pause_too(self) -> None:
        paused = rules.pause(swiping(3), PauseReason.VOTE, NOW).session
        change = rules.match(rules.leave(paused, CY, NOW).session, {ITEMS[0]: BOTH}, NOW)
        assert told(change) == ["matched"]
        assert change.session.pause is None

    def test_is_not_made_by_a_minority(self) -> None:
        """docs/product.md S16: the last one there would match with themselves."""
        alone = gone(swiping(2), BO)
        assert rules.match(alone, {ITEMS[0]: frozenset({ADA})}, NOW) == rules.unchanged(alone)

    @pytest.mark.parametrize("session", [lobby(), over()], ids=["lobby", "over"])
    def test_is_made_only_while_a_round_is_on(self, session: Session) -> None:
        likes = dict.fromkeys(ITEMS, BOTH)
        assert rules.match(replace(session, deck=ITEMS), likes, NOW).events == ()

    def test_cards_of_the_reserve_count_from_round_two_on(self) -> None:
        likes = {RESERVE[0]: BOTH}
        assert rules.match(swiping(), likes, NOW).events == ()
        for number in (2, 3):
            assert told(rules.match(in_round(number), likes, NOW)) == ["matched"]

    def test_a_like_of_round_one_and_one_of_round_two_make_it(self) -> None:
        """docs/product.md S10: likes carry over."""
        session = in_round(2, likes={ITEMS[4]: frozenset({ADA})})
        log = [Swipe(session.id, BO, "1", ITEMS[4], Direction.LIKE, 2, 1)]
        assert told(rules.match(session, tally(log, session.carried).likes, NOW)) == ["matched"]

    def test_a_like_that_was_withdrawn_does_not(self) -> None:
        """docs/product.md S10: a like can be withdrawn by swiping left."""
        session = in_round(2, likes={ITEMS[4]: frozenset({ADA})})
        log = [
            Swipe(session.id, ADA, "1", ITEMS[4], Direction.DISLIKE, 2, 1),
            Swipe(session.id, BO, "1", ITEMS[4], Direction.LIKE, 2, 2),
        ]
        assert rules.match(session, tally(log, session.carried).likes, NOW).events == ()


class TestHavingFinished:
    """docs/product.md S8: a round ends early when everybody has finished their cards."""

    @given(st.lists(st.tuples(st.sampled_from(USERS[:3]), st.sampled_from(ITEMS))))
    def test_means_that_everybody_required_swiped_all_their_cards(self, swipes: list) -> None:
        swiped = {user: frozenset(item for who, item in swipes if who == user) for user, _ in swipes}
        for session in (swiping(3), gone(swiping(3), CY)):
            finished = all(swiped.get(user) == frozenset(ITEMS) for user in session.required)
            assert rules.everybody_finished(session, Tally(swiped=swiped)) == finished

    def test_does_not_wait_for_who_is_gone_or_watches(self) -> None:
        watched = rules.join(in_round(2, 3), DI, "Di", NOW).session
        done = Tally(swiped={p.user_id: frozenset(p.own_deck) for p in watched.players[:2]})
        assert not rules.everybody_finished(watched, done)
        assert rules.everybody_finished(gone(watched, CY), done)

    def test_means_nothing_where_nobody_is_there(self) -> None:
        assert not rules.everybody_finished(gone(swiping(2), ADA, BO), EVERYTHING_SWIPED)

    def test_cards_that_left_the_deck_need_no_swipe(self) -> None:
        rest = frozenset(ITEMS[3:])
        session = rules.join(swiping(2), CY, "Cy", NOW, rest).session
        assert rules.everybody_finished(session, Tally(swiped=dict.fromkeys(USERS[:3], rest)))

    def test_ends_the_round(self) -> None:
        assert counted(swiping(), EVERYTHING_SWIPED, NOW).session.round == 2
