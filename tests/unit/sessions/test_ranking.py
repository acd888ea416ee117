"""Which cards come first (docs/product.md S6, S15)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.catalog.candidates import Candidate
from backend.sessions.ranking import Past, Taste, appeal, effort, fits_energy
from backend.sessions.state import Energy
from tests.unit.sessions.strategies import known_id

DOWNTOWN = (33.749, -84.388)
LOW, MEDIUM, HIGH = Energy


def north_of_downtown(miles: float) -> tuple[float, float]:
    """A degree of latitude is about 69.2 miles on the globe that distances are computed on."""
    return (DOWNTOWN[0] + miles / 69.17, DOWNTOWN[1])


def recipe(**facts: object) -> Candidate:
    plain = Candidate(
        id=known_id(1),
        kind="recipe",
        dietary_tags=frozenset(),
        allergens=frozenset(),
        cuisines=("thai",),
        prep_minutes=15,
        difficulty="easy",
    )
    return replace(plain, **facts)


def restaurant(**facts: object) -> Candidate:
    return replace(recipe(), kind="restaurant", prep_minutes=None, difficulty=None, **facts)


class TestWhatAGroupHasTheEnergyFor:
    @pytest.mark.parametrize(
        ("energy", "miles", "fits"),
        [
            (LOW, 1.9, True),
            (LOW, 2.1, False),
            (MEDIUM, 4.9, True),
            (MEDIUM, 5.1, False),
            (HIGH, 9.9, True),
            (HIGH, 10.1, False),
        ],
    )
    def test_restaurants_within_two_five_or_ten_miles(self, energy: Energy, miles: float, fits: bool) -> None:
        there = restaurant(location=north_of_downtown(miles))
        assert fits_energy(there, Taste(energy, near=DOWNTOWN)) == fits

    def test_any_restaurant_where_nobody_knows_how_far_it_is(self) -> None:
        assert fits_energy(restaurant(location=(0.0, 0.0)), Taste(LOW))
        assert fits_energy(restaurant(), Taste(LOW, near=DOWNTOWN))

    @pytest.mark.parametrize(
        ("price", "limit", "fits"),
        [(2, 2, True), (3, 2, False), (4, None, True), (None, 1, True)],
    )
    def test_restaurants_that_everybody_can_afford(
        self, price: int | None, limit: int | None, fits: bool
    ) -> None:
        assert fits_energy(restaurant(price=price), Taste(HIGH, max_price=limit)) == fits

    def test_a_near_one_that_is_too_expensive_does_not_fit_either(self) -> None:
        near = restaurant(price=4, location=DOWNTOWN)
        assert not fits_energy(near, Taste(LOW, near=DOWNTOWN, max_price=3))

    def test_with_little_of_it_recipes_under_30_minutes_of_work(self) -> None:
        assert fits_energy(recipe(prep_minutes=29, difficulty="hard"), Taste(LOW))
        assert not fits_energy(recipe(prep_minutes=30), Taste(LOW))
        assert fits_energy(recipe(prep_minutes=None), Taste(LOW))

    def test_complex_recipes_only_with_a_lot_of_it(self) -> None:
        hard = recipe(prep_minutes=90, difficulty="hard")
        assert fits_energy(hard, Taste(HIGH))
        assert not fits_energy(hard, Taste(MEDIUM))
        assert fits_energy(recipe(prep_minutes=90, difficulty="medium"), Taste(MEDIUM))


class TestHowFarBeyondThatACardIs:
    def test_is_measured_in_what_the_energy_allows(self) -> None:
        there = restaurant(location=north_of_downtown(10))
        assert effort(there, Taste(MEDIUM, near=DOWNTOWN)) == pytest.approx(2, rel=0.01)
        assert effort(there, Taste(LOW, near=DOWNTOWN)) == pytest.approx(5, rel=0.01)
        assert effort(recipe(prep_minutes=45), Taste(LOW, near=DOWNTOWN)) == 1.5

    def test_is_nothing_where_nothing_is_known(self) -> None:
        assert effort(restaurant(), Taste(LOW, near=DOWNTOWN)) == 0


class TestAppeal:
    """Chance weighs most, all else leans on it: by so much."""

    EVENING = Taste(
        HIGH, liked_cuisines=frozenset({"thai", "greek"}), disliked_cuisines=frozenset({"mexican"})
    )

    @pytest.mark.parametrize(
        ("card", "taste", "more"),
        [
            (recipe(), Taste(HIGH), 0),
            (recipe(), EVENING, 0.3),
            (recipe(cuisines=("mexican",)), EVENING, -0.4),
            (recipe(cuisines=("thai", "mexican")), EVENING, -0.1),
            (recipe(cuisines=("thai", "greek")), EVENING, 0.3),
            (recipe(cuisines=("french",)), EVENING, 0),
            (restaurant(rating=5.0), Taste(HIGH), 0.1),
            (restaurant(rating=2.0), Taste(HIGH), -0.2),
            (restaurant(rating=4.0), Taste(HIGH), 0),
            (recipe(), Taste(HIGH, past=Past(liked=frozenset({known_id(1)}))), 0.15),
            (recipe(), Taste(HIGH, past=Past(eaten=frozenset({known_id(1)}))), -0.5),
            (recipe(), Taste(HIGH, past=Past(eaten=frozenset({known_id(2)}))), 0),
            (recipe(), Taste(HIGH, past=Past(follow_through={known_id(1): 1.0})), 0.2),
            (recipe(), Taste(HIGH, past=Past(follow_through={known_id(1): 0.0})), -0.2),
            (recipe(difficulty="hard"), Taste(HIGH), 0),
            (recipe(difficulty="hard"), Taste(MEDIUM), 0),
            (recipe(difficulty="easy"), Taste(LOW), 0),
            (recipe(difficulty="medium"), Taste(LOW), -0.5),
            (recipe(difficulty="hard"), Taste(LOW), -1.0),
            (recipe(difficulty="a word from a later catalogue"), Taste(LOW), -0.5),
            (restaurant(), Taste(LOW), 0),
        ],
    )
    def test_of_a_card_for_a_group(self, card: Candidate, taste: Taste, more: float) -> None:
        assert appeal(card, taste, 0.25) == pytest.approx(0.25 + more)

    @given(st.floats(0, 1), st.floats(0, 1))
    def test_a_card_drawn_earlier_comes_earlier_all_else_being_equal(self, one: float, other: float) -> None:
        first, second = (appeal(recipe(), Taste(LOW), drawn) for drawn in (one, other))
        assert (first >= second) or (one < other)

    @given(st.floats(0, 1), st.floats(0, 1))
    def test_what_is_matched_but_not_followed_through_sinks(self, often: float, seldom: float) -> None:
        """docs/product.md S15."""
        points = [
            appeal(recipe(), Taste(HIGH, past=Past(follow_through={known_id(1): share})), 0.5)
            for share in sorted((often, seldom))
        ]
        assert points[0] <= points[1]
