"""Recipes, restaurants and shopping lists from the server's JSON; raises `FrameError` naming the wrong field."""

from __future__ import annotations

from types import MappingProxyType

from client.net.fields import Fields
from client.net.kitchen_values import (
    Ingredient,
    Nutrition,
    OpenHours,
    Recipe,
    Restaurant,
    ShoppingItem,
    ShoppingList,
)
from client.net.paging import Page, read_page
from client.net.reading import read_card
from client.net.values import Card, Location


def read_cards(fields: Fields) -> Page[Card]:
    """A page of recipes or restaurants."""
    return read_page(fields, read_card)


def read_recipe(fields: Fields) -> Recipe:
    """The answer of /recipes/ID."""
    return Recipe(
        id=fields.text("id"),
        title=fields.text("title"),
        description=fields.text("description", ""),
        servings=max(1, fields.integer("servings")),
        ingredients=tuple(
            Ingredient(one.text("name"), one.number("amount"), one.text("unit", ""))
            for one in fields.objects("ingredients")
        ),
        steps=fields.texts("steps"),
        total_minutes=fields.integer("total_minutes"),
        difficulty=fields.text("difficulty"),
        cuisines=fields.texts("cuisines"),
        dietary_tags=fields.texts("dietary_tags"),
        allergens=fields.texts("allergens"),
        nutrition=_read_nutrition(fields.object("nutrition")) if fields.has("nutrition") else None,
        image_url=fields.text("image_url", ""),
        blurhash=fields.text("blurhash", ""),
        source=fields.text("source", ""),
        saved=fields.flag("saved", default=False),
    )


def read_restaurant(fields: Fields) -> Restaurant:
    """The answer of /restaurants/ID."""
    place = fields.object("location")
    return Restaurant(
        id=fields.text("id"),
        name=fields.text("name"),
        description=fields.text("description", ""),
        address=fields.text("address", ""),
        location=Location(place.number("lat"), place.number("lon")),
        price=fields.integer("price"),
        cuisines=fields.texts("cuisines"),
        dietary_options=fields.texts("dietary_options"),
        rating=fields.number("rating") if fields.has("rating") else None,
        reviews=fields.integer("review_count") if fields.has("review_count") else None,
        distance_miles=fields.number("distance_miles") if fields.has("distance_miles") else None,
        phone=fields.text("phone", ""),
        reservation_url=fields.text("reservation_url", ""),
        hours=_read_hours(fields.object("hours")) if fields.has("hours") else MappingProxyType({}),
        image_url=fields.text("image_url", ""),
        blurhash=fields.text("blurhash", ""),
        source=fields.text("source", ""),
        sponsored=fields.flag("sponsored", default=False),
        saved=fields.flag("saved", default=False),
    )


def read_saved_ids(fields: Fields) -> frozenset[str]:
    """The answer of /users/me/saved-ids: recipes and restaurants together, for no id stands for both."""
    return frozenset((*fields.texts("recipes"), *fields.texts("restaurants")))


def read_shopping_item(fields: Fields) -> ShoppingItem:
    """A line of a list."""
    return ShoppingItem(
        id=fields.text("id"),
        name=fields.text("name"),
        amount=fields.number("amount") if fields.has("amount") else None,
        unit=fields.text("unit", ""),
        ticked=fields.flag("ticked"),
        recipe_ids=fields.texts("recipe_ids"),
    )


def read_shopping_items(fields: Fields) -> tuple[ShoppingItem, ...]:
    """The lines of a list, or those that something was put on it as."""
    return tuple(read_shopping_item(item) for item in fields.objects("items"))


def read_shopping_list(fields: Fields) -> ShoppingList:
    """A whole list."""
    return ShoppingList(
        owner_id=fields.text("owner_id"),
        items=read_shopping_items(fields),
        shared_with=fields.text("shared_with", ""),
    )


def _read_nutrition(fields: Fields) -> Nutrition:
    return Nutrition(
        kcal=fields.integer("kcal"),
        protein=fields.number("protein_g"),
        carbs=fields.number("carbs_g"),
        fat=fields.number("fat_g"),
    )


def _read_hours(fields: Fields) -> MappingProxyType[str, tuple[OpenHours, ...]]:
    return MappingProxyType(
        {
            day: tuple(
                OpenHours(stretch.text("opens"), stretch.text("closes")) for stretch in fields.objects(day)
            )
            for day in fields.names()
        }
    )
