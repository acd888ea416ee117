"""How the catalogue lies in MongoDB: two collections and their indexes (docs/product.md C1, C2).

Reads go through the collections with projections (service.py); these classes say what is stored and check
what is seeded or imported.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import (
    BooleanField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    FloatField,
    IntField,
    ListField,
    MapField,
    PointField,
    StringField,
    URLField,
)

from backend.catalog.diet import ALLERGENS, DIETARY_TAGS

DIFFICULTIES = ("easy", "medium", "hard")
MAX_PRICE = 4
MAX_RATING = 5

# A word found in a title says more than the same word in a description.
_TEXT_WEIGHTS = {"title": 10, "name": 10, "cuisines": 6, "tags": 4, "ingredients.name": 3, "description": 2}


def _text_index(*fields: str) -> dict[str, Any]:
    return {
        "fields": [f"${field}" for field in fields],
        "default_language": "english",
        "weights": {field: _TEXT_WEIGHTS[field] for field in fields},
    }


class Ingredient(EmbeddedDocument):
    """One line of a shopping list; `unit` is empty for things that are counted."""

    name = StringField(required=True)
    amount = FloatField(required=True, min_value=0)
    unit = StringField(default="")


class Nutrition(EmbeddedDocument):
    """What one serving holds. Carbohydrates are without fibre, as on European labels."""

    kcal = IntField(required=True, min_value=0)
    protein_g = FloatField(required=True, min_value=0)
    carbs_g = FloatField(required=True, min_value=0)
    fat_g = FloatField(required=True, min_value=0)
    fibre_g = FloatField(required=True, min_value=0)
    sugar_g = FloatField(required=True, min_value=0)
    salt_g = FloatField(required=True, min_value=0)


class OpenHours(EmbeddedDocument):
    """One stretch of a day, HH:MM in the restaurant's time zone."""

    opens = StringField(required=True, regex=r"^([01]\d|2[0-3]):[0-5]\d$")
    closes = StringField(required=True, regex=r"^([01]\d|2[0-3]):[0-5]\d$")


class CatalogItem(Document):
    """What recipes and restaurants share.

    Attributes:
        slug: stable key of an item across seeds and imports.
        cuisine_keys: `cuisines` as they are compared and filtered (cuisines.py).
        picture: name of a file in `pictures/`, without its ending.
        picture_version: part of the picture's address, changes with the file.
        active: false hides it from lists and new decks; old outcomes can still open it.
        source: `dindin` for what ships with the project.
        seed_version: version of the seed that wrote it last; absent where it did not come from the seed.
    """

    slug = StringField(required=True)
    description = StringField(required=True)
    cuisines = ListField(StringField(), required=True)
    cuisine_keys = ListField(StringField(), required=True)
    picture = StringField(regex=r"^[a-z0-9-]+$")
    picture_version = StringField(regex=r"^[0-9a-f]{8}$")
    blurhash = StringField()
    active = BooleanField(required=True, default=True)
    source = StringField(required=True)
    seed_version = IntField()

    meta: ClassVar[dict[str, Any]] = {"abstract": True}


class RecipeRecord(CatalogItem):
    """A recipe. `allergens` is complete: what it does not name is not in it."""

    title = StringField(required=True)
    dietary_tags = ListField(StringField(choices=DIETARY_TAGS))
    allergens = ListField(StringField(choices=ALLERGENS))
    difficulty = StringField(required=True, choices=DIFFICULTIES)
    prep_minutes = IntField(required=True, min_value=0)
    cook_minutes = IntField(required=True, min_value=0)
    total_minutes = IntField(required=True, min_value=0)
    servings = IntField(required=True, min_value=1)
    ingredients = EmbeddedDocumentListField(Ingredient, required=True)
    steps = ListField(StringField(), required=True)
    nutrition = EmbeddedDocumentField(Nutrition, required=True)
    tags = ListField(StringField())

    meta: ClassVar[dict[str, Any]] = {
        "collection": "recipes",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["slug"], "unique": True},
            {"fields": ["active", "title", "id"]},
            {"fields": ["active", "total_minutes", "id"]},
            {"fields": ["active", "cuisine_keys", "title"]},
            {"fields": ["active", "dietary_tags", "title"]},
            _text_index("title", "cuisines", "tags", "ingredients.name", "description"),
        ],
    }


class RestaurantRecord(CatalogItem):
    """A restaurant.

    Attributes:
        price: 1 (cheap) to 4.
        rating: 0 to 5, the mean of `review_count` reviews.
        location: GeoJSON point, longitude first.
        hours: stretches by weekday (`monday` ...); a day without any is a day off.
        dietary_options: tags that part of the menu serves well.
        allergens: what the kitchen works with and cannot rule out in a dish; absent where that is not known.
    """

    name = StringField(required=True)
    price = IntField(required=True, min_value=1, max_value=MAX_PRICE)
    rating = FloatField(min_value=0, max_value=MAX_RATING)
    review_count = IntField(min_value=0)
    address = StringField(required=True)
    location = PointField(required=True, auto_index=False)
    phone = StringField()
    reservation_url = URLField()
    hours = MapField(EmbeddedDocumentListField(OpenHours), required=True)
    time_zone = StringField(required=True)
    dietary_options = ListField(StringField(choices=DIETARY_TAGS))
    allergens = ListField(StringField(choices=ALLERGENS), default=None, null=True)
    sponsored = BooleanField(required=True, default=False)

    meta: ClassVar[dict[str, Any]] = {
        "collection": "restaurants",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["slug"], "unique": True},
            {"fields": ["active", "-rating", "name", "id"]},
            {"fields": ["active", "cuisine_keys", "-rating"]},
            {"fields": ["active", "dietary_options", "-rating"]},
            {"fields": ["(location", "active"]},  # ( is mongoengine's sign for 2dsphere
            _text_index("name", "cuisines", "description"),
        ],
    }
