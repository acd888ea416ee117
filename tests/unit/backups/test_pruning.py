"""Which backups are kept: 7 daily, 4 weekly, and never none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from worker.backups.layout import backup_name
from worker.backups.pruning import DAYS, WEEKS, superfluous

NOW = datetime(2026, 11, 26, 2, 5, tzinfo=UTC)  # a Thursday
WEEK = timedelta(weeks=1)

ages = st.lists(st.integers(0, 70 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)), max_size=60)


def made(*moments: datetime) -> dict[str, datetime]:
    return {backup_name("dindin", moment): moment for moment in moments}


def nightly(days: int) -> dict[str, datetime]:
    """One each night, the last of them just now."""
    return made(*(NOW - timedelta(days=day) for day in range(days)))


def kept(backups: dict[str, datetime], now: datetime = NOW) -> set[datetime]:
    return set(backups.values()) - {backups[name] for name in superfluous(backups, now)}


def test_of_many_nights_seven_days_and_four_weeks_stay() -> None:
    sundays = {datetime(2026, 11, day, 2, 5, tzinfo=UTC) for day in (8, 15, 22)}
    last_seven = {NOW - timedelta(days=day) for day in range(7)}
    assert kept(nightly(100)) == last_seven | sundays


def test_pruned_every_night_the_same_stay_as_pruned_once() -> None:
    backups: dict[str, datetime] = {}
    for day in reversed(range(60)):
        now = NOW - timedelta(days=day)
        backups |= made(now)
        for name in superfluous(backups, now):
            del backups[name]
    assert set(backups.values()) == kept(nightly(60))


@given(ages)
def test_never_more_than_seven_days_and_four_weeks(given_ages: list[timedelta]) -> None:
    assert len(kept(made(*(NOW - age for age in given_ages)))) <= DAYS + WEEKS


@given(ages)
def test_the_newest_of_each_recent_day_stays(given_ages: list[timedelta]) -> None:
    moments = {(NOW - age).replace(microsecond=0) for age in given_ages}
    recent = [moment for moment in moments if moment.date() > NOW.date() - timedelta(days=DAYS)]
    newest = {max(one for one in recent if one.date() == moment.date()) for moment in recent}
    assert newest <= kept(made(*moments))


@given(ages)
def test_nothing_but_the_newest_of_all_is_older_than_four_weeks(given_ages: list[timedelta]) -> None:
    moments = [NOW - age for age in given_ages]
    assert all(NOW - moment < WEEKS * WEEK or moment == max(moments) for moment in kept(made(*moments)))


@given(ages.filter(bool))
def test_the_newest_of_all_stays(given_ages: list[timedelta]) -> None:
    moments = [NOW - timedelta(days=400) - age for age in given_ages]
    assert kept(made(*moments)) == {max(moments)}


@given(ages)
def test_pruning_again_changes_nothing(given_ages: list[timedelta]) -> None:
    backups = made(*(NOW - age for age in given_ages))
    left = {name: moment for name, moment in backups.items() if name not in superfluous(backups, NOW)}
    assert superfluous(left, NOW) == []


def test_a_clock_that_goes_wrong_deletes_no_backup_from_the_future() -> None:
    backups = made(NOW, NOW + timedelta(days=90), NOW + timedelta(days=90, hours=1))
    assert kept(backups) == set(backups.values())
