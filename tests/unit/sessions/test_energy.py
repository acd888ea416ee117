"""How much energy the group has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions import rules
from backend.sessions.state import Energy
from tests.unit.sessions.strategies import (
    ITEMS,
    NOW,
    STRANGER,
    USERS,
    all_ready,
    expired,
    gone,
    lobby,
    refused,
    swiping,
    told,
    with_energies,
)

ADA, BO, CY = USERS[:3]
LOW, MEDIUM, HIGH = Energy
LEVELS = [LOW, MEDIUM, HIGH]


class TestTheGroupsEnergy:
    """docs/product.md S3: the majority; on a tie, the lower."""

    @pytest.mark.parametrize(
        ("votes", "expected"),
        [
            ([HIGH, HIGH, LOW], HIGH),
            ([HIGH, LOW], LOW),
            ([HIGH, MEDIUM], MEDIUM),
            ([LOW, MEDIUM, MEDIUM], MEDIUM),
            ([None, None], MEDIUM),
            ([None, HIGH], HIGH),
        ],
    )
    def test_the_most_voted_one_wins_and_the_lower_on_a_tie(
        self, votes: list[Energy | None], expected: Energy
    ) -> None:
        assert rules.group_energy(with_energies(lobby(len(votes)), votes)) is expected

    @given(st.lists(st.sampled_from(Energy), min_size=1, max_size=12))
    def test_no_level_has_more_votes_and_no_lower_one_as_many(self, votes: list[Energy]) -> None:
        level = rules.group_energy(with_energies(lobby(len(votes)), list(votes)))
        place = LEVELS.index(level)
        assert all(votes.count(level) > votes.count(lower) for lower in LEVELS[:place])
        assert all(votes.count(level) >= votes.count(higher) for higher in LEVELS[place + 1 :])

    @given(st.lists(st.sampled_from(Energy) | st.none(), min_size=1, max_size=12), st.data())
    def test_the_order_of_votes_does_not_matter(
        self, votes: list[Energy | None], data: st.DataObject
    ) -> None:
        shuffled = data.draw(st.permutations(votes))
        assert rules.group_energy(with_energies(lobby(len(votes)), votes)) is rules.group_energy(
            with_energies(lobby(len(votes)), shuffled)
        )

    def test_who_is_gone_or_left_has_no_vote(self) -> None:
        session = with_energies(lobby(3), [LOW, HIGH, HIGH])
        assert rules.group_energy(gone(session, BO, CY)) is LOW
        assert rules.group_energy(rules.leave(session, CY, NOW).session) is LOW

    def test_the_session_starts_with_it_and_keeps_it(self) -> None:
        waiting = all_ready(with_energies(lobby(3), [HIGH, HIGH, LOW]))
        change = rules.begin(waiting, ITEMS, (), NOW)
        assert change.events[0].data["energy"] == {
            "level": "high",
            "votes": {"low": 1, "medium": 0, "high": 2},
        }
        for changed in (gone(change.session, ADA), rules.leave(change.session, ADA, NOW).session):
            assert rules.energy_result(changed) == change.events[0].data["energy"]


class TestVoting:
    """docs/product.md S3: the votes are shown once all are in."""

    def test_others_learn_that_somebody_voted_and_not_what(self) -> None:
        later = NOW + timedelta(minutes=1)
        change = rules.vote_energy(lobby(2), ADA, LOW, later)
        assert told(change) == ["energy_voted"]
        assert change.events[0].data == {"participant_id": str(ADA)}
        assert change.session.participant(ADA).energy is LOW
        assert change.session.expires_at == later + timedelta(minutes=60)

    def test_the_result_comes_with_the_last_vote_and_names_nobody(self) -> None:
        session = rules.vote_energy(lobby(2), ADA, LOW, NOW).session
        change = rules.vote_energy(session, BO, HIGH, NOW)
        assert told(change) == ["energy_voted", "energy_result"]
        assert change.events[1].data == {"level": "low", "votes": {"low": 1, "medium": 0, "high": 1}}

    def test_a_mind_can_be_changed(self) -> None:
        session = with_energies(lobby(2), [LOW, LOW])
        change = rules.vote_energy(session, BO, HIGH, NOW)
        assert change.events[1].data["votes"] == {"low": 1, "medium": 0, "high": 1}

    def test_the_same_vote_again_changes_nothing(self) -> None:
        session = with_energies(lobby(2), [LOW, None])
        assert rules.vote_energy(session, ADA, LOW, NOW) == rules.unchanged(session)

    def test_who_is_gone_is_not_waited_for(self) -> None:
        session = gone(lobby(3), CY)
        session = rules.vote_energy(session, ADA, HIGH, NOW).session
        assert told(rules.vote_energy(session, BO, HIGH, NOW)) == ["energy_voted", "energy_result"]

    def test_where_nobody_is_there_nobody_has_voted(self) -> None:
        assert not rules.all_voted(gone(with_energies(lobby(2), [LOW, LOW]), ADA, BO))

    def test_only_before_the_start_and_only_who_is_in(self) -> None:
        with refused("already_started"):
            rules.vote_energy(swiping(), ADA, LOW, NOW)
        with refused("session_over"):
            rules.vote_energy(expired(), ADA, LOW, NOW)
        with refused("session_not_found"):
            rules.vote_energy(lobby(), STRANGER, LOW, NOW)
        with refused("not_participant"):
            rules.vote_energy(rules.leave(lobby(3), CY, NOW).session, CY, LOW, NOW)
