"""Shopping lists: ticking, adding by typing, clearing, sharing; one's own and a group's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kivy.core.clipboard import Clipboard
from kivy.core.window import Window

from client.net.kitchen_values import ShoppingList
from client.screens.shopping import LOOK_AFTER_SECONDS, ShoppingRow
from client.store.kitchen import actions as kitchen_actions
from client.store.kitchen.state import ItemTicked, KnownList
from client.store.listing import Fetched
from client.store.state import AppState
from tests.client.ui import kitchen_scenes as kitchen
from tests.client.ui import scenes
from tests.client.ui.kitchen_scenes import ITEMS
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
FAMILY = scenes.FAMILY.id


def at_list(play: Play, state: AppState, list_id: str = "") -> Stage:
    stage = play(state)
    stage.app.root.navigator.open_on_top("shopping", list_id)
    stage.driver.wait(0.6)
    return stage


def rows(stage: Stage) -> list[ShoppingRow]:
    found = [widget for widget in stage.screen.walk() if isinstance(widget, ShoppingRow)]
    return sorted(found, key=lambda row: -row.y)


def lines(stage: Stage) -> list[tuple[str, str, bool]]:
    return [(row.title, row.subtitle, row.ids.title.strikethrough) for row in rows(stage)]


def test_what_is_missing_comes_first(play: Play) -> None:
    stage = at_list(play, kitchen.shopping(*ITEMS))
    assert stage.kitchen.calls == [("load_list", "")]
    assert lines(stage) == [
        ("corn tortillas", "12", False),
        ("oat milk", "1.5 l", False),
        ("bread", "", False),
        ("lemons", "0.5 kg", True),
    ]


def test_a_tap_ticks_and_a_refusal_takes_the_tick_away(play: Play) -> None:
    stage = at_list(play, kitchen.shopping(*ITEMS))
    stage.driver.press(rows(stage)[0].ids.title)
    stage.driver.press(rows(stage)[3].ids.title)
    assert stage.kitchen.wishes == [("tick", "", ITEMS[0].id, True), ("tick", "", ITEMS[2].id, False)]
    stage.dispatch(kitchen_actions.ListChanged("", ItemTicked(1, ITEMS[0].id, True)))
    assert [title for title, _, ticked in lines(stage) if ticked] == ["corn tortillas", "lemons"]
    stage.dispatch(kitchen_actions.ListRefused("", 1))
    assert [title for title, _, ticked in lines(stage) if ticked] == ["lemons"]


def test_one_types_line_after_line(play: Play) -> None:
    stage = at_list(play, kitchen.shopping())
    field = stage.screen.ids.line
    stage.driver.type_into(field.ids.line, "2 kg potatoes")
    field.ids.line.dispatch("on_text_validate")
    stage.driver.type_into(field.ids.line, "salt")
    stage.driver.press(field.ids.act)
    field.ids.line.dispatch("on_text_validate")
    assert stage.kitchen.wishes == [("add_typed", "", "2 kg potatoes"), ("add_typed", "", "salt")]
    assert field.text == ""


def test_lines_are_taken_off_one_by_one_or_all_that_are_ticked(play: Play) -> None:
    stage = at_list(play, kitchen.shopping(*ITEMS))
    stage.driver.press(rows(stage)[1].ids.act)
    stage.driver.press(stage.screen.ids.clear_all)
    assert stage.kitchen.wishes == [("remove_item", "", ITEMS[1].id), ("clear_ticked", "")]


def test_with_nothing_ticked_there_is_nothing_to_clear(play: Play) -> None:
    stage = at_list(play, kitchen.shopping(ITEMS[0]))
    assert stage.screen.ids.clear_all.get_root_window() is None


def test_the_list_is_copied_as_text(play: Play) -> None:
    stage = at_list(play, kitchen.shopping(ITEMS[1], ITEMS[2]))
    stage.driver.press(stage.screen.ids.copy_list)
    assert Clipboard.paste() == "Shopping list\n- 1.5 l oat milk\n✓ 0.5 kg lemons"
    assert stage.screen.ids.copied.get_root_window() is not None
    stage.driver.wait(2.2)
    assert stage.screen.ids.copied.get_root_window() is None


def test_nothing_to_buy(play: Play) -> None:
    stage = at_list(play, kitchen.shopping())
    nothing = stage.screen.ids.list.ids.nothing
    assert nothing.sentence.startswith("Nothing to buy.")
    assert nothing.action == ""
    assert stage.screen.ids.copy_list.disabled


def test_a_groups_list_is_a_tap_away(play: Play) -> None:
    stage = at_list(play, kitchen.shopping(*ITEMS))
    chips = {chip.text: chip for chip in stage.screen.ids.lists.children}
    stage.driver.press(chips["Family"])
    assert stage.kitchen.calls[-1] == ("load_list", FAMILY)
    assert (chips["Family"].chosen, chips["Mine"].chosen) == (True, False)
    stage.dispatch(kitchen_actions.ListLoaded(FAMILY, ShoppingList(scenes.BEN.id, (ITEMS[3],), FAMILY)))
    stage.driver.press(rows(stage)[0].ids.title)
    assert stage.kitchen.wishes == [("tick", FAMILY, ITEMS[3].id, True)]


def test_a_group_without_a_list_can_have_ones_own(play: Play) -> None:
    state = kitchen.in_kitchen(lists={FAMILY: KnownList(Fetched(None, "loaded"), unshared=True)})
    stage = at_list(play, state, FAMILY)
    nothing = stage.screen.ids.list.ids.nothing
    assert nothing.sentence == "Nobody in Family shares a list yet. With yours, everybody can shop."
    assert stage.screen.ids.line.get_root_window() is None
    stage.driver.press(nothing.ids.action)
    assert stage.kitchen.wishes == [("share_list", FAMILY)]


def test_sharing_is_said_and_can_be_ended(play: Play) -> None:
    stage = at_list(play, kitchen.shopping(*ITEMS, shared_with=FAMILY))
    assert stage.screen.ids.shared.text == "Family sees and changes this list too."
    stage.driver.press(stage.screen.ids.stop)
    assert stage.kitchen.wishes == [("share_list", None)]


def test_who_is_in_no_group_has_one_list(play: Play) -> None:
    stage = at_list(play, replace(kitchen.shopping(*ITEMS), groups=()))
    assert stage.screen.ids.lists.get_root_window() is None


def test_what_did_not_come_can_be_tried_again(play: Play) -> None:
    failed = KnownList(Fetched[ShoppingList](None, "failed", "Offline."))
    stage = at_list(play, kitchen.in_kitchen(lists={"": failed}))
    view = stage.screen.ids.list
    assert view.state == "failed"
    stage.driver.press(view.ids.failure.ids.retry)
    assert stage.kitchen.calls.count(("load_list", "")) == 2


def test_offline_the_list_stays_and_says_so(play: Play) -> None:
    known = KnownList(Fetched(ShoppingList(scenes.ANA.id, ITEMS), "failed", "Offline."))
    stage = at_list(play, kitchen.in_kitchen(lists={"": known}))
    assert len(rows(stage)) == len(ITEMS)
    assert stage.screen.ids.list.stale


def looked_after(stage: Stage) -> list[str]:
    return [call[1] for call in stage.kitchen.calls if call[0] == "look_after_list"]


def test_a_list_is_looked_after_while_it_is_shown(play: Play) -> None:
    stage = at_list(play, kitchen.shopping(*ITEMS))
    assert looked_after(stage) == []
    stage.driver.wait(LOOK_AFTER_SECONDS)
    assert looked_after(stage) == [""]
    stage.screen.show_list(FAMILY)
    stage.driver.wait(LOOK_AFTER_SECONDS)
    assert looked_after(stage) == ["", FAMILY]
    stage.driver.key(27)
    stage.driver.wait(2 * LOOK_AFTER_SECONDS)
    assert looked_after(stage) == ["", FAMILY]


def test_a_list_is_looked_after_when_the_window_is_back(play: Play) -> None:
    stage = at_list(play, kitchen.shopping(*ITEMS))
    Window._focus = False
    assert looked_after(stage) == []
    Window._focus = True
    assert looked_after(stage) == [""]
