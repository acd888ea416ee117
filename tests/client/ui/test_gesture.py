"""Drags become swipes by where they are heading, and nothing else does."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.widgets import gesture
from client.widgets.gesture import Drag

WIDTH, HEIGHT = 380.0, 640.0
lengths = st.floats(-2000, 2000)
speeds = st.floats(-8000, 8000)


@pytest.mark.parametrize(
    ("drag", "direction"),
    [
        pytest.param(Drag(200, 10), "right", id="far to the right"),
        pytest.param(Drag(-200, 10), "left", id="far to the left"),
        pytest.param(Drag(10, 260), "up", id="far up"),
        pytest.param(Drag(60, 0, 900, 0), "right", id="a flick to the right"),
        pytest.param(Drag(-60, 0, -900, 0), "left", id="a flick to the left"),
        pytest.param(Drag(5, 70, 0, 1200), "up", id="a flick up"),
        pytest.param(Drag(60, 0), None, id="too short and at rest"),
        pytest.param(Drag(0, -300, 0, -900), None, id="down means nothing"),
        pytest.param(Drag(180, 0, -1500, 0), None, id="thrown back"),
        pytest.param(Drag(-40, 0, 2500, 0), None, id="turned round at the end"),
        pytest.param(Drag(8, 0, 3000, 0), None, id="a tap with a nervous finger"),
        pytest.param(Drag(150, 150), "right", id="slanting counts as sideways"),
    ],
)
def test_release(drag: Drag, direction: str | None) -> None:
    assert gesture.release(drag, WIDTH, HEIGHT) == direction


@given(lengths, lengths, speeds, speeds)
def test_left_is_right_in_the_mirror(dx: float, dy: float, vx: float, vy: float) -> None:
    mirror = {"right": "left", "left": "right", "up": "up", None: None}
    seen = gesture.release(Drag(dx, dy, vx, vy), WIDTH, HEIGHT)
    assert gesture.release(Drag(-dx, dy, -vx, vy), WIDTH, HEIGHT) == mirror[seen]


@given(lengths, lengths)
def test_the_stamp_says_what_letting_go_at_rest_would_do(dx: float, dy: float) -> None:
    direction = gesture.release(Drag(dx, dy), WIDTH, HEIGHT)
    shown = gesture.lean(dx, dy, WIDTH, HEIGHT)
    assert 0 <= shown.strength <= 1
    if direction is not None:
        assert shown.direction == direction
        assert shown.strength == 1


@given(lengths, st.floats(-1, 1))
def test_tilt_is_bounded_and_follows_the_grip(dx: float, grip: float) -> None:
    angle = gesture.tilt(dx, WIDTH, grip)
    assert abs(angle) <= gesture.MOST_TILT
    held_low = gesture.tilt(dx, WIDTH, -0.5)
    held_high = gesture.tilt(dx, WIDTH, 0.5)
    assert math.isclose(held_low, -held_high, abs_tol=1e-9)
    if dx > 1:
        assert held_high < 0 < held_low


@given(st.sampled_from(["right", "left", "up"]), lengths, st.floats(0, 600), speeds, speeds)
def test_every_flight_leaves_the_screen_soon(
    direction: str, dx: float, dy: float, vx: float, vy: float
) -> None:
    way = gesture.flight(Drag(dx, dy, vx, vy), direction, WIDTH, HEIGHT, 0.0)
    gone = {"right": way.dx > WIDTH, "left": way.dx < -WIDTH, "up": way.dy > HEIGHT}
    assert gone[direction]
    assert gesture.SHORTEST_FLIGHT <= way.seconds <= gesture.LONGEST_FLIGHT


FRAME = 0.01


def test_the_speed_is_that_of_the_last_moments() -> None:
    meter = gesture.SpeedMeter()
    meter.add(0.00, 0, 0, FRAME)
    meter.add(1.00, 10, 0, FRAME)  # slow until here
    meter.add(1.04, 30, 10, 0.04)
    meter.add(1.08, 90, 40, 0.04)
    vx, vy = meter.speed(1.08)
    assert vx == pytest.approx(1000)
    assert vy == pytest.approx(500)


def test_a_finger_that_has_rested_has_no_speed() -> None:
    meter = gesture.SpeedMeter()
    meter.add(0.0, 0, 0, FRAME)
    meter.add(0.05, 200, 0, FRAME)
    assert meter.speed(1.0) == (0.0, 0.0)


def test_a_finger_that_sets_off_after_a_rest_is_as_fast_as_since_the_last_look() -> None:
    meter = gesture.SpeedMeter()
    meter.add(0.0, 0, 0, FRAME)
    meter.add(1.0, 50, 0, 0.1)
    assert meter.speed(1.0)[0] == pytest.approx(500)


def test_what_happens_in_one_frame_is_taken_to_have_used_all_of_it() -> None:
    meter = gesture.SpeedMeter()
    for x in (0, 20, 60):
        meter.add(5.0, x, 0, 0.2)
    assert meter.speed(5.0)[0] == pytest.approx(300)


def test_frames_longer_than_a_moment_tell_a_speed_too() -> None:
    meter = gesture.SpeedMeter()
    meter.add(0.0, 0, 0, 0.3)
    meter.add(0.3, 60, 0, 0.3)
    assert meter.speed(0.3)[0] == pytest.approx(200)


def test_a_finger_that_only_went_down_has_no_speed() -> None:
    meter = gesture.SpeedMeter()
    meter.add(1.0, 30, 30, FRAME)
    assert meter.speed(1.0) == (0.0, 0.0)
