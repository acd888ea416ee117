"""The deck under a finger, the keys and the buttons (docs/product.md K3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client.store import actions
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

FIRST, SECOND, THIRD = (card.id for card in scenes.CARDS[:3])
LEFT, UP, RIGHT, Z = 276, 273, 275, 122


@pytest.fixture
def stage(play: Callable[..., Stage]) -> Stage:
    return play(scenes.swiping())


def deck(stage: Stage) -> Any:
    return stage.screen.ids.deck


def drag(stage: Stage, dx: float, dy: float, **how: Any) -> Any:
    x, y = deck(stage).to_window(*deck(stage).center)
    return stage.driver.touch((x, y), (x + dx, y + dy), **how)


@pytest.mark.parametrize(
    ("dx", "dy", "direction"), [(180, 10, "right"), (-180, -10, "left"), (10, 260, "up")]
)
def test_a_drag_is_a_swipe(stage: Stage, dx: float, dy: float, direction: str) -> None:
    drag(stage, dx, dy)
    assert stage.calls == [("swipe", FIRST, direction)]


def test_the_card_follows_the_finger_and_shows_its_stamp(stage: Stage) -> None:
    finger = drag(stage, 120, 30, release=False)
    face = deck(stage).top_face
    assert (face.shift_x, face.shift_y) == (pytest.approx(120, abs=1), pytest.approx(30, abs=1))
    assert face.angle != 0
    assert (face.like > 0.5, face.nope, face.skip) == (True, 0, 0)
    stage.driver.lift(finger)


def test_a_short_drag_springs_back(stage: Stage) -> None:
    finger = drag(stage, 60, 0, release=False)
    stage.driver.wait(0.3)  # the finger rests: no speed is left
    stage.driver.lift(finger)
    stage.driver.wait(0.6)
    face = deck(stage).top_face
    assert stage.calls == []
    assert (face.shift_x, face.angle, face.like) == (pytest.approx(0, abs=0.5), pytest.approx(0, abs=0.5), 0)


def test_a_flick_is_enough(stage: Stage) -> None:
    drag(stage, 70, 0, frames=3)
    assert stage.calls == [("swipe", FIRST, "right")]


def test_a_tap_is_no_swipe(stage: Stage) -> None:
    drag(stage, 2, 1)
    assert stage.calls == []


@pytest.mark.parametrize(("key", "direction"), [(RIGHT, "right"), (LEFT, "left"), (UP, "up")])
def test_arrow_keys_swipe(stage: Stage, key: int, direction: str) -> None:
    stage.driver.key(key)
    assert stage.calls == [("swipe", FIRST, direction)]


@pytest.mark.parametrize(("button", "direction"), [("like", "right"), ("nope", "left"), ("skip", "up")])
def test_buttons_swipe(stage: Stage, button: str, direction: str) -> None:
    stage.driver.press(stage.screen.ids[button])
    assert stage.calls == [("swipe", FIRST, direction)]


def test_fast_fingers_swipe_each_card_once(stage: Stage) -> None:
    for _ in range(3):
        stage.driver.key(RIGHT)  # faster than the store answers
    assert [call[1] for call in stage.calls] == [FIRST, SECOND, THIRD]


def test_a_swiped_card_stays_away_until_the_store_knows(stage: Stage) -> None:
    stage.driver.key(RIGHT)
    stage.driver.wait(1)
    assert deck(stage).top_face.card.id == SECOND
    stage.dispatch(actions.CardSwiped(stage.store.state.session.id, FIRST))
    assert deck(stage).top_face.card.id == SECOND


def test_a_refused_swipe_brings_the_card_back(stage: Stage) -> None:
    session_id = stage.store.state.session.id
    stage.driver.key(RIGHT)
    stage.dispatch(actions.CardSwiped(session_id, FIRST))
    stage.dispatch(actions.SwipeRejected(session_id, 1, FIRST))
    assert deck(stage).top_face.card.id == FIRST
    assert deck(stage).top_face.opacity == 1


def test_two_more_cards_lie_beneath_smaller_and_lower(stage: Stage) -> None:
    faces = [deck(stage)._faces[item_id] for item_id in (FIRST, SECOND, THIRD)]
    assert len(deck(stage).children) == 3
    assert faces[0].zoom > faces[1].zoom > faces[2].zoom
    assert faces[0].shift_y > faces[1].shift_y > faces[2].shift_y
    assert deck(stage).children[0] is faces[0]  # drawn last, so on top


def test_cards_that_flew_away_are_gone_from_the_tree(stage: Stage) -> None:
    stage.driver.key(RIGHT)
    stage.dispatch(actions.CardSwiped(stage.store.state.session.id, FIRST))
    stage.driver.wait(1)
    assert len(deck(stage).children) == 3


def test_another_size_puts_every_card_in_its_place(stage: Stage) -> None:
    finger = drag(stage, 60, 0, release=False)
    deck(stage).height -= 100
    stage.driver.step()
    face = deck(stage).top_face
    assert face.height == pytest.approx(deck(stage).height * (1 - 2 * 0.018))
    assert face.shift_x == 0
    stage.driver.lift(finger)


def test_undo_brings_the_card_back_on_top_from_where_it_went(stage: Stage) -> None:
    session_id = stage.store.state.session.id
    stage.driver.key(RIGHT)
    stage.dispatch(actions.CardSwiped(session_id, FIRST))
    stage.driver.wait(1)
    stage.driver.press(stage.screen.ids.undo)
    assert stage.calls[-1] == ("undo",)
    stage.store.dispatch(actions.UndoAsked(session_id))
    stage.driver.step()
    face = deck(stage).top_face
    assert face.card.id == FIRST
    assert face.shift_x > deck(stage).width / 2
    assert deck(stage).children[0] is face  # drawn above the others
    stage.driver.wait(0.6)
    assert (face.shift_x, face.angle, face.opacity) == (0, 0, 1)


def test_the_z_key_takes_back_even_what_was_swiped_in_the_same_moment(stage: Stage) -> None:
    session_id = stage.store.state.session.id
    stage.driver.key(RIGHT)
    stage.store.dispatch(actions.CardSwiped(session_id, FIRST))
    stage.driver.key(Z)
    stage.store.dispatch(actions.UndoAsked(session_id))
    stage.driver.wait(1)
    assert [call[0] for call in stage.calls] == ["swipe", "undo"]
    assert deck(stage).top_face.card.id == FIRST
    stage.driver.key(LEFT)
    assert stage.calls[-1] == ("swipe", FIRST, "left")


def test_without_a_swipe_there_is_nothing_to_take_back(stage: Stage) -> None:
    stage.driver.key(Z)
    stage.driver.press(stage.screen.ids.undo)
    assert stage.calls == []
    assert stage.screen.ids.undo.disabled


def test_the_last_card_of_all_can_be_taken_back_too(play: Callable[..., Stage]) -> None:
    stage = play(scenes.waiting())
    stage.driver.press(stage.screen.ids.undo)
    assert stage.calls == [("undo",)]
