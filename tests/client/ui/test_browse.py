"""Discover: searching, filtering, a very long list, and what is shown when there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from client.net.kitchen_values import CatalogueQuery
from client.net.paging import Page
from client.net.values import Location
from client.store.kitchen import actions as kitchen_actions
from client.store.kitchen.state import SaveChange
from client.store.state import AppState
from client.widgets.focus import may_be_reached
from client.widgets.rows import ListRow
from client.widgets.text import Icon
from tests.client.ui import kitchen_scenes as kitchen
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
ESCAPE = 27
OFFLINE = "The DinDin server at dindin.example cannot be reached. Check your connection and try again."


def at_browse(play: Play, state: AppState, **how: Any) -> Stage:
    stage = play(state, **how)
    stage.go_to("discover")
    assert stage.screen.name == "browse"
    return stage


def rows(stage: Stage) -> list[ListRow]:
    """Those in sight, from top to bottom."""
    found = [widget for widget in stage.screen.walk() if isinstance(widget, ListRow)]
    return sorted(found, key=lambda row: -row.y)


def test_what_is_paid_for_is_labelled(play: Play) -> None:
    stage = at_browse(play, kitchen.results(kitchen.PLACES, query=CatalogueQuery("restaurant")))
    labelled = [row.title for row in rows(stage) if row.subtitle.startswith("Sponsored · ")]
    assert labelled == [card.title for card in kitchen.PLACES if card.sponsored]
    assert labelled


def test_a_label_leaves_room_for_what_it_stands_before_and_a_rating_has_its_star(play: Play) -> None:
    (paid,) = (card for card in kitchen.PLACES if card.sponsored)
    unrated = replace(paid, id="0" * 23 + "9", rating=None, sponsored=False, subtitle="Thai")
    wordy = replace(paid, subtitle="Argentinian and Uruguayan · $$$$ · 1.7 mi")
    query = CatalogueQuery("restaurant")
    stage = at_browse(play, kitchen.results((wordy, unrated), query=query))
    first, second = rows(stage)
    told = first.ids.subtitle
    assert (told.shorten, told.height > 1.5 * second.ids.subtitle.height) == (False, True)
    assert first.height >= told.height + first.ids.title.height
    stars = [
        [part.icon for part in row.walk() if isinstance(part, Icon)].count("star") for row in (first, second)
    ]
    assert (stars, first.note, second.note) == ([1, 0], "4.6", "")


def test_opening_looks_for_everything(play: Play) -> None:
    stage = at_browse(play, kitchen.in_kitchen())
    assert ("open_browse",) in stage.kitchen.calls
    assert stage.screen.ids.list.state == "waiting"


def test_what_was_found_leads_to_all_about_it(play: Play) -> None:
    stage = at_browse(play, kitchen.results())
    assert [row.title for row in rows(stage)] == [card.title for card in kitchen.RECIPES]
    stage.driver.press(rows(stage)[1].ids.title)
    stage.driver.wait(0.6)
    assert (stage.screen.name, stage.screen.argument) == ("recipe", kitchen.RECIPES[1].id)
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.6)
    assert stage.screen.name == "browse"


def test_a_heart_saves_and_a_refusal_takes_it_back(play: Play) -> None:
    stage = at_browse(play, kitchen.results())
    first, second = rows(stage)[:2]
    assert (first.marked, second.marked) == (True, False)
    stage.driver.press(second.ids.act)
    stage.driver.press(first.ids.act)
    assert stage.kitchen.wishes == [
        ("set_saved", "recipe", kitchen.RECIPES[1].id, True),
        ("set_saved", "recipe", kitchen.RECIPES[0].id, False),
    ]
    change = SaveChange(1, kitchen.RECIPES[1].id, True)
    stage.dispatch(kitchen_actions.SaveChanged(change))
    assert rows(stage)[1].marked
    stage.dispatch(kitchen_actions.SaveSettled(change, False))
    assert not rows(stage)[1].marked


def test_typing_searches_and_enter_does_so_at_once(play: Play) -> None:
    stage = at_browse(play, kitchen.results())
    words = stage.screen.ids.words
    stage.driver.type_into(words.ids.line, "soup")
    assert stage.kitchen.wishes[-1] == ("search", "soup")
    words.ids.line.dispatch("on_text_validate")
    assert stage.kitchen.wishes[-1] == ("browse", CatalogueQuery(words="soup"))
    words.leave()
    stage.driver.press(words.ids.act)
    assert words.text == ""


def test_words_that_are_deleted_again_are_not_looked_for(play: Play) -> None:
    stage = at_browse(play, kitchen.results())
    line = stage.screen.ids.words.ids.line
    stage.driver.type_into(line, "s")
    line.text = ""
    assert stage.kitchen.wishes[-2:] == [("search", "s"), ("search", "")]


def test_filters_do_not_take_back_what_was_typed_before_they_came_up(play: Play) -> None:
    stage = at_browse(play, kitchen.results())
    stage.driver.type_into(stage.screen.ids.words.ids.line, "soup")
    stage.screen.open_filters()
    # The time for typing more is up, and the sheet is already there.
    stage.dispatch(kitchen_actions.QueryChosen(CatalogueQuery(words="soup")))
    stage.screen.ids.filters.apply()
    assert stage.kitchen.wishes[-1] == ("browse", CatalogueQuery(words="soup"))


def test_an_answer_does_not_change_what_is_being_typed(play: Play) -> None:
    stage = at_browse(play, kitchen.results())
    line = stage.screen.ids.words.ids.line
    stage.driver.type_into(line, "soup of the day")
    stage.dispatch(kitchen_actions.QueryChosen(CatalogueQuery(words="soup")))
    assert line.text == "soup of the day"


def test_one_switches_to_restaurants(play: Play) -> None:
    stage = at_browse(play, kitchen.results())
    stage.driver.press(stage.screen.ids.restaurants)
    query = CatalogueQuery("restaurant")
    assert stage.kitchen.wishes == [("browse", query)]
    stage.store.dispatch(kitchen_actions.QueryChosen(query))
    stage.driver.wait(0.2)
    assert (stage.screen.kind, stage.screen.ids.list.state) == ("restaurant", "waiting")


def test_filters_hold_when_they_are_applied(play: Play) -> None:
    stage = at_browse(play, kitchen.results())
    stage.driver.press(stage.screen.ids.narrow)
    stage.driver.wait(0.4)
    sheet = stage.screen.ids.filters
    for group, word in (
        (sheet.ids.minutes, "15 min"),
        (sheet.ids.minutes, "30 min"),
        (sheet.ids.difficulties, "easy"),
        (sheet.ids.difficulties, "hard"),
        (sheet.ids.diets, "vegan"),
    ):
        stage.driver.press(next(chip for chip in group.children if chip.value == word))
    assert sheet.ids.minutes.chosen == ["30 min"]
    assert stage.kitchen.wishes == []
    stage.driver.press(sheet.ids.apply)
    wanted = CatalogueQuery(diets=("vegan",), max_minutes=30, difficulties=("easy", "hard"))
    assert stage.kitchen.wishes == [("browse", wanted)]
    assert not sheet.open


def test_filters_begin_with_what_holds_and_can_be_cleared(play: Play) -> None:
    query = CatalogueQuery(cuisines=("Thai",), max_minutes=45, difficulties=("medium",))
    stage = at_browse(play, kitchen.results(query=query))
    assert stage.screen.filters == 3
    stage.driver.press(stage.screen.ids.narrow)
    stage.driver.wait(0.4)
    sheet = stage.screen.ids.filters
    assert (sheet.ids.minutes.chosen, sheet.ids.cuisines.chosen) == (["45 min"], ["Thai"])
    assert sheet.ids.difficulties.chosen == ["medium"]
    stage.driver.press(sheet.ids.clear_all)
    stage.driver.press(sheet.ids.apply)
    assert stage.kitchen.wishes == [("browse", CatalogueQuery())]


def test_back_closes_the_filters_first(play: Play) -> None:
    stage = at_browse(play, kitchen.results())
    stage.driver.press(stage.screen.ids.narrow)
    stage.driver.wait(0.4)
    stage.driver.key(ESCAPE)
    assert not stage.screen.ids.filters.open
    assert stage.screen.name == "browse"
    assert stage.kitchen.wishes == []


def test_the_nearest_come_first_for_who_has_a_home(play: Play) -> None:
    home = Location(33.75, -84.39)
    state = kitchen.results(kitchen.PLACES, query=CatalogueQuery("restaurant"))
    stage = at_browse(
        play, replace(state, preferences=replace(scenes.at_home().preferences, home_location=home))
    )
    stage.driver.press(stage.screen.ids.narrow)
    stage.driver.wait(0.4)
    sheet = stage.screen.ids.filters
    stage.driver.press(next(chip for chip in sheet.ids.prices.children if chip.value == "$$"))
    stage.driver.press(sheet.ids.near)
    stage.driver.press(sheet.ids.apply)
    assert stage.kitchen.wishes == [("browse", CatalogueQuery("restaurant", prices=(2,), near=home))]


def test_without_a_home_nothing_is_near(play: Play) -> None:
    state = kitchen.results(kitchen.PLACES, query=CatalogueQuery("restaurant"))
    stage = at_browse(play, state)
    stage.driver.press(stage.screen.ids.narrow)
    stage.driver.wait(0.4)
    assert not may_be_reached(stage.screen.ids.filters.ids.near)


def test_ten_thousand_rows_need_no_more_widgets_than_are_in_sight(play: Play) -> None:
    stage = at_browse(play, kitchen.many_results(10_000))
    few = len(rows(stage))
    assert 5 < few < 25
    list_of_rows = stage.screen.ids.list.ids.rows
    for share in (0.8, 0.5, 0.2, 0.0):
        list_of_rows.scroll_y = share
        stage.driver.wait(0.1)
        assert len(rows(stage)) <= few + 3
    assert rows(stage)[-1].title == "Dish 9999"


def test_near_the_end_the_next_page_is_asked_for_once(play: Play) -> None:
    state = kitchen.many_results(100)
    results = replace(state.kitchen.results, next_page=2, total=200)
    stage = at_browse(play, replace(state, kitchen=replace(state.kitchen, results=results)))
    assert stage.kitchen.wishes == []
    list_of_rows = stage.screen.ids.list.ids.rows
    for share in (0.3, 0.1, 0.05, 0.0):
        list_of_rows.scroll_y = share
        stage.driver.wait(0.1)
    assert stage.kitchen.wishes == [("load_more_results",)]


def test_what_did_not_work_can_be_tried_again(play: Play) -> None:
    stage = at_browse(play, kitchen.results((), "failed", error=OFFLINE))
    view = stage.screen.ids.list
    assert (view.state, view.ids.failure.sentence) == ("failed", OFFLINE)
    stage.driver.press(view.ids.failure.ids.retry)
    assert stage.kitchen.wishes == [("retry_browse",)]


def test_offline_what_was_found_stays(play: Play) -> None:
    stage = at_browse(play, kitchen.results(status="failed", error=OFFLINE))
    assert len(rows(stage)) == len(kitchen.RECIPES)
    stage.driver.press(stage.screen.ids.list.ids.retry)
    assert stage.kitchen.wishes == [("retry_browse",)]


@pytest.mark.parametrize(
    ("query", "sentence", "way_out"),
    [
        (CatalogueQuery(), "There is nothing here yet.", ""),
        (CatalogueQuery(words=" stones "), "Nothing goes by “stones”.", "Show everything"),
        (CatalogueQuery(max_minutes=15), "No filter lets anything through.", "Show everything"),
        (
            CatalogueQuery(words="stones", max_minutes=15),
            "Nothing with these filters goes by “stones”.",
            "Show everything",
        ),
    ],
    ids=["at all", "with these words", "with these filters", "with both"],
)
def test_nothing_was_found(play: Play, query: CatalogueQuery, sentence: str, way_out: str) -> None:
    stage = at_browse(play, kitchen.results((), query=query))
    nothing = stage.screen.ids.list.ids.nothing
    assert (nothing.sentence, nothing.action) == (sentence, way_out)
    if way_out:
        stage.driver.press(nothing.ids.action)
        assert stage.kitchen.wishes[-1] == ("browse", CatalogueQuery())


def test_what_suits_ones_taste_stands_on_top_until_one_looks_for_something(play: Play) -> None:
    stage = at_browse(play, kitchen.results())
    row = stage.screen.ids.recommended
    assert not row.shown
    best = tuple(reversed(kitchen.RECIPES))
    stage.dispatch(kitchen_actions.RecommendedLoaded(Page(best, 1, total=len(best), has_more=False)))
    assert row.shown
    small = row.ids.cards.children[-1]
    assert small.title == best[0].title
    stage.driver.press(small)
    stage.driver.wait(0.6)
    assert (stage.screen.name, stage.screen.argument) == ("recipe", best[0].id)
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.6)
    stage.dispatch(kitchen_actions.QueryChosen(CatalogueQuery(words="soup")))
    assert not stage.screen.ids.recommended.shown
