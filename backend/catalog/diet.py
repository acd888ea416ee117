"""What people cannot or do not eat. Pure rules (docs/product.md: Dietary tags, S5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

DIETARY_TAGS: Final[tuple[str, ...]] = (
    "vegetarian",
    "vegan",
    "pescatarian",
    "gluten-free",
    "dairy-free",
    "halal",
    "kosher",
    "keto",
    "paleo",
    "high-protein",
)
"""Every dietary tag a card can carry and a person can ask for."""

ALLERGENS: Final[tuple[str, ...]] = (
    "gluten",
    "crustaceans",
    "eggs",
    "fish",
    "peanuts",
    "soybeans",
    "milk",
    "nuts",
    "celery",
    "mustard",
    "sesame",
    "sulphites",
    "lupin",
    "molluscs",
)
"""The 14 allergens of EU regulation 1169/2011, Annex II, in its order."""

_DIRECTLY_IMPLIED: Final[dict[str, frozenset[str]]] = {
    "vegan": frozenset({"vegetarian", "dairy-free"}),
    "vegetarian": frozenset({"pescatarian"}),
}

EXCLUDED_ALLERGENS: Final[dict[str, frozenset[str]]] = {
    "vegetarian": frozenset({"fish", "crustaceans", "molluscs"}),
    "vegan": frozenset({"fish", "crustaceans", "molluscs", "eggs", "milk"}),
    "gluten-free": frozenset({"gluten"}),
    "dairy-free": frozenset({"milk"}),
    "kosher": frozenset({"crustaceans", "molluscs"}),
    "paleo": frozenset({"gluten", "milk", "peanuts", "soybeans", "lupin"}),
}
"""Allergens that food with the tag cannot contain: how the catalogue checks itself."""


def implied(tags: Iterable[str]) -> frozenset[str]:
    """`tags` and every tag that follows: vegan food is also vegetarian, dairy-free and pescatarian."""
    known: set[str] = set()
    waiting = list(tags)
    while waiting:
        tag = waiting.pop()
        if tag not in known:
            known.add(tag)
            waiting.extend(_DIRECTLY_IMPLIED.get(tag, ()))
    return frozenset(known)


def most_telling_first(tags: Iterable[str]) -> list[str]:
    """`tags` with all they imply; those that follow from others come last, so that the first few say most."""
    known = implied(tags)
    follow = {other for tag in known for other in implied([tag]) if other != tag}
    return sorted(known, key=lambda tag: (tag in follow, DIETARY_TAGS.index(tag)))


def suits(
    item_tags: Iterable[str],
    item_allergens: Collection[str] | None,
    needs_tags: Collection[str],
    needs_allergens: Collection[str],
) -> bool:
    """Whether somebody with these needs can safely be shown the item (docs/product.md S5).

    In doubt the answer is no: a tag that is not known to hold does not hold, and an item whose allergens
    are unknown suits nobody who has an allergy.

    Args:
        item_tags: what the item is known to be; implied tags count.
        item_allergens: what the item contains; None where that is not known.
        needs_tags: dietary tags that must all hold.
        needs_allergens: allergens that must all be absent.
    """
    if not implied(item_tags).issuperset(needs_tags):
        return False
    if not needs_allergens:
        return True
    return item_allergens is not None and set(item_allergens).isdisjoint(needs_allergens)


def contradictions(tags: Iterable[str], allergens: Iterable[str]) -> list[str]:
    """What cannot be true of one item at once, as sentences; empty where tags and allergens fit together."""
    contained = set(allergens)
    return [
        f"{tag} food cannot contain {allergen}"
        for tag in sorted(implied(tags))
        for allergen in sorted(EXCLUDED_ALLERGENS.get(tag, frozenset()) & contained)
    ]
