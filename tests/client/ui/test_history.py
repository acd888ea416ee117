"""What one's sessions decided, and what one thinks of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from client.net.paging import Page
from client.net.people_values import Opinion
from client.store import actions
from client.store.listing import Listing
from client.store.people import actions as people_actions
from client.widgets.stars import Star
from client.widgets.text import Wrapped
from tests.client.ui import people_scenes as weeks
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]


def opened(play: Play, state: Any, screen: str = "history", argument: str = "") -> Stage:
    stage = play(state)
    stage.app.root.navigator.open_on_top(screen, argument)
    stage.driver.wait(0.6)
    return stage


def words_on(widget: Any) -> str:
    return " ".join(part.text for part in widget.walk() if isinstance(part, Wrapped))


def rows(stage: Stage) -> list[Any]:
    """Those in sight, from top to bottom."""
    return sorted(stage.screen.ids.list.ids.rows.ids.column.children, key=lambda row: -row.y)


def press(stage: Stage, widget: Any) -> None:
    stage.screen.ids.scroll.scroll_to(widget, animate=False)
    stage.driver.wait(0.2)
    stage.driver.press(widget)


# The list


def test_each_evening_says_what_it_was_when_and_with_whom(play: Play) -> None:
    stage = opened(play, weeks.with_history())
    assert stage.people.calls == [("load_history",)]
    assert [(row.title, row.subtitle) for row in rows(stage)] == [
        ("Miso Mushroom Ramen", "Did you cook it?"),
        ("Smoky Mushroom & Black Bean Tacos", "On 1 May · With Ben and Cleo"),
        ("Koji Lantern", "On 16 April · With Ben, Cleo, Dev and 1 other"),
        ("Shakshuka with Peppers", "On 30 March · With Ben"),
    ]
    assert [(row.note, row.sign_at_end) for row in rows(stage)] == [
        ("", "help-circle-outline"), ("5", "star"), ("3", "star"), ("", ""),
    ]  # fmt: skip


def test_an_evening_of_a_group_names_the_group_once_the_question_is_answered(play: Play) -> None:
    ramen = weeks.RAMEN.decision.id
    stage = opened(play, weeks.with_history(followed=MappingProxyType({ramen: True})))
    assert rows(stage)[0].subtitle == "Today · Family"


def test_a_row_leads_to_the_evening(play: Play) -> None:
    stage = opened(play, weeks.with_history())
    stage.driver.press(rows(stage)[1])
    stage.driver.wait(0.5)
    assert (stage.screen.name, stage.screen.argument) == ("history_entry", weeks.TACOS.decision.id)


def test_the_next_page_is_asked_for_before_the_end(play: Play) -> None:
    stage = opened(play, weeks.with_history(history=Listing(weeks.HISTORY, "loaded", next_page=2, total=40)))
    assert ("load_more_history",) in stage.people.calls


@pytest.mark.parametrize(
    ("history", "state"),
    [
        (Listing(status="loading"), "waiting"),
        (Listing(status="loaded", next_page=None), "empty"),
        (Listing(status="failed", error="No connection."), "failed"),
    ],
)
def test_a_list_without_rows_says_why(play: Play, history: Any, state: str) -> None:
    stage = opened(play, weeks.with_history(history=history))
    shown = stage.screen.ids.list
    assert shown.state == state
    if state == "failed":
        assert "No connection." in words_on(shown)
        stage.driver.press(shown.ids.failure.ids.retry)
        assert stage.people.calls == [("load_history",)] * 2


# One evening


def test_the_evening_shows_the_picture_the_people_and_the_note(play: Play) -> None:
    stage = opened(play, weeks.with_history(), "history_entry", weeks.TACOS.decision.id)
    screen = stage.screen
    assert screen.ids.title.text == "Smoky Mushroom & Black Bean Tacos"
    assert (screen.people, screen.ids.note.text, screen.rating) == (
        "With Ben and Cleo",
        "More lime next time.",
        5,
    )
    press(stage, screen.ids.open)
    assert ("load_history",) not in stage.people.calls


def stars(stage: Stage) -> list[Star]:
    return sorted(
        (part for part in stage.screen.walk() if isinstance(part, Star)), key=lambda star: star.place
    )


def test_stars_are_given_and_taken_back(play: Play) -> None:
    tacos = weeks.TACOS.decision.id
    stage = opened(play, weeks.with_history(), "history_entry", tacos)
    press(stage, stars(stage)[1])
    press(stage, stars(stage)[4])
    note = weeks.TACOS.opinion.note
    assert stage.people.calls == [("rate", tacos, Opinion(2, note)), ("rate", tacos, Opinion(None, note))]


def test_a_rating_that_goes_back_is_seen_to_go_back(play: Play) -> None:
    tacos, kept = weeks.TACOS.decision.id, weeks.TACOS.opinion
    stage = opened(play, weeks.with_history(), "history_entry", tacos)
    stage.dispatch(people_actions.Rated(tacos, replace(kept, rating=1)))
    assert [star.icon for star in stars(stage)] == ["star"] + ["star-outline"] * 4
    stage.dispatch(people_actions.Rated(tacos, kept))
    assert [star.icon for star in stars(stage)] == ["star"] * 5


def test_a_note_is_kept_and_what_is_being_written_is_not_lost_meanwhile(play: Play) -> None:
    tacos = weeks.TACOS.decision.id
    stage = opened(play, weeks.with_history(), "history_entry", tacos)
    screen = stage.screen
    assert screen.ids.keep.disabled
    screen.ids.note.text = "Two limes. "
    stage.dispatch(people_actions.Rated(tacos, replace(weeks.TACOS.opinion, rating=3)))
    assert screen.ids.note.text == "Two limes. "
    press(stage, screen.ids.keep)
    assert stage.people.calls == [("rate", tacos, Opinion(3, "Two limes."))]


def test_a_note_that_could_not_be_kept_stays_written_and_can_be_kept_later(play: Play) -> None:
    tacos, kept = weeks.TACOS.decision.id, weeks.TACOS.opinion
    stage = opened(play, weeks.with_history(), "history_entry", tacos)
    screen = stage.screen
    screen.ids.note.text = "Two limes."
    screen.keep_note()
    stage.dispatch(people_actions.Rated(tacos, replace(kept, note="Two limes.")))
    assert not screen.note_changed
    stage.dispatch(people_actions.Rated(tacos, kept))
    assert (screen.ids.note.text, screen.note_changed) == ("Two limes.", True)
    screen.keep_note()
    stage.dispatch(people_actions.Rated(tacos, replace(kept, note="Two limes.")))
    screen.ids.note.text = "Two limes. And salt."
    stage.dispatch(people_actions.Rated(tacos, kept))
    assert screen.ids.note.text == "Two limes. And salt."


def test_a_note_is_shown_as_the_server_has_cleaned_it(play: Play) -> None:
    tacos, kept = weeks.TACOS.decision.id, weeks.TACOS.opinion
    stage = opened(play, weeks.with_history(), "history_entry", tacos)
    screen = stage.screen
    screen.ids.note.text = "Two  limes."
    screen.keep_note()
    stage.dispatch(people_actions.Rated(tacos, replace(kept, note="Two  limes.")))
    stage.dispatch(people_actions.Rated(tacos, replace(kept, note="Two limes.")))
    assert (screen.ids.note.text, screen.note_changed) == ("Two limes.", False)


def test_a_note_that_is_too_long_cannot_be_kept(play: Play) -> None:
    stage = opened(play, weeks.with_history(), "history_entry", weeks.TACOS.decision.id)
    stage.screen.ids.note.text = "x" * 503
    stage.driver.wait(0.1)
    assert "too long by 3 characters" in words_on(stage.screen)
    stage.screen.keep_note()
    assert stage.people.calls == []


def test_whether_one_went_is_asked_and_answered(play: Play) -> None:
    lantern = weeks.LANTERN.decision.id
    stage = opened(play, weeks.with_history(), "history_entry", lantern)
    assert "Did you go?" in words_on(stage.screen)
    press(stage, stage.screen.ids.followed.ids.no)
    assert stage.people.calls == [("follow_up", lantern, False)]
    stage.dispatch(people_actions.FollowedUp(lantern, False))
    assert stage.screen.ids.followed.ids.no.chosen
    assert not stage.screen.ids.followed.ids.yes.chosen


def test_the_other_closest_ones_are_there_too(play: Play) -> None:
    stage = opened(play, weeks.with_history(), "history_entry", weeks.LANTERN.decision.id)
    others = [row.text for row in reversed(stage.screen.ids.others.children)]
    assert others == ["Smoky Mushroom & Black Bean Tacos", "Ember & Plain"]


def test_an_evening_further_back_is_looked_for_before_it_is_called_gone(play: Play) -> None:
    history = Listing(weeks.HISTORY[:1], "loaded", next_page=2, total=40)
    stage = opened(play, weeks.with_history(history=history), "history_entry", weeks.TACOS.decision.id)
    assert (stage.screen.state, stage.people.calls) == ("waiting", [("load_history",)])
    stage.dispatch(actions.CommandStarted("load_history"))
    stage.dispatch(actions.CommandFinished("load_history"))
    assert stage.people.calls == [("load_history",), ("load_more_history",)]
    stage.dispatch(people_actions.HistoryCame(Page(weeks.HISTORY[1:], 2, 40, has_more=True)))
    assert stage.screen.state == "found"
    assert stage.people.calls == [("load_history",), ("load_more_history",)]


@pytest.mark.parametrize(
    ("history", "state"),
    [
        (Listing(status="loading"), "waiting"),
        (Listing(status="loaded", next_page=None), "gone"),
        (Listing(status="failed", error="No connection."), "failed"),
    ],
)
def test_an_evening_that_is_not_here(play: Play, history: Any, state: str) -> None:
    stage = opened(play, weeks.with_history(history=history), "history_entry", weeks.TACOS.decision.id)
    assert (stage.screen.state, stage.people.calls) == (state, [("load_history",)])
    if state == "failed":
        stage.driver.press(stage.screen.ids.failure.ids.retry)
        assert len(stage.people.calls) == 2
