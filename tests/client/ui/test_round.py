"""A round against the clock: countdown, progress, waiting, a lost connection, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from client.net import events
from client.net.values import Outcome
from client.store import actions
from client.theme.active import theme
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]


def live(stage: Stage, body: events.EventBody, seq: int | None = None) -> None:
    session = stage.store.state.session
    assert session is not None
    stage.dispatch(actions.LiveEvent(session.id, session.epoch, events.Event(seq, scenes.EVENING, body)))


def test_the_countdown_runs_by_the_servers_clock(play: Play) -> None:
    state = scenes.swiping(ends_at=scenes.EVENING + 100)
    ahead = replace(state, connection=replace(state.connection, clock_offset=10.0))
    stage = play(ahead)
    left = stage.screen.ids.countdown.seconds
    assert 88.5 < left < 90
    stage.driver.wait(20)
    assert abs(left - 20 - stage.screen.ids.countdown.seconds) < 0.5


def test_the_last_half_minute_is_urgent(play: Play) -> None:
    stage = play(scenes.swiping(ends_at=scenes.EVENING + 32))
    bar = stage.screen.ids.countdown
    assert not bar.urgent
    stage.driver.wait(4)
    assert bar.urgent
    stage.driver.wait(60)
    assert bar.clock == "0:00"


def test_others_progress_is_shown(play: Play) -> None:
    stage = play(scenes.swiping())
    beads = {bead.name: bead for bead in stage.screen.ids.strip.children}
    assert beads["Ben"].words == "7/20"
    live(stage, events.Swiped(scenes.BEN.id, 1, 8))
    assert beads["Ben"].words == "8/20"


def test_the_last_card_leads_to_waiting_with_names(play: Play) -> None:
    stage = play(scenes.waiting())
    assert stage.screen.phase == "waiting"
    assert stage.screen.ids.interlude.words == "Cleo is still choosing."
    assert stage.screen.ids.interlude.opacity == 1


def test_nothing_can_be_swiped_while_waiting(play: Play) -> None:
    stage = play(scenes.waiting())
    stage.driver.key(275)
    stage.driver.press(stage.screen.ids.like)
    assert stage.calls == []


def test_cards_on_their_way_have_a_picture_and_a_sentence(play: Play) -> None:
    stage = play(scenes.swiping(deck=()))
    assert stage.screen.phase == "loading"


def test_a_lost_connection_is_said_and_try_now_is_offered_later(play: Play) -> None:
    stage = play(scenes.swiping())
    banner = stage.app.root.ids.banner
    assert banner.height == 0
    stage.dispatch(actions.ConnectionChanged(stage.store.state.session.id, "reconnecting", attempts=1))
    assert banner.height > 44
    assert banner.ids.retry.parent is None
    stage.dispatch(
        actions.ConnectionChanged(stage.store.state.session.id, "reconnecting", attempts=5, give_hint=True)
    )
    stage.driver.press(banner.ids.retry)
    assert stage.calls == [("retry_now",)]
    stage.dispatch(actions.ConnectionChanged(stage.store.state.session.id, "connected"))
    assert banner.height == 0


def test_a_match_takes_over_and_celebrates(play: Play) -> None:
    stage = play(scenes.swiping())
    live(stage, events.Decided(Outcome("match", (scenes.CARDS[2],), scenes.EVENING)), seq=1)
    assert stage.screen.name == "match"
    assert stage.screen.ids.face.title == scenes.CARDS[2].title
    stage.driver.wait(1)
    assert len(stage.screen.ids.confetti.canvas.children) > 0
    stage.driver.wait(6)
    assert len(stage.screen.ids.confetti.canvas.children) == 0
    stage.driver.press(stage.screen.ids.done)
    assert stage.calls == [("close_session",)]


def test_less_motion_means_no_confetti(play: Play) -> None:
    stage = play(scenes.swiping())
    theme.reduced_motion = True
    try:
        live(stage, events.Decided(Outcome("match", scenes.CARDS[:1], scenes.EVENING)), seq=1)
        assert len(stage.screen.ids.confetti.canvas.children) == 0
    finally:
        theme.reduced_motion = False


def test_the_closest_three_are_shown_in_order(play: Play) -> None:
    stage = play(scenes.closest())
    rows = list(reversed(stage.screen.ids.ranking.children))
    outcome = scenes.closest().session.outcome
    assert [(row.place, row.title) for row in rows] == [
        (str(place), card.title) for place, card in enumerate(outcome.items, start=1)
    ]


def test_an_expired_session_says_so_and_leads_home(play: Play) -> None:
    stage = play(scenes.swiping())
    live(stage, events.Expired(), seq=1)
    assert stage.screen.name == "ended"
    assert "asleep" in stage.screen.title
    stage.driver.press(stage.screen.ids.done)
    assert stage.calls == [("close_session",)]
