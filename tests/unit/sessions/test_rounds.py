"""What follows when a round has been counted: the next one and its cards, or the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions import rules
from backend.sessions.rules.rounds import NEW_CARDS, SHORTLIST
from backend.sessions.state import MotionKind, PauseReason, Session, Status
from backend.sessions.tally import Standing, Tally
from tests.unit.sessions.strategies import (
    COUNTED,
    ITEMS,
    NOTHING,
    NOW,
    RESERVE,
    USERS,
    all_ready,
    counted,
    gone,
    in_round,
    known_id,
    lobby,
    over,
    refused,
    standings,
    swiping,
    tally_of,
    told,
)

ADA, BO, CY, DI = USERS[:4]
BOTH = frozenset({ADA, BO})
EVERYTHING_SWIPED = Tally(swiped=dict.fromkeys(USERS[:5], frozenset(ITEMS)))


def only(*users: ObjectId) -> frozenset[ObjectId]:
    return frozenset(users)


class TestClosingARound:
    """docs/product.md S8; docs/decisions/0005: a round is closed and stamped before it is counted."""

    def test_nobody_is_told(self) -> None:
        change = rules.close_round(swiping(), NOTHING, COUNTED)
        assert change.events == ()
        assert change.session.being_counted

    def test_not_before_its_time_is_up(self) -> None:
        early = COUNTED - timedelta(milliseconds=1)
        assert rules.close_round(swiping(), NOTHING, early) == rules.unchanged(swiping())

    def test_its_end_stays_and_where_all_have_finished_it_is_now(self) -> None:
        assert rules.close_round(swiping(), NOTHING, COUNTED).session.ends_at == NOW + timedelta(minutes=5)
        soon = NOW + timedelta(minutes=1)
        assert rules.close_round(swiping(), EVERYTHING_SWIPED, soon).session.ends_at == soon

    @pytest.mark.parametrize(
        "session",
        [
            lobby(),
            over(),
            rules.pause(swiping(), PauseReason.VOTE, NOW).session,
            rules.close_round(swiping(), NOTHING, COUNTED).session,
            replace(swiping(), ends_at=None),
        ],
        ids=["lobby", "over", "paused", "closed already", "no end"],
    )
    def test_only_a_running_round(self, session: Session) -> None:
        change = rules.close_round(session, EVERYTHING_SWIPED, COUNTED)
        assert change == rules.unchanged(session)

    def test_nothing_is_swiped_or_matched_while_it_is_counted(self) -> None:
        closing = rules.close_round(swiping(), NOTHING, COUNTED).session
        with refused("round_over"):
            rules.require_swipe(closing, ADA, ITEMS[0], NOW)
        assert rules.match(closing, {ITEMS[0]: BOTH}, COUNTED) == rules.unchanged(closing)

    def test_only_a_closed_round_is_counted(self) -> None:
        assert rules.end_round(swiping(), NOTHING, COUNTED) == rules.unchanged(swiping())


class TestAfterTheCount:
    """docs/product.md S8 to S11."""

    def test_a_match_beats_everything(self) -> None:
        change = counted(swiping(rounds=(300,)), tally_of({ITEMS[3]: BOTH}))
        assert told(change) == ["matched"]

    @pytest.mark.parametrize("rounds", [(300,), (60, 30), (300, 180, 60)])
    def test_one_round_follows_the_other_and_after_the_last_come_the_closest(
        self, rounds: tuple[int, ...]
    ) -> None:
        session = swiping(rounds=rounds)
        for number in range(1, len(rounds) + 1):
            assert session.round == number
            change = counted(session)
            assert told(change)[0] == "round_ended"
            assert change.events[0].data == {"round": number}
            session = change.session
        assert told(change) == ["round_ended", "closest"]
        assert session.status is Status.CLOSEST
        assert rules.end_round(session, NOTHING, COUNTED) == rules.unchanged(session)

    def test_the_next_round_is_open_again(self) -> None:
        session = counted(swiping()).session
        assert (session.closing, session.status) == (False, Status.SWIPING)

    def test_what_people_think_is_carried_over(self) -> None:
        opinions = tally_of({ITEMS[0]: only(ADA)}, {ITEMS[1]: only(BO)})
        carried = counted(swiping(), opinions).session.carried
        assert carried == Standing({ITEMS[0]: only(ADA)}, {ITEMS[1]: only(BO)})

    def test_who_has_left_has_no_say_in_what_comes_next_and_who_is_gone_has(self) -> None:
        session = gone(rules.leave(swiping(4), DI, NOW).session, CY)
        opinions = tally_of({ITEMS[0]: only(CY, DI)}, {ITEMS[1]: only(DI), ITEMS[2]: only(CY)})
        carried = counted(session, opinions).session.carried
        assert carried == Standing({ITEMS[0]: only(CY)}, {ITEMS[2]: only(CY)})

    def test_the_counts_that_decided_are_remembered_in_order(self) -> None:
        session = swiping()
        for name in ("one", "two", "three"):
            closed = rules.close_round(session, NOTHING, COUNTED + timedelta(minutes=9)).session
            session = rules.end_round(closed, NOTHING, session.counted_at or COUNTED, name).session
        assert session.status is Status.CLOSEST
        assert session.counts == ("one", "two", "three")

    def test_when_they_wanted_to_end_now_no_round_follows(self) -> None:
        session = swiping()
        for user in (ADA, BO):
            session = rules.vote(session, user, MotionKind.END_NOW, True, NOW).session
        assert told(rules.end_round(session, NOTHING, NOW)) == ["round_ended", "closest"]

    def test_a_round_that_has_no_cards_for_anybody_is_left_out(self) -> None:
        session = rules.begin(all_ready(lobby(2)), ITEMS, (), NOW).session
        assert counted(session, EVERYTHING_SWIPED).session.round == 3
        short = rules.begin(all_ready(lobby(2, rounds=(60, 30))), ITEMS, (), NOW).session
        assert told(counted(short, EVERYTHING_SWIPED)) == ["round_ended", "closest"]

    def test_a_round_with_cards_for_one_is_played(self) -> None:
        session = rules.begin(all_ready(lobby(2)), ITEMS, (), NOW).session
        opinions = replace(EVERYTHING_SWIPED, likes={ITEMS[0]: only(ADA)})
        following = counted(session, opinions).session
        assert following.round == 2
        assert (following.deck_of(ADA), following.deck_of(BO)) == ((), (ITEMS[0],))

    def test_without_its_majority_the_next_round_waits(self) -> None:
        closing = rules.close_round(swiping(2), NOTHING, COUNTED).session
        change = rules.end_round(gone(closing, BO), NOTHING, COUNTED)
        assert told(change) == ["round_ended", "round_started", "paused"]
        assert change.events[2].data == {"reason": "majority_away", "remaining_ms": 180_000}


class TestRoundTwo:
    """docs/product.md S10: the cards somebody else liked and they did not, then cards nobody has seen."""

    @given(standings(4), st.frozensets(st.sampled_from(ITEMS)), st.booleans())
    def test_everybodys_deck(
        self, opinions: Standing, skipped: frozenset[ObjectId], somebody_left: bool
    ) -> None:
        session = swiping(4)
        if somebody_left:
            session = rules.leave(session, DI, NOW).session
        swipes = tally_of(opinions.likes, opinions.dislikes)
        swipes = replace(swipes, swiped={**swipes.swiped, BO: swipes.swiped.get(BO, frozenset()) | skipped})
        following = counted(session, swipes).session
        if following.round != 2:
            return
        playing = {p.user_id for p in session.players}
        likes = {item: who & playing for item, who in opinions.likes.items()}
        seen = frozenset[ObjectId]().union(*swipes.swiped.values())
        for user in playing:
            deck = following.deck_of(user)
            theirs = [i for i in deck if i in seen]
            new = [i for i in deck if i not in seen]
            assert deck == (*theirs, *new)
            assert set(theirs) == {
                i for i in ITEMS if (likes.get(i, frozenset()) & playing) - {user} and user not in likes[i]
            }
            assert theirs == sorted(theirs, key=lambda i: (-len(likes[i] & playing), ITEMS.index(i)))
            assert new == [i for i in ITEMS + RESERVE if i not in seen][:NEW_CARDS]

    def test_holds_at_most_ten_new_cards(self) -> None:
        deck = tuple(known_id(number) for number in range(40))
        session = rules.begin(all_ready(lobby(2)), deck[:30], deck[30:], NOW).session
        seen = frozenset(deck[:25])
        following = counted(session, Tally(swiped={ADA: seen})).session
        assert following.deck_of(ADA) == following.deck_of(BO) == deck[25:35]

    def test_begins_with_what_most_others_like(self) -> None:
        likes = {ITEMS[1]: only(BO), ITEMS[4]: only(BO, CY, DI), ITEMS[6]: only(CY, DI), ITEMS[7]: only(DI)}
        following = counted(swiping(4), tally_of(likes)).session
        assert following.deck_of(ADA)[:4] == (ITEMS[4], ITEMS[6], ITEMS[1], ITEMS[7])

    def test_is_in_no_event(self) -> None:
        """Who saw another's deck could tell who likes what."""
        change = counted(swiping(3), tally_of({ITEMS[0]: only(ADA), ITEMS[1]: only(BO)}))
        started = change.events[-1]
        assert started.type == "round_started"
        assert started.data["round"] == 2
        assert started.data["deck"] == []
        assert not any(str(item) in repr(change.events) for item in ITEMS + RESERVE)
        assert started.data["deck_sizes"] == {
            str(p.user_id): len(p.own_deck) for p in change.session.participants
        }

    def test_is_dealt_to_who_is_gone_too_and_not_to_who_left(self) -> None:
        session = gone(rules.leave(swiping(4), DI, NOW).session, CY)
        following = counted(session, tally_of({ITEMS[0]: only(ADA)})).session
        assert following.deck_of(CY) == following.deck_of(BO)
        assert following.deck_of(DI) == ()

    def test_what_only_who_left_liked_is_not_shown_again(self) -> None:
        session = rules.leave(swiping(3), CY, NOW).session
        following = counted(session, tally_of({ITEMS[0]: only(CY)})).session
        assert ITEMS[0] not in following.deck_of(ADA)

    def test_what_one_liked_is_not_among_ones_own_cards(self) -> None:
        following = counted(swiping(3), tally_of({ITEMS[0]: only(ADA, BO)})).session
        assert ITEMS[0] not in following.deck_of(ADA)
        assert following.deck_of(CY)[0] == ITEMS[0]


