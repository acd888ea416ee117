"""Sequence, verdicts and the clock's offset: rules without a wire."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.net.clock import Moment, OffsetEstimator, SleepDetector
from client.net.connection import Timings
from client.net.frames import Welcome
from client.net.sequence import Place, Sequence
from client.net.verdicts import (
    RenewToken,
    Retry,
    RetryWithin,
    Stop,
    Verdict,
    after_close,
    after_refused_upgrade,
    sensible_wait,
)


def welcome(seq: int, epoch: str = "1", *, resumed: bool = False) -> Welcome:
    return Welcome(0.0, "me", 25.0, epoch, seq, resumed, None)


@given(st.integers(0, 5), st.lists(st.integers(0, 30)))
def test_whatever_arrives_what_is_passed_on_is_gapless_and_in_order(start: int, numbers: list[int]) -> None:
    sequence = Sequence()
    sequence.welcome(welcome(start))
    passed = [number for number in numbers if sequence.place(number) is Place.NEXT]
    assert passed == list(range(start + 1, start + 1 + len(passed)))
    assert sequence.resume == ("1", start + len(passed))


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=60))
def test_reconnecting_at_any_moment_loses_and_doubles_nothing(script: list[tuple[int, bool]]) -> None:
    """The server may send anything it likes or break off; a resume brings exactly what is missing."""
    head, sequence, passed = 12, Sequence(), []
    sequence.welcome(welcome(0))
    for number, broken in script:
        place = sequence.place(number)
        if place is Place.NEXT:
            passed.append(number)
        if broken or place is Place.AFTER_GAP:
            sequence.gap_found()
            if sequence.resume is None:
                sequence.welcome(welcome(passed[-1] if passed else 0))
    _, known = sequence.resume or ("1", 0)
    passed += [number for number in range(known + 1, head + 1) if sequence.place(number) is Place.NEXT]
    assert passed == list(range(1, head + 1))


def test_before_any_welcome_nothing_is_next() -> None:
    sequence = Sequence()
    assert sequence.place(1) is Place.AFTER_GAP
    assert (sequence.resume, sequence.epoch, sequence.number) == (None, "", 0)
    assert not sequence.welcome(welcome(3, resumed=True))


@pytest.mark.parametrize(
    ("code", "reason", "verdict"),
    [
        (None, "", Retry()),
        (1001, "", Retry()),
        (1006, "", Retry()),
        (1011, "internal error", Retry()),
        (1012, '{"retry_after": 4}', RetryWithin(4.0)),
        (1013, '{"retry_after": 2}', RetryWithin(2.0)),
        (1012, "soon", Retry()),
        (1012, '{"retry_after": -1}', Retry()),
        (1012, '{"retry_after": NaN}', Retry()),
        (1012, '{"retry_after": 1e400}', RetryWithin(300.0)),
        (1012, '{"retry_after": [1]}', Retry()),
        (1012, "[1]", Retry()),
        (4401, "token_expired", RenewToken()),
        (4408, "", Retry()),
        (4429, '{"retry_after": 5}', Retry(at_least=5.0)),
        (4429, "", Retry(at_least=5.0)),
        (4999, "", Retry()),
    ],
)
def test_verdicts_after_a_close(code: int | None, reason: str, verdict: Verdict) -> None:
    assert after_close(code, reason) == verdict


@pytest.mark.parametrize("code", [1000, 4400, 4403, 4409])
def test_final_close_codes_come_with_a_sentence(code: int) -> None:
    verdict = after_close(code, "")
    assert isinstance(verdict, Stop)
    assert verdict.detail.endswith(".")


@pytest.mark.parametrize(
    ("asked", "waited"),
    [(None, 0.0), (2.5, 2.5), (-1.0, 0.0), (float("nan"), 0.0), (1e15, 300.0), (float("inf"), 300.0)],
)
def test_nobody_can_make_a_client_wait_forever(asked: float | None, waited: float) -> None:
    assert sensible_wait(asked) == waited


def test_verdicts_after_a_refused_upgrade() -> None:
    assert isinstance(after_refused_upgrade(403, None), Stop)
    assert after_refused_upgrade(429, 7.0) == Retry(at_least=7.0)
    assert after_refused_upgrade(429, None) == Retry(at_least=5.0)
    assert after_refused_upgrade(502, None) == Retry()


@given(
    st.floats(-1e5, 1e5),
    st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1)), min_size=1, max_size=8),
)
def test_the_offset_is_never_wrong_by_more_than_half_the_shortest_round_trip(
    truth: float, trips: list[tuple[float, float]]
) -> None:
    """Each trip: its length in seconds, and at which fraction of it the server looked at its clock."""
    estimator, now, measured = OffsetEstimator(), 1_000_000.0, 0.0
    for length, fraction in trips:
        measured = estimator.add(Moment(now, now), length, now + length * fraction + truth)
        now += 15
    assert abs(measured - truth) <= min(length for length, _ in trips) / 2 + 1e-6


def test_an_old_measurement_is_forgotten() -> None:
    estimator = OffsetEstimator()
    estimator.add(Moment(0.0, 0.0), 0.0, 100.0)
    for _ in range(8):
        measured = estimator.add(Moment(0.0, 0.0), 1.0, 0.5 + 7.0)
    assert measured == 7.0


@dataclass
class Device:
    """A device on a bad network: `ahead` is how wrong its clock is; delays each way in seconds, jitter on average."""

    ahead: float
    up: float
    down: float
    jitter: float

    def offset_after(self, pings: int, chance: Random) -> float:
        """What it takes for the server's lead after so many pings; where true time is, the server's clock is."""
        estimator, now, offset = OffsetEstimator(), 1_000_000.0, 0.0
        for _ in range(pings):
            up = self.up + chance.expovariate(1 / self.jitter)
            down = self.down + chance.expovariate(1 / self.jitter)
            offset = estimator.add(Moment(now, now + self.ahead), up + down, now + up)
            now += 0.2
        return offset


@pytest.mark.parametrize("seed", range(50))
def test_two_devices_count_down_within_100_ms_of_each_other(seed: int) -> None:
    """One at home, one on a train: clocks minutes apart, delays that differ by direction, and much jitter."""
    chance = Random(seed)
    at_home = Device(ahead=chance.uniform(-300, 300), up=0.02, down=0.01, jitter=0.03)
    on_a_train = Device(ahead=chance.uniform(-300, 300), up=0.09, down=0.04, jitter=0.08)
    pings = Timings().first_pings
    wrong_by = [device.offset_after(pings, chance) + device.ahead for device in (at_home, on_a_train)]
    assert abs(wrong_by[0] - wrong_by[1]) <= 0.1


def test_what_was_measured_before_the_clock_was_set_counts_no_longer() -> None:
    estimator = OffsetEstimator()
    assert estimator.add(Moment(10.0, 1000.0), 0.01, 1000.005) == pytest.approx(0.0)
    # The user sets the clock an hour back; the next round trip is a slower one.
    assert estimator.add(Moment(25.0, -2585.0), 0.5, 1015.25) == pytest.approx(3600.0)


@dataclass
class SetClock:
    """Both clocks as the test sets them."""

    at: Moment

    def monotonic(self) -> float:
        return self.at.monotonic

    def wall(self) -> float:
        return self.at.wall


@pytest.mark.parametrize(
    ("passed", "slept"),
    [
        ((1.0, 1.0), False),
        ((1.0, -3600.0), False),
        ((1.0, 600.0), True),  # the monotonic clock stood still meanwhile
        ((600.0, 600.0), True),  # it did not
        ((600.0, 0.5), True),  # and somebody set the other one back
    ],
)
def test_a_sleep_is_noticed_once(passed: tuple[float, float], slept: bool) -> None:
    clock = SetClock(Moment(50.0, 1000.0))
    detector = SleepDetector(clock)
    clock.at = Moment(50.0 + passed[0], 1000.0 + passed[1])
    assert detector.has_slept() == slept
    assert not detector.has_slept()
