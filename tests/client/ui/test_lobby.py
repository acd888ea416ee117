"""The lobby: code, people, energy, ready, start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from kivy.core.clipboard import Clipboard

from client.net import events
from client.net.values import Energy, Participant, Votes
from client.screens.lobby import lobby_hint
from client.store import actions
from client.widgets.qr import qr_pixels
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]


@pytest.fixture
def stage(play: Play) -> Stage:
    return play(scenes.lobby())


def live(stage: Stage, body: events.EventBody, seq: int) -> None:
    session = stage.store.state.session
    assert session is not None
    stage.dispatch(actions.LiveEvent(session.id, session.epoch, events.Event(seq, scenes.EVENING, body)))


def rows(stage: Stage) -> list[str]:
    return [row.name for row in reversed(stage.screen.ids.people.children)]


def test_the_code_is_shown_in_two_halves_and_as_qr(stage: Stage) -> None:
    assert stage.screen.ids.code.text == "K7M Q4P"
    assert stage.screen.ids.qr.texture is not None


def test_a_qr_code_has_dark_corners_on_light() -> None:
    side, pixels = qr_pixels("https://dindin.example/join/K7MQ4P")
    assert side >= 21
    assert len(pixels) == side * side
    assert {pixels[0], pixels[side - 1], pixels[side * (side - 1)]} == {0}
    assert set(pixels) == {0, 255}


def test_code_and_link_can_be_copied(stage: Stage) -> None:
    stage.driver.press(stage.screen.ids.copy_code)
    assert Clipboard.paste() == "K7MQ4P"
    stage.driver.press(stage.screen.ids.copy_link)
    assert Clipboard.paste() == "https://dindin.example/join/K7MQ4P"
    assert stage.screen.copied == "link"


def test_the_host_comes_first_and_newcomers_appear(stage: Stage) -> None:
    assert rows(stage) == ["Ana Lindqvist (you)", "Ben", "Cleo"]
    live(stage, events.ParticipantJoined(Participant("d" * 24, "Dev"), required=()), 1)
    assert rows(stage) == ["Ana Lindqvist (you)", "Ben", "Cleo", "Dev"]
    live(stage, events.ParticipantLeft(scenes.BEN.id, required=(), host_id=scenes.ANA.id, starts_at=None), 2)
    assert rows(stage) == ["Ana Lindqvist (you)", "Cleo", "Dev"]


def test_rows_of_those_who_stay_are_kept(stage: Stage) -> None:
    before = list(stage.screen.ids.people.children)
    live(stage, events.PresenceChanged(scenes.CLEO.id, "away"), 1)
    assert list(stage.screen.ids.people.children) == before
    assert before[0].away


def test_a_vote_is_shown_at_once_and_sent(stage: Stage) -> None:
    stage.driver.press(stage.screen.ids.energy_high)
    assert stage.screen.ids.energy_high.chosen
    assert stage.calls == [("set_energy", "high")]


def test_a_refused_vote_is_taken_back(stage: Stage) -> None:
    stage.driver.press(stage.screen.ids.energy_high)
    stage.dispatch(actions.CommandStarted("set_energy"))
    assert stage.screen.ids.energy_high.chosen
    stage.dispatch(actions.CommandFinished("set_energy"))
    assert not stage.screen.ids.energy_high.chosen


def test_the_groups_energy_appears_once_all_have_voted(stage: Stage) -> None:
    chart = stage.screen.ids.chart
    assert chart.parent is None
    live(stage, events.EnergyResult(Energy("low", Votes(2, 1, 0))), 1)
    assert chart.parent is not None
    assert "Low energy" in chart.sentence
    assert (chart.ids.low.share, chart.ids.medium.share, chart.ids.high.share) == (1, 0.5, 0)


def test_ready_and_back(stage: Stage) -> None:
    stage.driver.press(stage.screen.ids.ready)
    assert stage.calls == [("set_ready", True)]
    live(stage, events.ReadyChanged(scenes.ANA.id, True, None), 1)
    stage.driver.press(stage.screen.ids.ready)
    assert stage.calls[-1] == ("set_ready", False)


def test_the_host_can_start(stage: Stage) -> None:
    stage.driver.press(stage.screen.ids.start)
    assert stage.calls == [("start",)]


def test_nobody_starts_alone(play: Play) -> None:
    alone = scenes.session(participants=scenes.session().participants[:1])
    stage = play(scenes.in_session(alone))
    stage.driver.press(stage.screen.ids.start)
    assert stage.calls == []


def test_guests_have_no_start_button(play: Play) -> None:
    stage = play(scenes.in_session(scenes.session(host_id=scenes.BEN.id)))
    assert stage.screen.ids.start.parent is None


def test_three_two_one(stage: Stage) -> None:
    countdown = stage.screen.ids.countdown
    assert countdown.opacity == 0
    live(stage, events.ReadyChanged(scenes.ANA.id, True, stage.now() + 3), 1)
    seen = []
    for _ in range(40):
        stage.driver.wait(0.1)
        if countdown.number not in seen:
            seen.append(countdown.number)
    assert seen == ["3", "2", "1", "Go!"]


def test_taking_back_ready_stops_the_countdown(stage: Stage) -> None:
    live(stage, events.ReadyChanged(scenes.ANA.id, True, stage.now() + 3), 1)
    assert stage.screen.ids.countdown.opacity == 1
    live(stage, events.ReadyChanged(scenes.ANA.id, False, None), 2)
    assert stage.screen.ids.countdown.opacity == 0


def test_the_round_takes_over(stage: Stage) -> None:
    ids = tuple(card.id for card in scenes.CARDS)
    live(stage, events.RoundStarted(1, stage.now() + 300, ids, None, (), {}), 1)
    assert stage.screen.name == "swipe"


def test_leaving_is_asked_first_and_can_be_declined(stage: Stage) -> None:
    question = stage.app.root.ids.question
    stage.driver.key(27)
    assert question.open
    stage.driver.key(27)
    assert not question.open
    assert stage.calls == []
    stage.driver.press(stage.screen.ids.back)
    question.confirm()
    assert stage.calls == [("leave",)]


def test_the_hint_says_what_the_lobby_waits_for() -> None:
    session = scenes.session()
    me, ben, cleo = session.participants
    everyone = tuple(replace(person, ready=True) for person in session.participants)
    assert "takes two" in lobby_hint(replace(session, participants=(me,)))
    assert lobby_hint(replace(session, participants=(me, ben))) == "They are all waiting for you."
    assert "one more" in lobby_hint(replace(session, participants=(replace(me, ready=True), ben, cleo)))
    assert "Everybody" in lobby_hint(replace(session, participants=everyone))