class TestRoundThree:
    """docs/product.md S10: everybody gets the five most liked cards."""

    @given(standings(4))
    def test_the_same_five_best_cards_for_all(self, opinions: Standing) -> None:
        session = replace(in_round(2, 4), closing=True)
        swipes = tally_of(opinions.likes, opinions.dislikes)
        change = rules.end_round(session, swipes, COUNTED)
        if change.session.status is Status.MATCHED:
            return
        shortlist = change.session.shortlist
        assert shortlist == tuple(rules.ranking(ITEMS + RESERVE, opinions))[:5]
        assert {change.session.deck_of(user) for user in USERS[:4]} == {shortlist}
        assert change.events[-1].data["deck"] == [str(item) for item in shortlist]
        assert change.events[-1].data["round"] == 3

    def test_it_follows_round_1_where_nobody_reconsiders(self) -> None:
        session = replace(in_round(1), closing=True)
        change = rules.end_round(session, tally_of({ITEMS[3]: only(ADA)}), COUNTED, reconsider=False)
        assert change.session.round == 3
        assert change.session.shortlist[0] == ITEMS[3]
        assert all(p.own_deck == () for p in change.session.participants)
        assert told(change) == ["round_ended", "round_started"]

    def test_where_round_2_was_to_be_the_last_and_nobody_reconsiders_the_closest_follows(self) -> None:
        session = replace(in_round(1), closing=True, round_seconds=(60, 60))
        change = rules.end_round(session, NOTHING, COUNTED, reconsider=False)
        assert change.session.status is Status.CLOSEST

    def test_cards_of_the_reserve_may_be_among_them(self) -> None:
        session = replace(in_round(2), closing=True)
        following = rules.end_round(session, tally_of({RESERVE[2]: only(ADA)}), COUNTED).session
        assert following.shortlist == (RESERVE[2], *ITEMS[:4])

    def test_who_watches_gets_none(self) -> None:
        watched = rules.join(in_round(3), CY, "Cy", NOW).session
        assert watched.deck_of(CY) == ()


def test_ten_new_cards_and_five_on_the_shortlist() -> None:
    """docs/product.md S10."""
    assert (NEW_CARDS, SHORTLIST) == (10, 5)
