"""Which cards are the closest, the coin, and what remains of a session after its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions import rules
from backend.sessions.rules.endings import decide_closest
from backend.sessions.state import MotionKind, Outcome, Session, Status
from backend.sessions.tally import Standing
from tests.unit.sessions.strategies import (
    COUNTED,
    ITEMS,
    NOTHING,
    NOW,
    RESERVE,
    STRANGER,
    USERS,
    all_ready,
    counted,
    gone,
    in_round,
    lobby,
    over,
    refused,
    standings,
    swiping,
    tally_of,
    told,
)

ADA, BO, CY = USERS[:3]
HOUR = timedelta(minutes=60)
MILLISECOND = timedelta(milliseconds=1)


def likes_of(*counts: int) -> dict[ObjectId, frozenset[ObjectId]]:
    """So many likes for the first cards."""
    return {item: frozenset(USERS[:count]) for item, count in zip(ITEMS, counts, strict=False)}


def closest(session: Session, standing: Standing) -> Session:
    return decide_closest(replace(session, carried=standing), NOW).session


class TestTheRanking:
    """docs/product.md S11: by likes, then by fewer dislikes, then deck order."""

    @given(standings(5), st.permutations(ITEMS))
    def test_each_card_is_worse_than_the_one_before(self, standing: Standing, deck: list[ObjectId]) -> None:
        best = rules.ranking(deck, standing)
        assert sorted(best) == sorted(deck)

        def rank(item: ObjectId) -> tuple[int, int, int]:
            likes, dislikes = standing.likes.get(item, ()), standing.dislikes.get(item, ())
            return (-len(likes), len(dislikes), deck.index(item))

        assert all(rank(better) < rank(worse) for better, worse in pairwise(best))

    def test_likes_weigh_more_than_any_number_of_dislikes(self) -> None:
        standing = Standing({ITEMS[1]: frozenset({ADA})}, {ITEMS[1]: frozenset(USERS[1:5])})
        assert rules.ranking(ITEMS, standing)[0] == ITEMS[1]


class TestTheClosest:
    """docs/product.md S11."""

    @given(standings(4))
    def test_are_the_three_best_cards(self, standing: Standing) -> None:
        outcome = closest(swiping(5), standing).outcome
        assert outcome is not None
        assert outcome.kind == "closest"
        assert outcome.items == tuple(rules.ranking(ITEMS, standing)[:3])

    @given(standings(4))
    def test_tied_are_those_of_them_that_are_as_good_as_the_first(self, standing: Standing) -> None:
        outcome = closest(swiping(5), standing).outcome
        assert outcome is not None

        def opinions(item: ObjectId) -> tuple[int, int]:
            return len(standing.likes.get(item, ())), len(standing.dislikes.get(item, ()))

        alike = [item for item in outcome.items if opinions(item) == opinions(outcome.items[0])]
        assert outcome.tied == (tuple(alike) if len(alike) > 1 else ())
        assert outcome.tossed is None

    @pytest.mark.parametrize(
        ("counts", "tied"), [((2, 1, 1), 0), ((2, 2, 1), 2), ((1, 1, 1, 1), 3), ((2, 1, 2), 2)]
    )
    def test_so_many_share_the_first_place(self, counts: tuple[int, ...], tied: int) -> None:
        outcome = closest(swiping(4), Standing(likes_of(*counts))).outcome
        assert outcome is not None
        assert len(outcome.tied) == tied

    def test_fewer_dislikes_break_a_tie(self) -> None:
        standing = Standing(likes_of(1, 1, 0), {ITEMS[0]: frozenset({BO})})
        outcome = closest(swiping(3), standing).outcome
        assert outcome is not None
        assert outcome.items[:2] == (ITEMS[1], ITEMS[0])
        assert outcome.tied == ()

    def test_may_come_from_the_reserve_once_it_was_shown(self) -> None:
        standing = Standing({RESERVE[1]: frozenset({ADA})})
        later = closest(in_round(3), standing).outcome
        first = closest(swiping(), standing).outcome
        assert later is not None
        assert later.items[0] == RESERVE[1]
        assert first is not None
        assert RESERVE[1] not in first.items

    def test_everybody_learns_them(self) -> None:
        change = counted(swiping(rounds=(300,)), tally_of(likes_of(1, 1, 0)))
        assert told(change) == ["round_ended", "closest"]
        assert change.events[1].data == {
            "outcome": {
                "kind": "closest",
                "items": [str(item) for item in ITEMS[:3]],
                "decided_at": "2026-11-20T18:05:00.150Z",
                "tied": [str(item) for item in ITEMS[:2]],
                "tossed": None,
            }
        }
        assert change.session.status is Status.CLOSEST
        assert change.session.outcome == Outcome("closest", ITEMS[:3], COUNTED, ITEMS[:2])


class TestTheCoin:
    """docs/product.md S11: tied first places can be settled by a server-drawn, visible coin toss if the host asks."""

    TIED = closest(swiping(3), Standing(likes_of(1, 1, 1)))

    @given(st.integers(0, 2**64))
    def test_chooses_one_of_the_tied_and_everybody_sees_among_which(self, drawn: int) -> None:
        change = rules.toss(self.TIED, ADA, drawn)
        assert told(change) == ["coin_tossed"]
        chosen = change.session.outcome and change.session.outcome.tossed
        assert chosen == ITEMS[drawn % 3]
        assert change.events[0].data == {
            "item": str(chosen),
            "among": [str(item) for item in ITEMS[:3]],
        }

    def test_changes_nothing_else(self) -> None:
        session = rules.toss(self.TIED, ADA, 1).session
        assert session.outcome is not None
        assert replace(session, outcome=replace(session.outcome, tossed=None)) == self.TIED

    def test_falls_once(self) -> None:
        session = rules.toss(self.TIED, ADA, 1).session
        assert rules.toss(session, ADA, 2) == rules.unchanged(session)

    def test_only_for_the_host(self) -> None:
        with refused("not_host"):
            rules.toss(self.TIED, BO, 1)
        with refused("session_not_found"):
            rules.toss(self.TIED, STRANGER, 1)

    def test_only_where_there_is_a_tie(self) -> None:
        alone = closest(swiping(3), Standing(likes_of(2, 1, 1)))
        for session in (swiping(), over(), alone):
            with refused("nothing_tied"):
                rules.toss(session, ADA, 1)

    def test_a_host_who_left_before_the_end_has_no_coin(self) -> None:
        left = rules.leave(swiping(3), ADA, NOW).session
        tied = closest(left, Standing(likes_of(0, 1, 1)))
        with refused("not_participant"):
            rules.toss(tied, ADA, 1)
        assert told(rules.toss(tied, BO, 1)) == ["coin_tossed"]


class TestExpiry:
    """docs/product.md S17: 60 minutes after the last activity."""

    def test_not_a_moment_earlier(self) -> None:
        session = rules.join(lobby(1), BO, "Bo", NOW + timedelta(minutes=30)).session
        due = NOW + timedelta(minutes=90)
        assert rules.expire(session, due - MILLISECOND) == rules.unchanged(session)
        change = rules.expire(session, due)
        assert change.session.status is Status.EXPIRED
        assert change.session.finished_at == due
        assert told(change) == ["expired"]
        assert change.events[0].data == {}

    def test_the_minutes_are_the_sessions_own(self) -> None:
        session = replace(lobby(1), expiry_minutes=5).touched(NOW)
        assert session.expires_at == NOW + timedelta(minutes=5)

    def test_a_pause_does_not_keep_it_alive(self) -> None:
        assert told(rules.expire(gone(swiping(2), BO), NOW + HOUR)) == ["expired"]

    @pytest.mark.parametrize("session", [swiping(), all_ready(lobby())], ids=["a round", "a countdown"])
    def test_not_while_a_clock_runs(self, session: Session) -> None:
        assert rules.expire(session, NOW + 10 * HOUR) == rules.unchanged(session)

    def test_what_is_over_does_not_expire(self) -> None:
        assert rules.expire(over(), NOW + 10 * HOUR) == rules.unchanged(over())


class TestGivingUp:
    """docs/product.md P2: an erasure waits for others, but not for ever."""

    @pytest.mark.parametrize(
        "session",
        [lobby(), all_ready(lobby()), swiping(), gone(swiping(2), BO)],
        ids=["a lobby", "a countdown", "a round", "a pause"],
    )
    def test_whatever_runs_ends_at_once(self, session: Session) -> None:
        change = rules.give_up(session, NOW)
        assert told(change) == ["expired"]
        assert (change.session.status, change.session.finished_at) == (Status.EXPIRED, NOW)
        assert (change.session.starts_at, change.session.ends_at, change.session.pause) == (None, None, None)

    def test_what_is_over_stays_as_it_ended(self) -> None:
        assert rules.give_up(over(), NOW) == rules.unchanged(over())


class TestWhatRemains:
    def ended(self) -> list[Session]:
        busy = rules.vote(in_round(2, 3, {ITEMS[0]: frozenset({ADA})}), ADA, MotionKind.PAUSE, True, NOW)
        two = rules.vote(in_round(2, 2, {ITEMS[0]: frozenset({ADA})}), ADA, MotionKind.PAUSE, True, NOW)
        paused = gone(in_round(2, 3, {ITEMS[0]: frozenset({ADA})}), BO, CY)
        return [
            rules.match(busy.session, {ITEMS[1]: frozenset({ADA, BO, CY})}, NOW).session,
            decide_closest(busy.session, NOW).session,
            rules.expire(paused, NOW + 3 * HOUR).session,
            rules.expire(lobby(), NOW + HOUR).session,
            rules.leave(two.session, BO, NOW).session,
            rules.give_up(busy.session, NOW).session,
        ]

    def test_no_clock_no_motion_and_nobodys_likes(self) -> None:
        statuses = set()
        for session in self.ended():
            statuses.add(session.status)
            assert not session.status.live
            assert session.carried == Standing()
            assert session.motions == ()
            assert session.pause is None
            assert session.starts_at is None
            assert session.due_at is None
            assert session.finished_at is not None
        assert statuses == {Status.MATCHED, Status.CLOSEST, Status.EXPIRED, Status.CLOSED}

    def test_that_the_last_round_was_counted_is_remembered_where_it_was_decided(self) -> None:
        """A swipe repeated later hears the same answer (docs/decisions/0005)."""
        closing = rules.close_round(swiping(rounds=(300,)), NOTHING, COUNTED).session
        assert rules.end_round(closing, NOTHING, COUNTED).session.closing
        assert not over().closing
        assert not rules.leave(closing, BO, COUNTED).session.closing


def test_three_are_the_closest() -> None:
    """docs/product.md S11."""
    assert rules.CLOSEST_COUNT == 3
