"""From what was decided, and from a card of the deck, to all about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from client.net.values import Outcome
from client.store import actions
from client.store.kitchen import actions as kitchen_actions
from client.store.state import AppState
from client.widgets.focus import may_be_reached
from tests.client.ui import kitchen_scenes as kitchen
from tests.client.ui import scenes
from tests.client.ui.kitchen_scenes import RECIPE, RESTAURANT
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
ESCAPE, DOWN = 27, 274
FIRST = scenes.CARDS[0]


def matched_place() -> AppState:
    """Everybody likes the restaurant."""
    outcome = Outcome("match", (kitchen.TRATTORIA,), scenes.EVENING)
    return scenes.swiping(status="matched", ends_at=None, outcome=outcome)


def test_a_matched_recipe_is_a_tap_away_and_the_match_stays_beneath(play: Play) -> None:
    stage = play(scenes.matched())
    offered = stage.screen.ids.actions.ids
    assert offered.details.text == "See the recipe"
    assert not may_be_reached(offered.map)
    stage.driver.press(offered.details)
    stage.driver.wait(0.6)
    assert (stage.screen.name, stage.screen.argument) == ("recipe", RECIPE.id)
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.6)
    assert stage.screen.name == "match"
    assert stage.calls == []


def test_confetti_rains_once(play: Play) -> None:
    stage = play(scenes.matched())
    confetti = stage.screen.ids.confetti
    assert confetti.canvas.length() > 0
    stage.screen.open_details()
    stage.driver.wait(0.6)
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.6)
    assert confetti.canvas.length() == 0


def test_a_matched_restaurant_is_found_and_reserved(play: Play) -> None:
    stage = play(matched_place())
    assert stage.kitchen.calls == [("show_restaurant", RESTAURANT.id)]
    offered = stage.screen.ids.actions.ids
    assert not may_be_reached(offered.map)
    stage.dispatch(kitchen_actions.RestaurantLoaded(RESTAURANT))
    stage.driver.press(offered.map)
    stage.driver.press(offered.reserve)
    (map_link,), (reservation,) = (call[1:] for call in stage.kitchen.wishes)
    assert map_link.startswith("https://www.openstreetmap.org/")
    assert reservation == RESTAURANT.reservation_url


def test_without_a_page_one_reserves_by_phone(play: Play) -> None:
    stage = play(matched_place())
    stage.dispatch(kitchen_actions.RestaurantLoaded(replace(RESTAURANT, reservation_url="")))
    stage.driver.press(stage.screen.ids.actions.ids.reserve)
    assert stage.kitchen.wishes == [("open_link", "tel:+14045550142")]


def test_each_of_the_closest_opens(play: Play) -> None:
    stage = play(scenes.closest())
    second = list(reversed(stage.screen.ids.ranking.children))[1]
    stage.driver.press(second)
    stage.driver.wait(0.6)
    assert (stage.screen.name, stage.screen.argument) == ("recipe", scenes.CARDS[2].id)


def test_a_tap_on_the_deck_opens_the_card_and_a_drag_does_not(play: Play) -> None:
    stage = play(scenes.swiping())
    deck = stage.screen.ids.deck
    x, y = deck.to_window(*deck.center)
    stage.driver.touch((x, y), (x + 40, y), (x, y))  # out and back again: no tap
    stage.driver.wait(0.6)
    assert stage.screen.name == "swipe"
    stage.driver.touch((x, y), (x + 4, y - 3))
    stage.driver.wait(0.6)
    assert (stage.screen.name, stage.screen.argument) == ("recipe", FIRST.id)
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.6)
    assert stage.screen.name == "swipe"
    assert stage.screen.ids.deck.top_face.card == FIRST
    assert stage.calls == []


def test_the_down_key_opens_the_card_too(play: Play) -> None:
    stage = play(scenes.swiping())
    stage.driver.key(DOWN)
    stage.driver.wait(0.6)
    assert (stage.screen.name, stage.screen.argument) == ("recipe", FIRST.id)


def test_what_lies_on_top_closes_when_the_session_does(play: Play) -> None:
    stage = play(scenes.swiping())
    stage.driver.key(DOWN)
    stage.driver.wait(0.6)
    stage.dispatch(actions.SessionLeft())
    stage.driver.wait(0.6)
    assert stage.screen.name == "home"


@pytest.mark.parametrize("phase", ["waiting", "paused"])
def test_while_no_card_is_shown_none_opens(play: Play, phase: str) -> None:
    stage = play(getattr(scenes, phase)())
    stage.driver.key(DOWN)
    stage.driver.wait(0.6)
    assert stage.screen.name == "swipe"
