"""The parts that every screen is made of: states without rows, long lists, the bar at the head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from kivy.core.window import Window
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.widget import Widget

from client.store.listing import Listing
from client.theme.active import theme
from client.widgets.buttons import IconButton
from client.widgets.listing_view import ListingView
from client.widgets.rows import ListRow, SectionHeading
from client.widgets.states import EmptyState, ErrorState, OfflineHint, Skeleton
from client.widgets.top_bar import TopBar
from tests.client.ui import scenes
from tests.client.ui.driver import Driver
from tests.client.ui.stage import Stage

Show = Callable[[Widget], Driver]


@pytest.fixture
def show(play: Callable[..., Stage]) -> Iterator[Show]:
    """Put a widget over the whole window of the app."""
    stage = play(scenes.at_home())
    frame = AnchorLayout(anchor_y="top")

    def show(widget: Widget) -> Driver:
        stage.app.root.add_widget(frame)
        frame.size, frame.size_hint = Window.size, (None, None)
        frame.add_widget(widget)
        stage.driver.wait(0.2)
        return stage.driver

    yield show
    theme.reduced_motion = False


def in_sight(widget: Widget) -> bool:
    return widget.get_root_window() is not None


def told(widget: Any, *events: str) -> list[tuple[Any, ...]]:
    """What the widget tells from now on."""
    heard: list[tuple[Any, ...]] = []
    for event in events:
        widget.fbind(event, lambda *words, event=event: heard.append((event, *words[1:])))
    return heard


def numbers(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


def as_row(number: int) -> Mapping[str, object]:
    return {"key": str(number), "title": f"Dish {number}", "subtitle": "Nice", "icon": "heart-outline"}


def shown_rows(view: ListingView) -> list[ListRow]:
    """From top to bottom."""
    return sorted(view.ids.rows.ids.column.children, key=lambda row: -row.y)


# States without rows


def test_nothing_there_has_a_picture_a_sentence_and_what_to_do(show: Show) -> None:
    empty = EmptyState(art="basket", sentence="Nothing to buy yet.", action="Find a recipe")
    heard = told(empty, "on_act")
    show(empty).press(empty.ids.action)
    assert heard == [("on_act",)]


def test_without_an_action_there_is_no_button(show: Show) -> None:
    empty = EmptyState(sentence="Nothing yet.")
    show(empty)
    assert not in_sight(empty.ids.action)


def test_what_did_not_work_can_be_tried_again_once_at_a_time(show: Show) -> None:
    error = ErrorState(sentence="The server is away.")
    heard = told(error, "on_retry")
    driver = show(error)
    driver.press(error.ids.retry)
    error.busy = True
    driver.press(error.ids.retry)
    assert heard == [("on_retry",)]


@pytest.mark.parametrize("calm", [False, True])
def test_a_skeleton_breathes_unless_motion_is_reduced(show: Show, calm: bool) -> None:
    theme.reduced_motion = calm
    skeleton = Skeleton(rows=3)
    driver = show(skeleton)
    seen = set()
    for _ in range(40):
        driver.wait(0.1)
        seen.add(round(skeleton.glow, 2))
    assert (seen == {1}) == calm


def test_a_skeleton_that_is_not_shown_does_nothing(show: Show) -> None:
    skeleton = Skeleton(rows=0)
    driver = show(skeleton)
    assert skeleton.height > 200
    skeleton.shown = False
    driver.wait(3)
    assert (skeleton.height, skeleton.glow) == (0, 1)


def test_the_offline_hint_takes_room_only_while_it_is_shown(show: Show) -> None:
    hint = OfflineHint()
    driver = show(hint)
    assert hint.height == 0
    hint.shown = True
    driver.wait(0.1)
    assert hint.height >= theme.touch


# Lists


def test_a_list_says_that_it_is_on_its_way(show: Show) -> None:
    view = ListingView()
    show(view).wait(0.1)
    view.show(Listing[int]().loading(), as_row)
    assert view.ids.skeleton.height


def test_a_list_without_rows_says_so(show: Show) -> None:
    view = ListingView(empty_sentence="No favourites yet.", empty_action="Discover")
    heard = told(view, "on_empty_act")
    driver = show(view)
    view.show(Listing[int]().with_page(1, (), total=0, has_more=False), as_row)
    driver.wait(0.1)
    assert not view.ids.skeleton.height
    assert view.ids.nothing.ids.sentence.text == "No favourites yet."
    driver.press(view.ids.nothing.ids.action)
    assert heard == [("on_empty_act",)]


def test_a_list_that_has_not_come_can_be_asked_for_again(show: Show) -> None:
    view = ListingView()
    heard = told(view, "on_retry")
    driver = show(view)
    view.show(Listing[int]().failed("The server is away."), as_row)
    driver.wait(0.1)
    driver.press(view.ids.failure.ids.retry)
    assert (heard, view.ids.failure.sentence) == ([("on_retry",)], "The server is away.")


def test_of_ten_thousand_rows_only_those_in_sight_exist(show: Show) -> None:
    view = ListingView()
    driver = show(view)
    view.show(Listing[int]().with_page(1, numbers(1, 10_000), total=10_000, has_more=False), as_row)
    driver.wait(0.1)
    assert [row.title for row in shown_rows(view)[:2]] == ["Dish 1", "Dish 2"]
    view.ids.rows.scroll_y = 0
    driver.wait(0.1)
    assert shown_rows(view)[-1].title == "Dish 10000"
    assert len(shown_rows(view)) < 30
    view.to_top()
    driver.wait(0.1)
    assert shown_rows(view)[0].title == "Dish 1"


def test_rows_and_their_buttons_tell_what_was_pressed(show: Show) -> None:
    view = ListingView()
    heard = told(view, "on_choose", "on_act")
    driver = show(view)
    view.show(Listing[int]().with_page(1, numbers(1, 5), total=5, has_more=False), as_row)
    driver.wait(0.1)
    driver.press(shown_rows(view)[1])
    driver.press(shown_rows(view)[2].ids.act)
    assert heard == [("on_choose", "2"), ("on_act", "3")]


def test_the_next_page_is_asked_for_before_the_end_and_only_once(show: Show) -> None:
    view = ListingView()
    heard = told(view, "on_more")
    driver = show(view)
    first = Listing[int]().with_page(1, numbers(1, 100), total=150, has_more=True)
    view.show(first, as_row)
    driver.wait(0.1)
    assert heard == []
    view.ids.rows.scroll_y = 0.1
    driver.wait(0.1)
    view.ids.rows.scroll_y = 0.05
    driver.wait(0.1)
    assert heard == [("on_more",)]
    view.show(first.loading(), as_row)
    driver.wait(0.1)
    assert len(view.ids.rows.data) == 100
    view.show(first.with_page(2, numbers(101, 150), total=150, has_more=False), as_row)
    view.ids.rows.scroll_y = 0
    driver.wait(0.1)
    assert heard == [("on_more",)]


def test_a_page_that_fills_no_screen_asks_for_the_next_at_once(show: Show) -> None:
    view = ListingView()
    heard = told(view, "on_more")
    driver = show(view)
    view.show(Listing[int]().with_page(1, numbers(1, 3), total=9, has_more=True), as_row)
    driver.wait(0.1)
    assert heard == [("on_more",)]


def test_what_was_here_last_stays_when_the_next_page_does_not_come(show: Show) -> None:
    view = ListingView()
    heard = told(view, "on_retry", "on_more")
    driver = show(view)
    known = Listing[int]().with_page(1, numbers(1, 40), total=80, has_more=True)
    view.show(known.failed("The server is away."), as_row)
    driver.wait(0.1)
    assert (view.state, view.stale) == ("rows", True)
    driver.press(view.ids.retry)
    assert heard == [("on_retry",)]


# The rest


def test_a_row_shows_only_what_it_has(show: Show) -> None:
    row = ListRow(title="Tacos", leads=False, height=72)
    show(row)
    assert not in_sight(row.ids.picture)
    assert not in_sight(row.ids.act)


def test_a_heading_may_lead_on(show: Show) -> None:
    heading = SectionHeading(text="Recipes", link="See all")
    heard = told(heading, "on_more")
    show(heading).press(heading.ids.more)
    assert heard == [("on_more",)]


def test_the_bar_leads_back_and_holds_actions(show: Show) -> None:
    bar = TopBar(title="Favourites")
    action = IconButton(icon="magnify")
    bar.add_widget(action)
    heard = told(bar, "on_back")
    driver = show(bar)
    driver.press(bar.ids.arrow)
    assert heard == [("on_back",)]
    assert action in bar.ids.actions.children
    assert Window.width - action.to_window(action.right, 0)[0] < 20
    bar.leads_back = False
    driver.wait(0.1)
    assert not in_sight(bar.ids.arrow)
