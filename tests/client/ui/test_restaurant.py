"""A whole restaurant, and the addresses that lead to maps, phone and reservation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from client.net.kitchen_values import Restaurant
from client.screens.restaurant_words import (
    UNTIL,
    maps_link,
    page_link,
    phone_link,
    rating_text,
    restaurant_facts,
    week_of,
)
from client.store.kitchen import actions as kitchen_actions
from client.store.listing import Fetched
from client.store.state import AppState
from client.widgets.focus import may_be_reached
from tests.client.ui import kitchen_scenes as kitchen
from tests.client.ui.kitchen_scenes import RESTAURANT
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]


def at_restaurant(play: Play, state: AppState, **how: Any) -> Stage:
    stage = play(state, **how)
    stage.app.root.navigator.open_on_top("restaurant", RESTAURANT.id)
    stage.driver.wait(0.6)
    return stage


def test_it_is_read_when_it_opens(play: Play) -> None:
    stage = at_restaurant(play, kitchen.in_kitchen())
    assert stage.kitchen.calls == [("show_restaurant", RESTAURANT.id)]
    assert stage.screen.state == "waiting"
    stage.dispatch(kitchen_actions.RestaurantLoaded(RESTAURANT))
    assert stage.screen.ids.title.text == RESTAURANT.name
    assert stage.screen.ids.address.text == RESTAURANT.address
    assert may_be_reached(stage.screen.ids.actions.ids.map)
    assert len(stage.screen.ids.week.children) == 7


def test_its_buttons_open_map_reservation_and_phone(play: Play) -> None:
    stage = at_restaurant(play, kitchen.with_restaurant())
    actions = stage.screen.ids.actions.ids
    for button in (actions.map, actions.reserve, actions.call):
        stage.press_below(button)
    assert [call[1] for call in stage.kitchen.wishes] == [
        "https://www.openstreetmap.org/?mlat=33.771200&mlon=-84.366500#map=17/33.771200/-84.366500",
        RESTAURANT.reservation_url,
        "tel:+14045550142",
    ]


def test_there_is_no_button_for_what_is_not_given(play: Play) -> None:
    bare = replace(RESTAURANT, phone="", reservation_url="", hours={}, sponsored=False, source="")
    stage = at_restaurant(play, kitchen.with_restaurant(bare))
    actions = stage.screen.ids.actions.ids
    assert [may_be_reached(button) for button in (actions.map, actions.reserve, actions.call)] == [
        True, False, False,
    ]  # fmt: skip
    assert stage.screen.ids.week.get_root_window() is None
    assert stage.screen.ids.sponsored.get_root_window() is None


def test_what_is_paid_for_is_labelled(play: Play) -> None:
    stage = at_restaurant(play, kitchen.with_restaurant())
    assert stage.screen.ids.sponsored.get_root_window() is not None


def test_the_heart_saves(play: Play) -> None:
    stage = at_restaurant(play, kitchen.with_restaurant(replace(RESTAURANT, saved=True)))
    stage.dispatch(kitchen_actions.SavedIdsLoaded(frozenset({RESTAURANT.id})))
    stage.driver.press(stage.screen.ids.heart)
    assert stage.kitchen.wishes == [("set_saved", "restaurant", RESTAURANT.id, False)]


def test_what_did_not_come_can_be_tried_again(play: Play) -> None:
    failed = Fetched[Restaurant](None, "failed", "It is gone.")
    stage = at_restaurant(play, kitchen.in_kitchen(restaurants={RESTAURANT.id: failed}))
    assert stage.screen.ids.failure.sentence == "It is gone."
    stage.driver.press(stage.screen.ids.failure.ids.retry)
    assert stage.kitchen.calls.count(("show_restaurant", RESTAURANT.id)) == 2


def test_offline_what_was_here_last_is_shown_as_such(play: Play) -> None:
    known = {RESTAURANT.id: Fetched(RESTAURANT, "failed", "Offline.")}
    stage = at_restaurant(play, kitchen.in_kitchen(restaurants=known))
    assert (stage.screen.state, stage.screen.ids.offline.shown) == ("shown", True)


def test_phones_show_places_in_their_own_app() -> None:
    place = replace(RESTAURANT, name="Chez (Ali) & Co")
    assert maps_link(place, "android") == (
        "geo:33.771200,-84.366500?q=33.771200,-84.366500(Chez%20%28Ali%29%20%26%20Co)"
    )
    assert maps_link(place, "ios").endswith("?ll=33.771200,-84.366500&q=Chez%20%28Ali%29%20%26%20Co")


@pytest.mark.parametrize(
    ("phone", "link"),
    [("+1 (404) 555-01 42", "tel:+14045550142"), ("555 0142", "tel:5550142"), ("", ""), ("ask", "")],
)
def test_numbers_are_called_without_what_only_people_read(phone: str, link: str) -> None:
    assert phone_link(phone) == link


@pytest.mark.parametrize(
    "address", ["", "javascript:alert(1)", "file:///etc/passwd", "https://", "example.com"]
)
def test_only_pages_are_opened(address: str) -> None:
    assert page_link(address) == ""
    assert page_link("https://example.com/table") == "https://example.com/table"


def test_words() -> None:
    assert rating_text(4.0, None) == "4.0"
    assert rating_text(4.55, 1) == "4.5 by 1 person"
    assert week_of({}) == ()
    week = dict(week_of(RESTAURANT.hours))
    assert (week["Monday"], week["Friday"]) == ("closed", f"11:30{UNTIL}14:00, 17:00{UNTIL}23:00")
    facts = [fact.text for fact in restaurant_facts(RESTAURANT)]
    assert facts == ["4.6 by 731 people", "$$$", "1.4 mi", "Italian", "Vegetarian", "Gluten-free"]
