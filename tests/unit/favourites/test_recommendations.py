"""What is recommended, and in which order (docs/product.md C5)."""

from __future__ import annotations

from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from backend.catalog.candidates import Candidate
from backend.catalog.diet import ALLERGENS, DIETARY_TAGS, suits
from backend.favourites.recommendations import Habits, recommended
from backend.users.preferences import Preferences

CUISINES = ("thai", "italian", "mexican")


def recipe(
    number: int, *cuisines: str, tags: tuple[str, ...] = (), contains: tuple[str, ...] = ()
) -> Candidate:
    return Candidate(
        ObjectId(f"{number:024x}"), "recipe", frozenset(tags), frozenset(contains), cuisines, 10, "easy"
    )


recipes = st.lists(
    st.builds(
        lambda number, cuisines, tags, contains: recipe(number, *cuisines, tags=tags, contains=contains),
        st.integers(0, 40),
        st.lists(st.sampled_from(CUISINES), min_size=1, max_size=2),
        st.lists(st.sampled_from(DIETARY_TAGS), max_size=3).map(tuple),
        st.lists(st.sampled_from(ALLERGENS), max_size=2).map(tuple),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)
people = st.builds(
    Preferences,
    dietary=st.lists(st.sampled_from(DIETARY_TAGS), max_size=1).map(tuple),
    allergies=st.lists(st.sampled_from(ALLERGENS), max_size=1).map(tuple),
    liked_cuisines=st.lists(st.sampled_from(CUISINES), max_size=2).map(tuple),
)


@given(recipes, people, st.data())
def test_exactly_what_one_can_eat_and_has_not_had_lately(
    known: list[Candidate], person: Preferences, data: st.DataObject
) -> None:
    lately = frozenset(one.id for one in known if data.draw(st.booleans()))
    found = recommended(known, person, Habits(lately=lately))
    assert len(found) == len(set(found))
    assert set(found) == {
        one.id
        for one in known
        if one.id not in lately and suits(one.dietary_tags, one.allergens, person.dietary, person.allergies)
    }


@given(recipes, people, st.randoms())
def test_the_order_does_not_depend_on_the_order_of_the_catalogue(
    known: list[Candidate], person: Preferences, random: st.randoms
) -> None:
    before = recommended(known, person, Habits())
    random.shuffle(known)
    assert recommended(known, person, Habits()) == before


def test_liked_cuisines_first_then_familiar_ones_disliked_last() -> None:
    liked, plain, familiar = recipe(1, "thai"), recipe(2, "french"), recipe(3, "italian")
    favourite, disliked = recipe(4, "italian"), recipe(5, "mexican")
    person = Preferences(liked_cuisines=("Thai",), disliked_cuisines=("mexican",))
    found = recommended(
        [disliked, familiar, liked, plain, favourite], person, Habits(favourites=frozenset({favourite.id}))
    )
    assert found == (liked.id, favourite.id, familiar.id, plain.id, disliked.id)


def test_both_count_together() -> None:
    familiar_and_liked, liked = recipe(1, "thai", "italian"), recipe(2, "thai")
    favourite = recipe(3, "italian")
    found = recommended(
        [liked, familiar_and_liked, favourite],
        Preferences(liked_cuisines=("thai",)),
        Habits(favourites=frozenset({favourite.id})),
    )
    assert found == (familiar_and_liked.id, liked.id, favourite.id)


def test_among_equals_the_newest_comes_first() -> None:
    assert recommended([recipe(1, "thai"), recipe(2, "thai")], Preferences(), Habits()) == (
        ObjectId(f"{2:024x}"),
        ObjectId(f"{1:024x}"),
    )
