"""The reducer: what each action changes, and that nothing old, repeated or foreign changes anything."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.net import events, frames
from client.net.fields import Fields
from client.net.reading import read_card, read_snapshot
from client.net.values import Card, Deck, Snapshot, User
from client.store import actions
from client.store.reducer import reduce
from client.store.state import AppState, Session
from tests.client.net.examples import ANA, BEN, EVENTS, SESSION, card, snapshot

ANA_USER = User(ANA, "ana@example.com", "Ana", "free")


def said(**changes: Any) -> Snapshot:
    return read_snapshot(Fields(snapshot(**changes), "snapshot"))


def read_event(frame: dict[str, Any], seq: int | None) -> events.Event:
    (parsed,) = frames.parse(json.dumps(frame))
    assert isinstance(parsed, events.Event)
    return replace(parsed, seq=seq)


def a_card(number: int) -> Card:
    return read_card(Fields(card(number), "card"))


def opened(**changes: Any) -> AppState:
    state = reduce(AppState(), actions.SessionOpened(SESSION))
    return reduce(state, actions.SnapshotReceived(said(**changes)))


def session_of(state: AppState) -> Session:
    assert state.session is not None
    return state.session


def told(state: AppState, kind: str, seq: int | None, **content: Any) -> AppState:
    frame = next(example for example in EVENTS if example["type"] == kind)
    frame = {**frame, "data": {**frame["data"], **content}}
    return reduce(state, actions.LiveEvent(SESSION, "1", read_event(frame, seq)))


def swiping() -> AppState:
    state = opened(status="swiping", round=1, seq=10, ends_at="2025-11-24T16:05:00.000Z")
    deck = Deck(1, (a_card(1), a_card(2), a_card(3)), frozenset())
    return reduce(state, actions.DeckLoaded(SESSION, deck))


any_frame = st.sampled_from(EVENTS)
any_event = st.builds(read_event, any_frame, st.none() | st.integers(0, 20))
any_change = st.builds(
    actions.LiveEvent, st.sampled_from([SESSION, "another"]), st.sampled_from(["1", "2"]), any_event
)


@given(st.lists(any_change, max_size=15), any_change)
def test_applying_an_event_twice_is_the_same_as_once(
    before: list[actions.LiveEvent], change: actions.LiveEvent
) -> None:
    state = opened()
    for earlier in before:
        state = reduce(state, earlier)
    once = reduce(state, change)
    assert reduce(once, change) is once


@given(st.lists(any_change, max_size=15), any_event)
def test_what_is_old_changes_nothing(before: list[actions.LiveEvent], event: events.Event) -> None:
    state = opened()
    for earlier in before:
        state = reduce(state, earlier)
    known = session_of(state).seq
    old = replace(event, seq=known if event.seq is None else min(event.seq, known))
    assert reduce(state, actions.LiveEvent(SESSION, "1", old)) is state


@given(any_event, st.sampled_from([("another", "1"), (SESSION, "2"), ("another", "2")]))
def test_what_is_foreign_changes_nothing(event: events.Event, origin: tuple[str, str]) -> None:
    state = opened()
    session_id, epoch = origin
    assert reduce(state, actions.LiveEvent(session_id, epoch, event)) is state
    assert reduce(AppState(), actions.LiveEvent(SESSION, "1", event)) == AppState()


@given(st.lists(st.tuples(any_frame, st.booleans()), max_size=12), st.data())
def test_duplicates_and_stragglers_do_not_change_where_a_stream_leads(
    stream: list[tuple[dict[str, Any], bool]], data: st.DataObject
) -> None:
    """The same numbered events, once clean and once with repetitions of earlier ones in between."""
    numbered = [
        actions.LiveEvent(SESSION, "1", read_event(frame, seq)) for seq, (frame, _) in enumerate(stream, 3)
    ]
    clean = noisy = opened()
    for place, (change, (_, repeat)) in enumerate(zip(numbered, stream, strict=True)):
        clean, noisy = reduce(clean, change), reduce(noisy, change)
        if repeat:
            noisy = reduce(noisy, data.draw(st.sampled_from(numbered[: place + 1])))
    assert noisy == clean


def test_a_later_servers_event_only_counts() -> None:
    state = opened()
    later = reduce(state, actions.LiveEvent(SESSION, "1", events.Event(3, 0.0, events.UnknownEvent("x"))))
    assert session_of(later) == replace(session_of(state), seq=3)


# The lobby


def test_people_come_and_go() -> None:
    state = told(opened(seq=2, participants=[snapshot()["participants"][0]]), "participant_joined", 3)
    assert [person.display_name for person in session_of(state).participants] == ["Ana", "Ben"]
    state = told(state, "participant_left", 4, participant_id=ANA, host_id=BEN, required=[BEN])
    session = session_of(state)
    assert [(person.display_name, person.status) for person in session.participants] == [
        ("Ana", "left"),
        ("Ben", "connected"),
    ]
    assert (session.host_id, session.required, session.is_host) == (BEN, (BEN,), True)


def test_somebody_who_comes_back_is_not_there_twice() -> None:
    state = told(opened(seq=2), "presence", None, participant_id=BEN, status="away")
    state = told(state, "participant_joined", 3)
    assert [(p.display_name, p.status) for p in session_of(state).participants] == [
        ("Ana", "connected"),
        ("Ben", "connected"),
    ]


def test_a_newcomer_ends_the_countdown() -> None:
    state = told(opened(seq=2), "ready_changed", 3)
    assert session_of(state).starts_at == 1764000003.0
    assert session_of(told(state, "participant_joined", 4)).starts_at is None


def test_votes_and_readiness() -> None:
    state = opened(
        seq=2, my_energy=None, participants=[{**snapshot()["participants"][1], "energy_voted": False}]
    )
    state = reduce(state, actions.EnergyChosen(SESSION, "high"))
    state = told(told(told(state, "energy_voted", 3), "energy_result", 4), "ready_changed", 5)
    session = session_of(state)
    assert session.my_energy == "high"
    assert session.energy is not None
    assert (session.energy.level, session.energy.votes.medium) == ("low", 1)
    assert session.me is not None
    assert (session.me.energy_voted, session.me.ready) == (True, True)


# Rounds and swipes


def test_a_round_starts_with_an_empty_deck_until_its_cards_are_there() -> None:
    state = told(opened(), "round_started", 7)
    session = session_of(state)
    assert (session.status, session.round, session.deck, session.current_card) == ("swiping", 1, (), None)
    assert {person.deck_size for person in session.participants} == {3}
    deck = Deck(1, (a_card(1), a_card(2)), frozenset({a_card(1).id}))
    loaded = session_of(reduce(state, actions.DeckLoaded(SESSION, deck)))
    assert loaded.current_card == a_card(2)
    assert loaded.remaining_cards == (a_card(2),)


def test_the_deck_of_another_round_or_session_is_not_taken() -> None:
    state = told(opened(), "round_started", 7)
    for foreign in (
        actions.DeckLoaded(SESSION, Deck(2, (a_card(1),), frozenset())),
        actions.DeckLoaded("another", Deck(1, (a_card(1),), frozenset())),
    ):
        assert reduce(state, foreign) is state


def test_a_swiped_card_leaves_at_once_and_a_rejected_one_comes_back_to_its_place() -> None:
    state = swiping()
    state = reduce(state, actions.CardSwiped(SESSION, a_card(1).id))
    state = reduce(state, actions.CardSwiped(SESSION, a_card(2).id))
    assert session_of(state).current_card == a_card(3)
    state = reduce(state, actions.SwipeRejected(SESSION, 1, a_card(1).id))
    assert session_of(state).remaining_cards == (a_card(1), a_card(3))


def test_a_deck_that_was_on_its_way_does_not_bring_swiped_cards_back() -> None:
    state = reduce(swiping(), actions.CardSwiped(SESSION, a_card(1).id))
    late = Deck(1, (a_card(1), a_card(2), a_card(3)), frozenset({a_card(2).id}))
    state = reduce(state, actions.DeckLoaded(SESSION, late))
    assert session_of(state).remaining_cards == (a_card(3),)


def test_a_reconnect_within_a_round_keeps_the_cards_and_the_next_round_does_not() -> None:
    state = reduce(swiping(), actions.CardSwiped(SESSION, a_card(1).id))
    again = reduce(state, actions.SnapshotReceived(said(status="swiping", round=1, seq=11)))
    assert session_of(again).remaining_cards == (a_card(2), a_card(3))
    repeated = told(again, "round_started", 12, round=1)
    assert session_of(repeated).remaining_cards == (a_card(2), a_card(3))
    later = told(again, "round_started", 12, round=2)
    assert (session_of(later).deck, session_of(later).swiped_ids) == ((), frozenset())
    skipped = reduce(again, actions.SnapshotReceived(said(status="swiping", round=2, seq=20)))
    assert session_of(skipped).deck == ()


def test_the_end_of_a_round_stops_its_countdown() -> None:
    state = told(swiping(), "round_ended", 11, round=1)
    assert session_of(state).ends_at == EVENTS[0]["at"] / 1000
    assert session_of(told(swiping(), "round_ended", 11, round=2)).ends_at == session_of(swiping()).ends_at


@pytest.mark.parametrize("kind", ["matched", "closest", "expired", "session_closed"])
def test_ends(kind: str) -> None:
    session = session_of(told(swiping(), kind, 11))
    assert session.status == kind.removeprefix("session_")
    assert (session.ends_at, session.starts_at) == (None, None)
    assert (session.outcome is not None) == (kind in {"matched", "closest"})


def test_progress_tells_how_far_everybody_is() -> None:
    state = told(told(swiping(), "swiped", None), "progress", None, presence={ANA: "away"})
    people = {person.id: (person.swiped, person.status) for person in session_of(state).participants}
    assert people == {ANA: (2, "away"), BEN: (1, "away")}


# Snapshots


def test_an_older_snapshot_changes_nothing_and_another_numbering_everything() -> None:
    state = opened(seq=5)
    assert reduce(state, actions.SnapshotReceived(said(seq=4, status="closed"))) is state
    renumbered = reduce(state, actions.SnapshotReceived(said(seq=0, epoch="2", status="swiping")))
    assert session_of(renumbered).epoch == "2"


def test_a_snapshot_of_a_session_that_is_not_open_does_not_open_it() -> None:
    left = reduce(opened(), actions.SessionLeft())
    assert left.session is None
    assert reduce(left, actions.SnapshotReceived(said())) is left
    assert reduce(left, actions.ConnectionChanged(SESSION, "connected")) is left
    assert reduce(left, actions.PendingSwipesCounted(SESSION, 3)) is left


def test_opening_another_session_forgets_the_former() -> None:
    state = reduce(swiping(), actions.PendingSwipesCounted(SESSION, 2))
    assert reduce(state, actions.SessionOpened(SESSION)) is state
    other = reduce(state, actions.SessionOpened("another"))
    assert (other.session, other.open_session_id, other.pending_swipes) == (None, "another", 0)


# Everything around


def test_signing_in_and_out() -> None:
    state = reduce(AppState(), actions.SigningIn())
    assert state.auth.status == "signing_in"
    failed = reduce(state, actions.SignInFailed("Wrong password.", {"password": "Check it."}))
    assert (failed.auth.status, failed.auth.error) == ("signed_out", "Wrong password.")
    assert reduce(failed, actions.SigningIn()).auth.error is None
    signed_in = reduce(swiping(), actions.SignedIn(ANA_USER))
    assert signed_in.auth.user == ANA_USER
    out = reduce(signed_in, actions.SignedOut("Your log-in has ended."))
    assert out == AppState(auth=replace(out.auth, user=None))
    assert (out.auth.status, out.auth.error) == ("signed_out", "Your log-in has ended.")


def test_commands_connection_clock_and_notices() -> None:
    state = reduce(reduce(opened(), actions.CommandStarted("start")), actions.CommandStarted("leave"))
    assert reduce(state, actions.CommandFinished("start")).busy == {"leave"}
    state = reduce(state, actions.ClockMeasured(1.5))
    state = reduce(state, actions.ConnectionChanged(SESSION, "reconnecting", 5, 99.0, give_hint=True))
    connection = state.connection
    assert (connection.status, connection.attempts, connection.retry_at) == ("reconnecting", 5, 99.0)
    assert (connection.clock_offset, connection.give_hint) == (1.5, True)
    first = reduce(state, actions.NoticeShown("error", "No."))
    second = reduce(first, actions.NoticeShown("error", "No."))
    assert first.notice is not None
    assert second.notice is not None
    assert second.notice.id > first.notice.id
    assert reduce(second, actions.NoticeDismissed()).notice is None
    assert reduce(state, actions.PendingSwipesCounted(SESSION, 4)).pending_swipes == 4


def test_a_host_is_the_one_who_opened_the_session() -> None:
    assert not session_of(opened()).is_host
    assert session_of(opened(you=ANA)).is_host
    assert session_of(opened(you="nobody")).me is None
