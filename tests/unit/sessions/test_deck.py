"""Building a deck (docs/product.md S5-S7)."""

from __future__ import annotations

from dataclasses import replace

from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from backend.catalog.candidates import Candidate
from backend.catalog.diet import ALLERGENS, DIETARY_TAGS, implied
from backend.sessions.deck import MIN_DECK, Needs, Taste, build_deck
from backend.sessions.state import Energy

DOWNTOWN = (33.749, -84.388)


def recipe(number: int, **facts: object) -> Candidate:
    plain = Candidate(
        id=ObjectId(f"{number:024x}"),
        kind="recipe",
        dietary_tags=frozenset(),
        allergens=frozenset(),
        cuisines=("thai",),
        prep_minutes=15,
        difficulty="easy",
    )
    return replace(plain, **facts)


def restaurant(number: int, **facts: object) -> Candidate:
    return recipe(number, kind="restaurant", prep_minutes=None, difficulty=None, price=2, rating=4.2, **facts)


@st.composite
def catalogues(draw: st.DrawFn) -> list[Candidate]:
    def one(number: int) -> Candidate:
        facts = {
            "dietary_tags": draw(st.frozensets(st.sampled_from(DIETARY_TAGS), max_size=4)),
            "allergens": draw(st.none() | st.frozensets(st.sampled_from(ALLERGENS), max_size=3)),
            "sponsored": draw(st.booleans()),
        }
        return draw(st.sampled_from((recipe, restaurant)))(number, **facts)

    return [one(number) for number in range(draw(st.integers(0, 40)))]


needs = st.builds(
    Needs,
    dietary=st.frozensets(st.sampled_from(DIETARY_TAGS), max_size=2),
    allergies=st.frozensets(st.sampled_from(ALLERGENS), max_size=2),
)
tastes = st.builds(Taste, energy=st.sampled_from(Energy), near=st.none() | st.just(DOWNTOWN))


@given(catalogues(), needs, tastes, st.integers(5, 50), st.integers(0, 2**48))
def test_no_card_in_a_deck_is_one_that_somebody_cannot_eat(
    catalogue: list[Candidate], wanted: Needs, taste: Taste, size: int, seed: int
) -> None:
    by_id = {c.id: c for c in catalogue}
    deck = build_deck(catalogue, wanted, taste, size, seed)
    for item in deck.items:
        card = by_id[item]
        assert wanted.dietary <= implied(card.dietary_tags)
        if wanted.allergies:
            assert card.allergens is not None
            assert not wanted.allergies & card.allergens


@given(catalogues(), needs, tastes, st.integers(5, 50), st.integers(0, 2**48))
def test_size_sponsoring_and_reproducibility(
    catalogue: list[Candidate], wanted: Needs, taste: Taste, size: int, seed: int
) -> None:
    deck = build_deck(catalogue, wanted, taste, size, seed)
    assert len(set(deck.items)) == len(deck.items) <= size
    sponsored = {c.id for c in catalogue if c.sponsored}
    assert sum(item in sponsored for item in deck.items) * 10 <= len(deck.items)
    assert deck == build_deck(list(reversed(catalogue)), wanted, taste, size, seed)
    assert deck.enough == (len(deck.items) >= MIN_DECK)
    assert deck.enough or deck.narrowed_by


def test_another_seed_gives_another_order() -> None:
    catalogue = [recipe(n) for n in range(30)]
    decks = {build_deck(catalogue, Needs(), Taste(Energy.MEDIUM), 20, seed).items for seed in range(5)}
    assert len(decks) == 5


def test_low_energy_wants_what_is_quick_and_near() -> None:
    quick = [recipe(n) for n in range(6)]
    slow = [recipe(10 + n, prep_minutes=50) for n in range(6)]
    near = [restaurant(20 + n, location=(33.76, -84.39)) for n in range(3)]
    far = [restaurant(30 + n, location=(33.85, -84.39)) for n in range(3)]
    catalogue = [*slow, *far, *quick, *near]
    low = set(build_deck(catalogue, Needs(), Taste(Energy.LOW, near=DOWNTOWN), 20, 7).items)
    assert low == {c.id for c in (*quick, *near)}
    high = set(build_deck(catalogue, Needs(), Taste(Energy.HIGH, near=DOWNTOWN), 20, 7).items)
    assert high == {c.id for c in catalogue}


def test_energy_steps_aside_rather_than_leave_too_few_cards() -> None:
    catalogue = [recipe(n, prep_minutes=30 + n) for n in range(8)]
    deck = build_deck(catalogue, Needs(), Taste(Energy.LOW), 20, 3)
    assert deck.enough
    assert set(deck.items) == {c.id for c in catalogue[:MIN_DECK]}


def test_too_few_cards_name_the_kinds_of_filter_and_nothing_more() -> None:
    catalogue = [recipe(n, allergens=frozenset({"milk"})) for n in range(9)]
    deck = build_deck(catalogue, Needs(allergies=frozenset({"milk"})), Taste(Energy.HIGH), 20, 3)
    assert not deck.enough
    assert deck.narrowed_by == ("allergies",)


def test_liked_cuisines_come_earlier_and_disliked_later_on_average() -> None:
    catalogue = [recipe(n, cuisines=(("thai", "greek", "mexican")[n % 3],)) for n in range(30)]
    taste = Taste(Energy.HIGH, liked_cuisines=frozenset({"thai"}), disliked_cuisines=frozenset({"greek"}))
    places = {"thai": 0, "greek": 0, "mexican": 0}
    cuisine = {c.id: c.cuisines[0] for c in catalogue}
    for seed in range(40):
        for place, item in enumerate(build_deck(catalogue, Needs(), taste, 30, seed).items):
            places[cuisine[item]] += place
    assert places["thai"] < places["mexican"] < places["greek"]
