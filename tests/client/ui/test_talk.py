"""Chat and reactions, from every screen of a session (docs/product.md S14)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from client.net import events
from client.net.values import ChatMessage
from client.store import actions
from client.store.state import AppState
from client.theme.active import theme
from client.theme.fonts import art
from client.widgets.reactions import PICTURES
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
SCREENS = {
    "lobby": scenes.lobby,
    "swipe": scenes.swiping,
    "match": scenes.matched,
    "closest": scenes.closest,
    "paused": scenes.paused,
}


def talk(stage: Stage) -> Any:
    return stage.app.root.ids.talk


def opened(stage: Stage) -> Any:
    stage.driver.press(stage.screen.ids.talk)
    stage.driver.wait(0.4)
    assert talk(stage).open
    return talk(stage)


def live(stage: Stage, body: events.EventBody, seq: int, at: float | None = None) -> None:
    session = stage.store.state.session
    assert session is not None
    event = events.Event(seq, scenes.EVENING if at is None else at, body)
    stage.dispatch(actions.LiveEvent(session.id, session.epoch, event))


def said(stage: Stage) -> list[tuple[str, str, bool]]:
    return [(row.name, row.text, row.mine) for row in reversed(talk(stage).ids.rows.children)]


@pytest.mark.parametrize("screen", SCREENS)
def test_the_chat_is_reached_from_every_screen_of_a_session(play: Play, screen: str) -> None:
    stage = play(SCREENS[screen]())
    opened(stage)
    stage.driver.press(talk(stage).ids.close)
    assert not talk(stage).open


def test_messages_are_shown_with_their_names_once_per_turn(play: Play) -> None:
    stage = play(scenes.talking())
    assert said(stage) == [
        ("Ben", "Who is cooking tonight?", False),
        ("", "I could do the tacos, if somebody buys the avocados.", False),
        ("", "I will!", True),
        ("Cleo", "Then tacos it is!", False),
    ]
    rows = list(talk(stage).ids.rows.children)
    live(stage, events.Said("m5", scenes.CLEO.id, "At eight? 🔥"), 1)
    assert said(stage)[-1] == ("", "At eight? :fire:", False)
    assert talk(stage).ids.rows.children[1:] == rows  # those that were there are kept


def test_a_message_from_the_past_is_put_in_its_place(play: Play) -> None:
    stage = play(scenes.talking())
    live(stage, events.Said("m0", scenes.BEN.id, "Hello"), 1, at=scenes.EVENING - 500)
    assert said(stage)[0][1] == "Hello"
    assert len(said(stage)) == 5


def test_when_the_oldest_messages_are_dropped_the_others_keep_their_rows(play: Play) -> None:
    stage = play(scenes.talking())
    rows = list(talk(stage).ids.rows.children)
    session = stage.store.state.session
    assert session is not None
    news = ChatMessage("m5", scenes.ANA.id, "Fine", scenes.EVENING)
    talk(stage).follow(replace(session, messages=(*session.messages[2:], news)), online=True)
    assert [words for _, words, _ in said(stage)] == ["I will!", "Then tacos it is!", "Fine"]
    assert talk(stage).ids.rows.children[1:] == rows[:2]


def test_nothing_that_somebody_types_breaks_the_app(play: Play) -> None:
    stage = play(scenes.swiping())
    opened(stage)
    live(stage, events.Said("m1", scenes.BEN.id, "[b]\x00 \ud800 \u202e" + "x" * 480), 1)
    stage.driver.pixels()
    (row,) = talk(stage).ids.rows.children
    assert row.text.startswith("[b]")
    assert row.ids.words.width <= row.width


def test_what_is_typed_is_sent_with_enter_or_the_button(play: Play) -> None:
    stage = play(scenes.swiping())
    sheet = opened(stage)
    stage.driver.type_into(sheet.ids.line, " Tacos? ")
    sheet.ids.line.dispatch("on_text_validate")
    stage.driver.type_into(sheet.ids.line, "x" * 600)
    stage.driver.press(sheet.ids.send)
    stage.driver.press(sheet.ids.send)
    says = [call for call in stage.calls if call[0] == "chat"]
    assert says == [("chat", "Tacos?"), ("chat", "x" * 500)]
    assert sheet.ids.line.text == ""


def test_typing_swipes_nothing_and_escape_closes(play: Play) -> None:
    stage = play(scenes.swiping(swiped_ids=frozenset({scenes.CARDS[0].id})))
    opened(stage)
    stage.driver.key(122)
    stage.driver.key(275)
    stage.driver.key(27)
    assert not talk(stage).open
    assert stage.calls == [("see_messages",)]


def test_a_badge_counts_what_others_said_until_it_is_seen(play: Play) -> None:
    stage = play(scenes.talking())
    button = stage.screen.ids.talk
    assert button.badge == "3"
    opened(stage)
    assert stage.calls == [("see_messages",)]
    stage.dispatch(actions.MessagesSeen(stage.store.state.session.id))
    assert button.badge == ""
    live(stage, events.Said("m5", scenes.ANA.id, "Mine"), 1, at=scenes.EVENING + 1)
    assert button.badge == ""
    assert stage.calls == [("see_messages",)]
    live(stage, events.Said("m6", scenes.BEN.id, "News"), 2, at=scenes.EVENING + 2)
    assert stage.calls == [("see_messages",), ("see_messages",)]  # the sheet is open: it is being read


def test_many_unread_messages_keep_the_badge_small(play: Play) -> None:
    stage = play(scenes.swiping())
    for number in range(12):
        live(stage, events.Said(f"m{number}", scenes.BEN.id, "?"), number + 1)
    assert stage.screen.ids.talk.badge == "9+"


def test_without_a_connection_it_says_when_messages_go_out(play: Play) -> None:
    stage = play(scenes.swiping())
    stage.dispatch(actions.ConnectionChanged(stage.store.state.session.id, "reconnecting", attempts=1))
    assert not talk(stage).online
    assert talk(stage).ids.reactions.disabled


def test_a_session_that_ends_closes_the_chat(play: Play) -> None:
    stage = play(scenes.swiping())
    opened(stage)
    live(stage, events.Expired(), 1)
    assert not talk(stage).open


def test_a_reaction_is_one_press(play: Play) -> None:
    stage = play(scenes.swiping())
    sheet = opened(stage)
    keys = {key.emoji: key for key in sheet.ids.reactions.ids.row.children}
    assert set(keys) == set(PICTURES)
    assert min(min(key.size) for key in keys.values()) >= theme.touch - 0.5
    stage.driver.press(keys["🔥"])
    assert ("react", "🔥") in stage.calls
    assert not sheet.open


def test_every_reaction_has_its_picture() -> None:
    assert [emoji for emoji, name in PICTURES.items() if not Path(art(name)).exists()] == []


def test_reactions_float_up_once_and_go(play: Play) -> None:
    stage = play(scenes.swiping())
    air = stage.app.root.ids.reactions
    live(stage, events.Reacted(scenes.BEN.id, "🔥"), 1, at=stage.now())
    (floating,) = air.children
    assert floating.name == "Ben"
    before = floating.y
    stage.driver.wait(1)
    assert floating.y > before
    live(stage, events.Reacted("a later server's", "🦖"), 2, at=stage.now())
    assert len(air.children) == 1
    stage.driver.wait(3)
    assert air.children == []


def test_what_was_felt_long_ago_is_not_shown(play: Play) -> None:
    stage = play(scenes.swiping())
    live(stage, events.Reacted(scenes.BEN.id, "🔥"), 1, at=stage.now() - 60)
    assert stage.app.root.ids.reactions.children == []


def test_home_has_no_chat_left(play: Play) -> None:
    stage = play(scenes.talking())
    opened(stage)
    stage.dispatch(actions.SessionLeft())
    assert not talk(stage).open
    state: AppState = stage.store.state
    assert state.session is None
