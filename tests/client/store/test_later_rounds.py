"""Rounds 2 and 3, pauses, motions, undo and talk: what each changes in the open session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from client.net.values import ChatMessage, Deck, Motion, Participant, Pause
from client.store import actions
from client.store.reducer import reduce
from client.store.state import AppState, Reaction
from client.store.talk import MOST_MESSAGES, MOST_REACTIONS
from tests.client.net.examples import ANA, BEN, SESSION, snapshot
from tests.client.store.test_reducer import a_card, opened, said, session_of, swiping, told


def swiped(state: AppState, *numbers: int) -> AppState:
    for number in numbers:
        state = reduce(state, actions.CardSwiped(SESSION, a_card(number).id))
    return state


def undone(state: AppState) -> AppState:
    return reduce(state, actions.UndoAsked(SESSION))


def settled(state: AppState, shown: int | None, taken_back: int | None, number: int = 1) -> AppState:
    ids = [None if card is None else a_card(card).id for card in (shown, taken_back)]
    return reduce(state, actions.UndoSettled(SESSION, number, *ids))


def remaining(state: AppState) -> list[str]:
    return [card.id for card in session_of(state).remaining_cards]


def cards(*numbers: int) -> list[str]:
    return [a_card(number).id for number in numbers]


def people(state: AppState) -> dict[str, Participant]:
    return {person.id: person for person in session_of(state).participants}


# Rounds


def test_a_later_round_has_its_own_cards_even_if_they_have_been_there_before() -> None:
    state = swiped(swiping(), 1, 2, 3)
    state = told(state, "round_started", 12, round=2, deck=[], deck_sizes={ANA: 2, BEN: 1})
    assert not session_of(state).deck_loaded
    assert {who: person.deck_size for who, person in people(state).items()} == {ANA: 2, BEN: 1}
    state = reduce(state, actions.DeckLoaded(SESSION, Deck(2, (a_card(2),), frozenset())))
    assert (session_of(state).deck_loaded, remaining(state)) == (True, cards(2))


def test_a_round_without_a_card_of_ones_own_is_loaded_all_the_same() -> None:
    state = told(swiping(), "round_started", 12, round=2, deck=[], deck_sizes={ANA: 2, BEN: 0})
    state = reduce(state, actions.DeckLoaded(SESSION, Deck(2, (), frozenset())))
    assert (session_of(state).deck_loaded, session_of(state).current_card) == (True, None)


def test_a_late_refusal_of_an_earlier_round_brings_no_card_back() -> None:
    state = told(swiped(swiping(), 1), "round_started", 12, round=2, deck=[])
    state = reduce(state, actions.DeckLoaded(SESSION, Deck(2, (a_card(1), a_card(2)), frozenset())))
    state = swiped(state, 1)
    assert reduce(state, actions.SwipeRejected(SESSION, 1, a_card(1).id)) is state
    assert settled(state, 1, None, number=1) is state


def test_how_far_somebody_was_in_another_round_says_nothing() -> None:
    state = told(swiping(), "round_started", 12, round=2, deck=[], deck_sizes={ANA: 9, BEN: 9})
    late = told(state, "swiped", None, participant_id=ANA, swiped=7, round=1)
    assert late is state
    assert people(told(state, "swiped", None, participant_id=ANA, swiped=7, round=2))[ANA].swiped == 7
    progress = told(state, "progress", None, round=1, swiped={ANA: 5}, presence={ANA: "gone"})
    assert (people(progress)[ANA].swiped, people(progress)[ANA].status) == (0, "gone")


def test_a_spectator_who_comes_later_leaves_everybody_their_cards() -> None:
    state = told(swiping(), "round_started", 12, round=2, deck=[], deck_sizes={ANA: 1, BEN: 1})
    state = reduce(state, actions.DeckLoaded(SESSION, Deck(2, (a_card(1),), frozenset())))
    newcomer = {**snapshot()["participants"][0], "id": "9" * 24, "spectator": True}
    state = told(state, "participant_joined", 13, participant=newcomer, deck=[])
    assert remaining(state) == cards(1)
    assert people(state)["9" * 24].spectator


def test_what_a_newcomer_cannot_eat_leaves_the_first_round() -> None:
    state = told(swiping(), "participant_joined", 12, deck=cards(1, 3))
    assert remaining(state) == cards(1, 3)
    assert {person.deck_size for person in people(state).values()} == {2}


# People who are gone


def test_who_is_gone_is_not_required_until_they_are_back() -> None:
    state = told(swiping(), "participant_gone", 12, participant_id=ANA, required=[BEN])
    assert (people(state)[ANA].status, session_of(state).required) == ("gone", (BEN,))
    state = told(state, "participant_back", 13, participant_id=ANA, required=[ANA, BEN])
    assert (people(state)[ANA].status, session_of(state).required) == ("connected", (ANA, BEN))


@pytest.mark.parametrize(("voted", "open_again"), [(True, False), (False, True)])
@pytest.mark.parametrize("kind", ["participant_back", "participant_joined"])
def test_in_the_lobby_the_energy_is_open_again_for_who_has_not_voted(
    kind: str, voted: bool, open_again: bool
) -> None:
    ana, ben = snapshot()["participants"]
    state = opened(seq=2, participants=[{**ana, "energy_voted": voted, "status": "gone"}, ben])
    state = told(state, "energy_result", 3)
    content: dict[str, Any] = {"participant_id": ANA, "required": [ANA, BEN]}
    if kind == "participant_joined":
        content = {"participant": {**ana, "energy_voted": voted}, "required": [ANA, BEN], "deck": []}
    state = told(state, kind, 4, **content)
    assert (session_of(state).energy is None) == open_again


def test_who_comes_back_in_a_round_changes_no_energy() -> None:
    state = told(told(opened(seq=2), "energy_result", 3), "round_started", 4)
    state = told(state, "participant_back", 5, participant_id=ANA)
    assert session_of(state).energy is not None


# Pauses and motions


def test_a_pause_stops_the_clock_and_keeps_the_cards() -> None:
    state = told(swiped(swiping(), 1), "paused", 12, reason="majority_away", remaining_ms=90_500)
    session = session_of(state)
    assert (session.status, session.pause, session.ends_at) == ("paused", Pause("majority_away", 90.5), None)
    assert (session.running, session.can_undo, remaining(state)) == (True, False, cards(2, 3))
    session = session_of(told(state, "resumed", 13, ends_at="2025-11-24T16:09:00.000Z"))
    assert (session.status, session.pause, session.ends_at) == ("swiping", None, 1764000540.0)


def test_a_motion_opens_is_voted_on_and_settled() -> None:
    state = told(swiping(), "motion_opened", 12, motion="pause")
    assert [motion.kind for motion in session_of(state).motions] == ["pause"]
    state = told(state, "motion_opened", 13, motion="end_now")
    state = told(state, "motion_voted", 14, motion="pause", against=[BEN])
    first, second = session_of(state).motions
    assert (first, second.kind) == (Motion("pause", ANA, (ANA,), (BEN,), 2), "end_now")
    state = told(state, "motion_failed", 15, motion="pause")
    assert [motion.kind for motion in session_of(state).motions] == ["end_now"]
    assert session_of(told(state, "motion_passed", 16, motion="end_now")).motions == ()


@pytest.mark.parametrize(
    "kind", ["paused", "resumed", "round_started", "matched", "closest", "expired", "session_closed"]
)
def test_these_forget_all_motions_and_the_pause(kind: str) -> None:
    state = told(told(swiping(), "paused", 11), "motion_opened", 12, motion="resume")
    session = session_of(told(state, kind, 13))
    assert session.motions == ()
    assert (session.pause is None) == (kind != "paused")


def test_a_snapshot_tells_of_pause_motions_and_rounds() -> None:
    motion = {"motion": "resume", "opened_by": ANA, "in_favour": [ANA], "against": [], "needed": 2}
    pause = {"reason": "vote", "remaining_ms": 1000}
    session = session_of(
        opened(status="paused", round=1, motions=[motion], pause=pause, round_seconds=[60, 30])
    )
    assert (session.pause, len(session.motions), session.round_seconds) == (Pause("vote", 1.0), 1, (60, 30))


# Undo


def test_the_last_card_comes_back_on_top_at_once() -> None:
    state = undone(swiped(swiping(), 1, 2))
    assert remaining(state) == cards(2, 3)
    assert remaining(undone(state)) == cards(1, 2, 3)
    assert settled(state, 2, 2) is state


def test_an_undone_card_lies_on_top_even_of_one_that_was_refused() -> None:
    state = swiped(swiping(), 1, 2)
    state = reduce(state, actions.SwipeRejected(SESSION, 1, a_card(1).id))
    assert remaining(undone(state)) == cards(2, 1, 3)


def test_a_refused_undo_is_put_back() -> None:
    state = undone(swiped(swiping(), 1, 2))
    state = settled(state, 2, None)
    assert remaining(state) == cards(3)
    assert remaining(undone(state)) == cards(2, 3)


def test_a_card_swiped_again_stays_swiped_whatever_becomes_of_the_undo() -> None:
    state = swiped(undone(swiped(swiping(), 1)), 1)
    assert settled(state, 1, 1) is state
    assert settled(state, 1, None) is state


def test_what_the_server_took_back_counts_when_this_device_thought_otherwise() -> None:
    state = settled(undone(swiped(swiping(), 1, 2)), 2, 1)
    assert remaining(state) == cards(1, 3)


def test_after_a_restart_the_answer_tells_which_card_comes_back() -> None:
    state = opened(status="swiping", round=1, seq=10)
    deck = Deck(1, (a_card(1), a_card(2), a_card(3)), frozenset(cards(1, 2)))
    state = reduce(state, actions.DeckLoaded(SESSION, deck))
    assert session_of(state).can_undo
    assert undone(state) is state
    assert remaining(settled(state, None, 2)) == cards(2, 3)


def test_without_a_swipe_there_is_nothing_to_undo() -> None:
    state = swiping()
    assert not session_of(state).can_undo
    assert undone(state) is state


# The outcome


def test_a_coin_settles_a_tie() -> None:
    outcome = {"kind": "closest", "items": [], "decided_at": "2025-11-24T16:00:00.000Z", "tied": cards(1, 2)}
    state = told(swiping(), "closest", 12, outcome=outcome)
    assert session_of(state).outcome is not None
    state = told(state, "coin_tossed", 13, item=a_card(2).id, among=cards(1, 2))
    decided = session_of(state).outcome
    assert decided is not None
    assert (decided.tied, decided.tossed) == (tuple(cards(1, 2)), a_card(2).id)


# Talk


def message(number: int) -> ChatMessage:
    return ChatMessage(f"m{number}", ANA, f"number {number}", 1000.0 + number)


def test_messages_are_there_once_and_in_order() -> None:
    state = told(opened(seq=2), "chat", 3, message_id="m5", text="late")
    state = reduce(state, actions.MessagesLoaded(SESSION, (message(1), message(5), message(2))))
    assert [known.id for known in session_of(state).messages] == ["m1", "m2", "m5"]
    assert reduce(state, actions.MessagesLoaded(SESSION, (message(2),))) is state
    assert session_of(reduce(state, actions.SnapshotReceived(said(seq=9)))).messages


def test_only_the_latest_messages_and_reactions_are_kept() -> None:
    many = tuple(message(number) for number in range(MOST_MESSAGES + 30))
    state = reduce(opened(seq=2), actions.MessagesLoaded(SESSION, many))
    kept = session_of(state).messages
    assert (len(kept), kept[-1], kept[0]) == (MOST_MESSAGES, many[-1], many[30])
    for number in range(MOST_REACTIONS + 2):
        state = told(state, "reaction", 3 + number, participant_id=ANA, emoji=str(number))
    reactions = session_of(state).reactions
    assert [reaction.emoji for reaction in reactions] == [str(n) for n in range(2, MOST_REACTIONS + 2)]
    assert reactions[0] == Reaction(ANA, "2", reactions[0].at)


def test_who_only_watches_cannot_undo() -> None:
    session = session_of(swiped(swiping(), 1))
    watching = tuple(replace(person, spectator=True) for person in session.participants)
    assert replace(session, participants=watching).spectating
    assert not replace(session, participants=watching).can_undo
