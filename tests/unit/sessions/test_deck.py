"""Building a deck (docs/product.md S5-S7)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.catalog.candidates import Candidate
from backend.catalog.diet import ALLERGENS, DIETARY_TAGS, implied
from backend.sessions.deck import MIN_DECK, Deck, Needs, build_deck
from backend.sessions.ranking import Past, Taste
from backend.sessions.state import Energy
from tests.unit.sessions.strategies import known_id

DOWNTOWN = (33.749, -84.388)


def recipe(number: int, **facts: object) -> Candidate:
    plain = Candidate(
        id=known_id(number),
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


def some_of(words: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    """A few of these; one draw for all of them, because a catalogue has many cards."""
    masks = st.integers(0, 2 ** len(words) - 1)
    return masks.map(lambda mask: frozenset(word for bit, word in enumerate(words) if mask >> bit & 1))


facts = st.fixed_dictionaries(
    {
        "dietary_tags": some_of(DIETARY_TAGS),
        "allergens": st.none() | some_of(ALLERGENS),
        "sponsored": st.booleans(),
    }
)
cards = st.tuples(st.sampled_from((recipe, restaurant)), facts)
catalogues = (
    st.integers(0, 40)
    .flatmap(lambda size: st.lists(cards, min_size=size, max_size=size))
    .map(lambda drawn: [make(number, **told) for number, (make, told) in enumerate(drawn)])
)

needs = st.builds(
    Needs,
    dietary=st.frozensets(st.sampled_from(DIETARY_TAGS), max_size=2),
    allergies=st.frozensets(st.sampled_from(ALLERGENS), max_size=2),
)
tastes = st.builds(Taste, energy=st.sampled_from(Energy), near=st.none() | st.just(DOWNTOWN))


@given(catalogues, needs, tastes, st.integers(5, 50), st.integers(0, 2**48))
def test_no_card_in_a_deck_is_one_that_somebody_cannot_eat(
    catalogue: list[Candidate], wanted: Needs, taste: Taste, size: int, seed: int
) -> None:
    by_id = {c.id: c for c in catalogue}
    deck = build_deck(catalogue, wanted, taste, size, seed)
    for item in deck.items + deck.reserve:
        card = by_id[item]
        assert wanted.dietary <= implied(card.dietary_tags)
        if wanted.allergies:
            assert card.allergens is not None
            assert not wanted.allergies & card.allergens


@given(catalogues, needs, tastes, st.integers(5, 50), st.integers(0, 2**48))
def test_size_sponsoring_reserve_and_reproducibility(
    catalogue: list[Candidate], wanted: Needs, taste: Taste, size: int, seed: int
) -> None:
    deck = build_deck(catalogue, wanted, taste, size, seed)
    assert len(set(deck.items)) == len(deck.items) <= size
    sponsored = {c.id for c in catalogue if c.sponsored}
    assert sum(item in sponsored for item in deck.items) * 10 <= len(deck.items)
    assert len(set(deck.reserve)) == len(deck.reserve) <= 10
    assert not set(deck.reserve) & (set(deck.items) | sponsored)
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


def test_far_restaurants_fill_a_small_deck_the_nearest_first() -> None:
    far = [restaurant(n, location=(33.9 + n / 10, -84.39)) for n in range(8)]
    deck = build_deck(far, Needs(), Taste(Energy.LOW, near=DOWNTOWN), 20, 3)
    assert set(deck.items) == {c.id for c in far[:MIN_DECK]}


def test_somebody_with_an_allergy_gets_what_is_known_to_be_free_of_it() -> None:
    free = [recipe(n, allergens=frozenset({"eggs"})) for n in range(6)]
    unknown = [recipe(10 + n, allergens=None) for n in range(6)]
    milky = [recipe(20 + n, allergens=frozenset({"milk"})) for n in range(6)]
    needs = Needs(allergies=frozenset({"milk"}))
    deck = build_deck([*unknown, *milky, *free], needs, Taste(Energy.HIGH), 20, 3)
    assert set(deck.items) == {c.id for c in free}


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


def test_the_reserve_is_ten_cards_in_the_same_order_as_the_deck() -> None:
    catalogue = [recipe(n) for n in range(40)]
    deck = build_deck(catalogue, Needs(), Taste(Energy.MEDIUM), 20, 3)
    assert len(deck.reserve) == 10
    assert deck.items + deck.reserve == build_deck(catalogue, Needs(), Taste(Energy.MEDIUM), 30, 3).items


def test_too_few_cards_have_no_reserve() -> None:
    assert build_deck([recipe(n) for n in range(4)], Needs(), Taste(Energy.MEDIUM), 20, 3).reserve == ()


class TestSponsoredCards:
    """docs/product.md S7: at most one in ten."""

    @pytest.mark.parametrize(
        ("plain", "size", "allowed"),
        [(9, 20, 0), (10, 20, 1), (19, 20, 1), (20, 20, 2), (30, 10, 1), (30, 9, 0)],
    )
    def test_one_for_every_ten_others(self, plain: int, size: int, allowed: int) -> None:
        bought = [restaurant(100 + n, sponsored=True) for n in range(8)]
        catalogue = [*(recipe(n, cuisines=("greek",)) for n in range(plain)), *bought]
        keen = Taste(Energy.HIGH, liked_cuisines=frozenset({"thai"}), disliked_cuisines=frozenset({"greek"}))
        items = build_deck(catalogue, Needs(), keen, size, 5).items
        assert sum(card.id in items for card in bought) == allowed
        assert len(items) == min(size, plain + allowed)

    def test_the_one_that_suits_the_group_best_gets_the_place(self) -> None:
        bought = [restaurant(100 + n, sponsored=True, cuisines=("greek",)) for n in range(6)]
        best = restaurant(106, sponsored=True)
        past = Past(eaten=frozenset(card.id for card in bought))
        taste = Taste(
            Energy.HIGH,
            liked_cuisines=frozenset({"thai"}),
            disliked_cuisines=frozenset({"greek"}),
            past=past,
        )
        for seed in range(10):
            deck = build_deck([*(recipe(n) for n in range(12)), *bought, best], Needs(), taste, 40, seed)
            assert {item for item in deck.items if item.binary >= bought[0].id.binary} == {best.id}


class TestTheKindsOfFilterThatLeaveTooFew:
    """docs/product.md S5: which kinds of filter cause it, never whose."""

    MILK = frozenset({"milk"})
    VEGAN = frozenset({"vegan"})

    def narrowed_by(self, catalogue: list[Candidate], wanted: Needs) -> tuple[str, ...]:
        deck = build_deck(catalogue, wanted, Taste(Energy.HIGH), 20, 3)
        assert not deck.enough
        return deck.narrowed_by

    def test_dietary_restrictions(self) -> None:
        assert self.narrowed_by([recipe(n) for n in range(9)], Needs(self.VEGAN)) == ("dietary restrictions",)

    def test_both(self) -> None:
        catalogue = [recipe(n, allergens=self.MILK) for n in range(9)]
        assert self.narrowed_by(catalogue, Needs(self.VEGAN, self.MILK)) == (
            "dietary restrictions",
            "allergies",
        )

    def test_a_small_menu(self) -> None:
        assert self.narrowed_by([recipe(n) for n in range(4)], Needs()) == ("menu",)

    def test_a_small_menu_and_what_they_cannot_eat(self) -> None:
        catalogue = [recipe(n, allergens=self.MILK) for n in range(4)]
        assert self.narrowed_by(catalogue, Needs(self.VEGAN, self.MILK)) == (
            "dietary restrictions",
            "allergies",
            "menu",
        )

    def test_a_filter_that_takes_nothing_is_not_blamed(self) -> None:
        catalogue = [recipe(n, allergens=self.MILK, dietary_tags=self.VEGAN) for n in range(9)]
        assert self.narrowed_by(catalogue, Needs(self.VEGAN, self.MILK)) == ("allergies",)
        catalogue = [recipe(n) for n in range(9)]
        assert self.narrowed_by(catalogue, Needs(self.VEGAN, self.MILK)) == ("dietary restrictions",)

    def test_five_cards_of_a_menu_of_five_are_enough(self) -> None:
        catalogue = [recipe(n) for n in range(5)]
        deck = build_deck(catalogue, Needs(), Taste(Energy.HIGH), 20, 3)
        assert deck.enough
        assert deck.narrowed_by == ()
        catalogue = [recipe(n, allergens=self.MILK) for n in range(5)]
        assert self.narrowed_by(catalogue, Needs(allergies=self.MILK)) == ("allergies",)

    def test_nothing_is_blamed_where_there_is_enough(self) -> None:
        deck = build_deck([recipe(n) for n in range(9)], Needs(), Taste(Energy.HIGH), 20, 3)
        assert isinstance(deck, Deck)
        assert deck.narrowed_by == ()


def test_what_is_nearest_to_the_energy_fills_a_small_deck() -> None:
    quick = [recipe(n) for n in range(2)]
    slow = [recipe(10 + n, prep_minutes=60 - n) for n in range(8)]
    deck = build_deck([*quick, *slow], Needs(), Taste(Energy.LOW), 20, 3)
    assert set(deck.items) == {c.id for c in (*quick, *slow[-3:])}
