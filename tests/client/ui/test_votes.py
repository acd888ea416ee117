"""Asking for a break, voting, pauses, watching, and the coin (docs/product.md S11, S12, S16, S18)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from client.net import events
from client.net.values import Deck, Motion, Pause
from client.screens.closest import closest_words
from client.store import actions
from client.store.state import Session
from client.widgets.interlude import interlude_words, phase_of
from client.widgets.motions import WISHES, motion_words, tally_words, wishes_for
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
BREAK = Motion("pause", scenes.BEN.id, (scenes.BEN.id,), (), 2)


def session_of(state: Any) -> Session:
    assert state.session is not None
    return state.session


def live(stage: Stage, body: events.EventBody, seq: int) -> None:
    session = session_of(stage.store.state)
    stage.dispatch(actions.LiveEvent(session.id, session.epoch, events.Event(seq, scenes.EVENING, body)))


def cards_of(stage: Stage) -> list[Any]:
    return list(reversed(stage.screen.ids.motions.children))


# Asking and voting


def test_the_menu_asks_the_others(play: Play) -> None:
    stage = play(scenes.swiping())
    stage.driver.press(stage.screen.ids.menu)
    stage.driver.wait(0.3)
    sheet = stage.screen.ids.wishes
    rows = list(reversed(sheet.ids.rows.children))
    assert [row.text for row in rows] == [WISHES[kind].title for kind in ("pause", "skip_round", "end_now")]
    stage.driver.press(rows[1])
    assert stage.calls == [("vote", "skip_round", True)]
    assert not sheet.open


def test_the_menu_closes_with_escape_and_keys_do_not_swipe_behind_it(play: Play) -> None:
    stage = play(scenes.swiping())
    stage.driver.press(stage.screen.ids.menu)
    stage.driver.wait(0.3)
    stage.driver.key(275)
    stage.driver.key(27)
    assert not stage.screen.ids.wishes.open
    assert not stage.app.root.ids.question.open
    assert stage.calls == []


def test_a_motion_appears_with_its_tally_and_is_voted_on(play: Play) -> None:
    stage = play(scenes.swiping())
    assert cards_of(stage) == []
    live(stage, events.MotionChanged(BREAK), 1)
    (card,) = cards_of(stage)
    assert (card.words, card.tally) == ("Ben wants to take a break", "1 of 2 needed")
    stage.driver.press(card.ids.no)
    stage.driver.press(card.ids.yes)
    assert stage.calls == [("vote", "pause", False), ("vote", "pause", True)]


def test_everything_can_be_done_with_the_keyboard(play: Play) -> None:
    stage = play(scenes.asking())
    for letter in "yn":
        stage.driver.key(ord(letter))
    assert stage.calls == [("vote", "pause", True), ("vote", "pause", False)]
    stage.driver.key(ord("m"))
    assert stage.screen.ids.wishes.open
    stage.driver.key(ord("y"))
    stage.driver.key(27)
    stage.driver.key(ord("c"))
    assert stage.app.root.ids.talk.open
    stage.driver.key(ord("n"))
    assert stage.calls[2:] == [("see_messages",)]


def test_keys_ask_nothing_where_there_is_nothing_to_ask(play: Play) -> None:
    stage = play(scenes.watching())
    live(stage, events.MotionChanged(BREAK), 1)
    for letter in "ymz":
        stage.driver.key(ord(letter))
    assert stage.calls == []
    assert not stage.screen.ids.wishes.open


def test_ones_vote_is_shown_and_not_sent_twice(play: Play) -> None:
    stage = play(scenes.swiping())
    live(stage, events.MotionChanged(replace(BREAK, against=(scenes.ANA.id,))), 1)
    (card,) = cards_of(stage)
    assert (card.voted_yes, card.voted_no, card.tally) == (False, True, "1 of 2 needed, 1 against")
    stage.driver.press(card.ids.no)
    assert stage.calls == []


def test_a_motion_that_is_settled_goes_and_the_others_stay(play: Play) -> None:
    stage = play(scenes.swiping())
    live(stage, events.MotionChanged(BREAK), 1)
    live(stage, events.MotionChanged(replace(BREAK, kind="end_now")), 2)
    first, second = cards_of(stage)
    live(stage, events.MotionClosed("pause", passed=False), 3)
    assert cards_of(stage) == [second]
    assert first.parent is None


def test_a_motion_covers_nothing_of_the_card(play: Play) -> None:
    stage = play(scenes.asking())
    (card,) = cards_of(stage)
    assert card.height >= 44
    assert stage.screen.ids.deck.top_face.top <= card.y


def test_what_can_be_asked_for() -> None:
    running = session_of(scenes.swiping())
    assert wishes_for(running) == ("pause", "skip_round", "end_now")
    assert wishes_for(replace(running, motions=(BREAK,))) == ("skip_round", "end_now")
    assert wishes_for(session_of(scenes.paused())) == ("resume", "end_now")
    away = session_of(scenes.paused(pause=Pause("majority_away", 10)))
    assert wishes_for(away) == ("end_now",)
    assert wishes_for(session_of(scenes.watching())) == ()
    assert wishes_for(scenes.session()) == ()


def test_who_wants_what_in_words() -> None:
    session = session_of(scenes.swiping())
    assert motion_words(session, replace(BREAK, opened_by=scenes.ANA.id)) == "You want to take a break"
    assert motion_words(session, replace(BREAK, opened_by="?", kind="resume")) == "Somebody wants to go on"
    assert tally_words(BREAK) == "1 of 2 needed"


# A pause


def test_a_pause_stands_still_and_asks_to_go_on(play: Play) -> None:
    stage = play(scenes.swiping())
    live(stage, events.Paused(Pause("vote", 127.0)), 1)
    screen = stage.screen
    assert (screen.name, screen.phase) == ("swipe", "paused")
    stage.driver.wait(3)
    assert (screen.ids.countdown.clock, screen.ids.countdown.standing) == ("2:07", True)
    stage.driver.key(275)
    stage.driver.press(screen.ids.interlude.ids.resume)
    assert stage.calls == [("vote", "resume", True)]
    live(stage, events.MotionChanged(Motion("resume", scenes.ANA.id, (scenes.ANA.id,), (), 2)), 2)
    assert screen.ids.interlude.ids.resume.get_root_window() is None
    live(stage, events.Resumed(stage.now() + 127), 3)
    assert (screen.phase, screen.ids.countdown.standing) == ("cards", False)
    before = screen.ids.countdown.seconds
    stage.driver.wait(3)
    assert screen.ids.countdown.seconds < before - 2


def test_a_pause_because_most_are_away_needs_no_vote(play: Play) -> None:
    stage = play(scenes.paused(pause=Pause("majority_away", 20.0)))
    assert stage.screen.ids.interlude.title == "Waiting for the others"
    assert "by itself" in stage.screen.ids.interlude.words
    assert stage.screen.ids.interlude.ids.resume.get_root_window() is None
    assert not stage.screen.ids.countdown.urgent  # a clock that stands presses nobody


def test_those_who_are_away_gone_or_watching_are_shown_so(play: Play) -> None:
    stage = play(scenes.watching())
    people = stage.screen.ids.interlude.session.participants
    gone = replace(people[1], status="gone")
    session = replace(session_of(stage.store.state), participants=(people[0], gone, *people[2:]))
    stage = play(scenes.in_session(session))
    rows = {row.name: (row.words, row.away) for row in stage.screen.ids.strip.children}
    assert rows == {
        "Ana Lindqvist": ("2/9", False),
        "Ben": ("gone", True),
        "Cleo": ("away", True),
        "Dev": ("watching", False),
    }


# Watching, and rounds


def test_who_came_late_watches_in_peace(play: Play) -> None:
    stage = play(scenes.watching())
    assert stage.screen.phase == "watching"
    for name in ("menu", "like", "undo"):
        assert stage.screen.ids[name].get_root_window() is None
    assert stage.screen.ids.talk.get_root_window() is not None
    live(stage, events.MotionChanged(BREAK), 1)
    assert cards_of(stage)[0].ids.yes.get_root_window() is None


@pytest.mark.parametrize(("number", "words"), [(1, "one deck"), (2, "others liked"), (3, "Sudden death")])
def test_each_round_says_what_it_is(play: Play, number: int, words: str) -> None:
    stage = play(scenes.swiping(round=number))
    assert words in stage.screen.caption
    assert stage.screen.ids.countdown.length == scenes.ROUNDS[number - 1]


def test_a_new_round_is_announced_for_a_moment_and_hinders_nobody(play: Play) -> None:
    stage = play(scenes.swiping())
    splash = stage.screen.ids.splash
    assert splash.strength == 0  # who opens a session in the middle of a round is told nothing new
    live(stage, events.RoundStarted(2, stage.now() + 180, (), None, (), {scenes.ANA.id: 1}), 1)
    stage.driver.wait(0.3)
    assert (splash.strength, splash.title) == (1, "Round 2")
    deck = Deck(2, scenes.CARDS[:1], frozenset())
    stage.dispatch(actions.DeckLoaded(session_of(stage.store.state).id, deck))
    stage.driver.touch(splash.center, (splash.center_x + 250, splash.center_y))
    assert stage.calls == [("swipe", scenes.CARDS[0].id, "right")]
    stage.driver.wait(2.5)
    assert splash.strength == 0


def test_the_bar_knows_how_long_this_sessions_rounds_are(play: Play) -> None:
    stage = play(scenes.swiping(round_seconds=(444,)))
    assert 0.49 < stage.screen.ids.countdown.share < 0.51


def test_an_empty_hand_is_explained() -> None:
    session = session_of(scenes.swiping(round=2, deck=(), deck_round=2))
    assert phase_of(session) == "waiting"
    assert interlude_words(session)[1] == "Nothing new for you"
    assert phase_of(replace(session, deck_round=1)) == "loading"
    assert "others liked" in interlude_words(replace(session, deck_round=1))[2]


def test_nobody_waits_for_who_is_gone_or_watches() -> None:
    session = session_of(scenes.waiting())
    me, ben, cleo = session.participants
    assert "Cleo is still" in interlude_words(session)[2]
    for away in (replace(cleo, status="gone"), replace(cleo, spectator=True)):
        assert "Everybody is done" in interlude_words(replace(session, participants=(me, ben, away)))[2]


# The coin


def test_the_host_has_a_tie_settled_by_a_coin(play: Play) -> None:
    stage = play(scenes.tied())
    rows = list(reversed(stage.screen.ids.ranking.children))
    assert [(row.place, row.mark) for row in rows] == [
        ("1", "Tied for first"),
        ("1", "Tied for first"),
        ("3", ""),
    ]
    stage.driver.press(stage.screen.ids.toss)
    assert stage.calls == [("toss",)]
    live(stage, events.CoinTossed(scenes.CARDS[2].id, ()), 1)
    rows = list(reversed(stage.screen.ids.ranking.children))
    assert [row.drawn for row in rows] == [False, True, False]
    assert stage.screen.title == "The coin has spoken"
    assert stage.screen.ids.toss.get_root_window() is None


def test_guests_are_told_who_can_toss(play: Play) -> None:
    session = replace(session_of(scenes.tied()), host_id=scenes.BEN.id)
    stage = play(scenes.in_session(session))
    assert stage.screen.ids.toss.get_root_window() is None
    assert stage.screen.words.endswith("Ben can toss a coin.")


def test_without_a_tie_nobody_speaks_of_coins() -> None:
    session = session_of(scenes.closest())
    assert session.outcome is not None
    assert closest_words(session, session.outcome)[1] == "No match, but these came nearest."
