"""Home shows what was decided last, and leads back into what is still being decided (docs/product.md K2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from client.net.people_values import RunningSession
from client.store import actions
from client.store.listing import Listing
from client.store.people import actions as people_actions
from client.store.people.state import People
from tests.client.ui import people_scenes as weeks
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
SESSION = RunningSession("7" * 24, ("Ana Lindqvist", "Ben", "Cleo"))


def recent(stage: Stage) -> Any:
    return stage.screen.ids.recent


def titles(stage: Stage) -> list[str]:
    return [row.title for row in reversed(recent(stage).ids.rows.children)]


def test_the_last_evenings_stand_at_home_and_lead_to_the_history(play: Play) -> None:
    stage = play(weeks.with_history())
    assert stage.people.looked_up == [("load_recent",)]
    assert titles(stage) == ["Miso Mushroom Ramen", "Smoky Mushroom & Black Bean Tacos", "Koji Lantern"]
    newest = recent(stage).ids.rows.children[-1]
    assert newest.subtitle == "Today · With Ben and Cleo"
    stage.press_below(newest)
    assert (stage.screen.name, stage.screen.argument) == ("history_entry", weeks.RAMEN.decision.id)
    assert stage.screen.title == "Miso Mushroom Ramen"
    stage.driver.key(27)
    stage.driver.wait(0.4)
    stage.press_below(recent(stage).ids.all)
    assert stage.screen.name == "history"


@pytest.mark.parametrize(
    ("history", "state"),
    [
        (Listing(), "waiting"),
        (Listing(status="failed", error="No."), "failed"),
        (Listing(status="loaded", next_page=None), "nothing"),
    ],
)
def test_evenings_that_are_not_there(play: Play, history: Any, state: str) -> None:
    stage = play(replace(scenes.at_home(), people=People(history=history)))
    assert recent(stage).state == state
    assert recent(stage).ids.words.text
    if state == "failed":
        stage.press_below(recent(stage).ids.retry)
        assert stage.people.looked_up == [("load_recent",)] * 2


def test_who_has_a_session_running_can_go_back_into_it(play: Play) -> None:
    stage = play(replace(scenes.at_home(), people=People(running=(SESSION,))))
    (banner,) = stage.screen.ids.running.children
    assert banner.words == "With Ben and Cleo"
    stage.press_below(banner.ids.back)
    assert stage.calls == [("open_session", SESSION.id)]
    stage.dispatch(actions.CommandStarted("open_session"))
    stage.press_below(banner.ids.back)
    assert stage.calls == [("open_session", SESSION.id)]
    stage.dispatch(actions.SessionOpened(SESSION.id))
    assert stage.store.state.people.running == ()


def test_nothing_is_offered_to_who_has_none(play: Play) -> None:
    stage = play(scenes.at_home())
    assert stage.screen.ids.running.children == []
    stage.dispatch(people_actions.RunningCame((SESSION,)))
    assert len(stage.screen.ids.running.children) == 1
