"""The rules of what people cannot or do not eat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.catalog.diet import ALLERGENS, DIETARY_TAGS, contradictions, implied, most_telling_first, suits

tags = st.frozensets(st.sampled_from(DIETARY_TAGS))
allergens = st.frozensets(st.sampled_from(ALLERGENS))


def test_there_are_ten_tags_and_fourteen_allergens():
    assert len(set(DIETARY_TAGS)) == 10
    assert len(set(ALLERGENS)) == 14


@pytest.mark.parametrize(
    ("tag", "follows"),
    [
        ("vegan", {"vegan", "vegetarian", "dairy-free", "pescatarian"}),
        ("vegetarian", {"vegetarian", "pescatarian"}),
        ("kosher", {"kosher"}),
    ],
)
def test_a_tag_brings_along_what_it_implies(tag, follows):
    assert implied([tag]) == follows


@given(tags, tags)
def test_implication_is_a_closure(some, more):
    assert some <= implied(some)
    assert implied(implied(some)) == implied(some)
    assert implied(some) <= implied(some | more)


def test_what_says_most_comes_first():
    assert most_telling_first({"vegan", "gluten-free"}) == [
        "vegan",
        "gluten-free",
        "vegetarian",
        "pescatarian",
        "dairy-free",
    ]


def test_vegan_food_suits_a_vegetarian_but_not_the_other_way_round():
    assert suits({"vegan"}, set(), {"vegetarian"}, set())
    assert not suits({"vegetarian"}, set(), {"vegan"}, set())


def test_all_needs_must_hold():
    assert not suits({"vegan"}, set(), {"vegan", "gluten-free"}, set())
    assert suits({"vegan", "gluten-free"}, set(), {"vegan", "gluten-free"}, set())


def test_an_allergen_inside_rules_an_item_out():
    assert not suits({"vegan"}, {"peanuts"}, set(), {"peanuts"})
    assert suits({"vegan"}, {"soybeans"}, set(), {"peanuts"})


def test_unknown_allergens_never_suit_somebody_with_an_allergy():
    assert not suits(DIETARY_TAGS, None, set(), {"lupin"})
    assert suits(DIETARY_TAGS, None, {"vegan"}, set())


@given(tags, st.none() | allergens, st.tuples(tags, allergens), st.tuples(tags, allergens))
def test_more_needs_never_let_more_through(item_tags, contained, needs, more):
    if suits(item_tags, contained, needs[0] | more[0], needs[1] | more[1]):
        assert suits(item_tags, contained, *needs)


@given(tags, st.none() | allergens)
def test_whoever_needs_nothing_can_be_shown_everything(item_tags, contained):
    assert suits(item_tags, contained, (), ())


def test_contradictions_name_tag_and_allergen():
    assert contradictions({"vegan"}, {"eggs", "gluten"}) == ["vegan food cannot contain eggs"]
    assert contradictions({"vegan"}, {"gluten", "soybeans"}) == []


def test_contradictions_follow_implied_tags():
    assert "dairy-free food cannot contain milk" in contradictions({"vegan"}, {"milk"})
