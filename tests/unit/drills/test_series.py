"""Slopes of what a soak looks at."""

from __future__ import annotations

import pytest

from tests.drills.series import Series, markdown


def test_what_grows_by_a_megabyte_a_minute_grows_by_sixty_an_hour() -> None:
    grown = Series([0.0, 60.0, 120.0], [100.0, 101.0, 102.0])
    assert grown.per_hour() == pytest.approx(60.0)


def test_what_came_before_the_warm_up_and_after_the_end_is_left_out() -> None:
    seen = Series()
    for at, value in ((0, 50.0), (10, 100.0), (20, 100.0), (30, 20.0)):
        seen.add(at, value)
    assert seen.between(10, 20) == Series([10, 20], [100.0, 100.0])
    assert seen.between(10, 20).per_hour() == 0.0


def test_a_table_is_one_that_documents_can_have() -> None:
    assert markdown(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
