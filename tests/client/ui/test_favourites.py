"""What is saved, and taking it off again."""

from __future__ import annotations

from collections.abc import Callable

from client.store.kitchen import actions as kitchen_actions
from client.store.kitchen.state import SaveChange
from client.store.state import AppState
from client.widgets.rows import ListRow
from tests.client.ui import kitchen_scenes as kitchen
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]


def at_favourites(play: Play, state: AppState) -> Stage:
    stage = play(state)
    stage.app.root.navigator.open_on_top("favourites")
    stage.driver.wait(0.6)
    return stage


def rows(stage: Stage) -> list[ListRow]:
    found = [widget for widget in stage.screen.walk() if isinstance(widget, ListRow)]
    return sorted(found, key=lambda row: -row.y)


def test_they_are_read_anew_each_time(play: Play) -> None:
    stage = at_favourites(play, kitchen.in_kitchen())
    assert stage.kitchen.calls == [("load_favourites", "recipe")]
    stage.driver.press(stage.screen.ids.restaurants)
    assert stage.kitchen.calls[-1] == ("load_favourites", "restaurant")
    assert stage.screen.ids.list.state == "waiting"


def test_one_leaves_at_once_and_is_back_when_that_is_refused(play: Play) -> None:
    stage = at_favourites(play, kitchen.favourites("recipe", *kitchen.RECIPES))
    stage.driver.press(rows(stage)[1].ids.act)
    gone = kitchen.RECIPES[1].id
    assert stage.kitchen.wishes == [("set_saved", "recipe", gone, False)]
    change = SaveChange(1, gone, False)
    stage.dispatch(kitchen_actions.SaveChanged(change))
    assert [row.key for row in rows(stage)] == [kitchen.RECIPES[0].id, kitchen.RECIPES[2].id]
    stage.dispatch(kitchen_actions.SaveSettled(change, False))
    assert [row.key for row in rows(stage)] == [card.id for card in kitchen.RECIPES]


def test_a_row_leads_to_all_about_it(play: Play) -> None:
    stage = at_favourites(play, kitchen.favourites("recipe", *kitchen.RECIPES))
    stage.driver.press(rows(stage)[0].ids.title)
    stage.driver.wait(0.6)
    assert (stage.screen.name, stage.screen.argument) == ("recipe", kitchen.RECIPES[0].id)


def test_without_any_there_is_a_way_to_find_some(play: Play) -> None:
    stage = at_favourites(play, kitchen.favourites("recipe"))
    nothing = stage.screen.ids.list.ids.nothing
    assert nothing.sentence.startswith("No recipe is a favourite yet.")
    stage.driver.press(nothing.ids.action)
    stage.driver.wait(0.6)
    assert stage.screen.name == "browse"


def test_what_did_not_work_can_be_tried_again(play: Play) -> None:
    stage = at_favourites(play, kitchen.in_kitchen())
    stage.dispatch(kitchen_actions.FavouritesFailed("recipe", "Offline."))
    stage.driver.press(stage.screen.ids.list.ids.failure.ids.retry)
    assert stage.kitchen.calls.count(("load_favourites", "recipe")) == 2
