"""Which lines of a shopping list become one (docs/product.md M3)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import Conflict, NotFound
from backend.shopping.amounts import Quantity
from backend.shopping.items import MOST_ITEMS, Item, ShoppingList, merged, name_key

ADA = ObjectId()
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def item(
    name: str, amount: float | None = None, unit: str = "", *recipes: ObjectId, ticked: bool = False
) -> Item:
    quantity = None if amount is None else Quantity.of(amount, unit)
    return Item(ObjectId(), name, quantity, recipes, ADA, NOON, ticked)


def on_list(*items: Item) -> ShoppingList:
    return ShoppingList(ObjectId(), ADA, items)


items = st.builds(
    item,
    st.sampled_from(["rice", "Rice", " rice ", "milk", "eggs"]),
    st.none() | st.floats(0.1, 5000),
    st.sampled_from(["g", "kg", "ml", "l", "tsp", "tbsp", "", "clove"]),
    ticked=st.booleans(),
)


def amounts(lines: tuple[Item, ...]) -> Counter[tuple]:
    """How much of what there is, in thousandths."""
    found: Counter[tuple] = Counter()
    for line in lines:
        base = line.quantity.base if line.quantity else None
        found[name_key(line.name), base] += line.quantity.thousandths if line.quantity else 0
    return found


@given(st.lists(items, max_size=20))
def test_nothing_is_lost_and_nothing_added(some: list[Item]) -> None:
    assert amounts(merged(some)) == amounts(tuple(some))


@given(st.lists(items, max_size=20))
def test_merging_twice_is_merging_once(some: list[Item]) -> None:
    assert merged(merged(some)) == merged(some)


@given(st.lists(items, max_size=20), st.randoms())
def test_the_order_of_adding_changes_no_amount(some: list[Item], random: st.randoms) -> None:
    before = amounts(merged(some))
    random.shuffle(some)
    assert amounts(merged(some)) == before


@given(st.lists(items, max_size=20))
def test_no_two_lines_could_still_be_one(some: list[Item]) -> None:
    lines = merged(some)
    assert not any(one.can_be_one_with(two) for one in lines for two in lines if one.id != two.id)


@given(st.lists(items, max_size=10), st.lists(items, max_size=10))
def test_what_was_there_keeps_its_place_and_words(before: list[Item], more: list[Item]) -> None:
    after = on_list(*before).with_items(more)
    assert [(one.id, one.name) for one in after.items][: len(before)] == [
        (one.id, one.name) for one in before
    ]
    assert {one.id for one in after.holding(more)} <= {one.id for one in after.items}
    assert bool(after.holding(more)) == bool(more)


@given(st.lists(items, max_size=10), items)
def test_what_is_in_the_basket_stays_as_it_is(before: list[Item], more: Item) -> None:
    after = on_list(*before).with_items([more]).items
    assert [one for one in before if one.ticked] == [one for one in after if one.ticked and one.id != more.id]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (item("red onion", 1), item("Red  Onion", 2), True),
        (item("rice", 1, "kg"), item("rice", 200, "g"), True),
        (item("rice", 1, "kg"), item("rice", 200, "ml"), False),
        (item("rice", 1), item("rice"), False),
        (item("rice"), item("rice"), True),
        (item("rice", 1), item("black rice", 1), False),
        (item("rice", 1, ticked=True), item("rice", 1), False),
        (item("rice", 1), item("rice", 1, ticked=True), False),
    ],
)
def test_which_are_the_same(one: Item, other: Item, same: bool) -> None:
    assert one.can_be_one_with(other) is same
    assert len(merged([one, other])) == (1 if same else 2)


def test_a_line_knows_its_recipes_each_once_and_not_without_end() -> None:
    first, second = ObjectId(), ObjectId()
    (line,) = merged([item("rice", 1, "g", first), item("rice", 1, "g", second), item("rice", 1, "g", first)])
    assert line.recipe_ids == (first, second)
    (line,) = merged(item("rice", 1, "g", ObjectId()) for _ in range(30))
    assert len(line.recipe_ids) == 20


def test_there_is_an_end_to_it() -> None:
    full = on_list(*(item(f"thing {number}") for number in range(MOST_ITEMS)))
    with pytest.raises(Conflict, match="holds 200 items") as refused:
        full.with_items([item("one more")])
    assert refused.value.code == "list_full"
    assert len(full.with_items([item("thing 7")]).items) == MOST_ITEMS
    assert len(full.without(full.items[0].id).with_items([item("one more")]).items) == MOST_ITEMS


def test_changing_ticking_and_removing() -> None:
    rice, milk = item("rice"), item("milk")
    shopping = on_list(rice, milk).with_changed(replace(milk, ticked=True))
    assert [one.ticked for one in shopping.items] == [False, True]
    assert shopping.without_ticked().items == (rice,)
    assert shopping.without(rice.id).without(rice.id).items == (replace(milk, ticked=True),)
    with pytest.raises(NotFound) as refused:
        shopping.item(ObjectId())
    assert refused.value.code == "item_not_found"
