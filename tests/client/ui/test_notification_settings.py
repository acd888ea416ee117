"""Which kinds of notifications one wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client.screens.notification_settings import KINDS
from client.store.listing import Fetched
from client.store.people import actions as people_actions
from client.store.state import AppState
from tests.client.ui import people_scenes as weeks
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]


def opened(play: Play, state: AppState) -> Stage:
    stage = play(state)
    stage.app.root.navigator.open_on_top("notification_settings")
    stage.driver.wait(0.6)
    return stage


def row_of(stage: Stage, kind: str) -> Any:
    return next(row for row in stage.screen.ids.kinds.children if row.kind == kind)


def test_the_inbox_leads_here(play: Play) -> None:
    stage = play(weeks.with_inbox())
    stage.app.root.navigator.open_on_top("notifications")
    stage.driver.wait(0.6)
    stage.driver.press(stage.screen.ids.settings)
    stage.driver.wait(0.6)
    assert stage.screen.name == "notification_settings"
    assert stage.people.calls[-1] == ("load_muted",)
    assert stage.screen.state == "waiting"


def test_what_is_wanted_is_ticked_and_pressing_changes_it(play: Play) -> None:
    stage = opened(play, weeks.with_muted("group_joined"))
    assert {row.kind: row.wanted for row in stage.screen.ids.kinds.children} == {
        kind: kind != "group_joined" for kind in KINDS
    }
    stage.driver.press(row_of(stage, "group_owned"))
    stage.driver.press(row_of(stage, "group_joined"))
    assert stage.people.calls[-2:] == [("mute", "group_owned", True), ("mute", "group_joined", False)]
    stage.dispatch(people_actions.MutedCame(frozenset({"group_owned"})))
    assert not row_of(stage, "group_owned").wanted
    stage.dispatch(people_actions.MutedCame(frozenset()))
    assert row_of(stage, "group_owned").wanted


@pytest.mark.parametrize(("status", "state"), [("loading", "waiting"), ("failed", "failed")])
def test_settings_that_are_not_there(play: Play, status: Any, state: str) -> None:
    stage = opened(play, scenes.at_home())
    stage.dispatch(people_actions.MutedAsked())
    if status == "failed":
        stage.dispatch(people_actions.MutedFailed("No connection."))
    assert stage.screen.state == state
    if state == "failed":
        stage.driver.press(stage.screen.ids.failure.ids.retry)
        assert stage.people.calls == [("load_muted",)] * 2


def test_what_was_known_is_shown_while_there_is_no_connection(play: Play) -> None:
    stage = opened(play, weeks.with_muted("group_joined"))
    stage.dispatch(people_actions.MutedFailed("No connection."))
    assert stage.store.state.people.muted == Fetched(frozenset({"group_joined"}), "failed", "No connection.")
    assert stage.screen.ids.hint.shown
    assert stage.screen.state == "shown"
