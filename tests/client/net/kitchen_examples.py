"""What the server says about the catalogue, favourites and shopping lists (docs/api/openapi.json)."""

from __future__ import annotations

from typing import Any

from tests.client.net.examples import BEN, card

RECIPE_ID = "a" * 24
RESTAURANT_ID = "b" * 24
GROUP_ID = "65e000000000000000000001"


def card_page(*numbers: int, page: int = 1, total: int | None = None, more: bool = False) -> dict[str, Any]:
    """A page with the example cards of these numbers."""
    return {
        "items": [card(number) for number in numbers],
        "page": page,
        "limit": 30,
        "total": len(numbers) if total is None else total,
        "has_more": more,
    }


def recipe(**changes: Any) -> dict[str, Any]:
    """Soup for two."""
    return {
        "id": RECIPE_ID, "kind": "recipe", "title": "Tomato Soup", "description": "Red and warm.",
        "cuisines": ["Italian"], "dietary_tags": ["vegan"], "allergens": ["celery"], "difficulty": "easy",
        "prep_minutes": 10, "cook_minutes": 20, "total_minutes": 30, "servings": 2,
        "ingredients": [
            {"name": "tomatoes", "amount": 500, "unit": "g"},
            {"name": "onion", "amount": 1, "unit": ""},
            {"name": "olive oil", "amount": 1.5, "unit": "tbsp"},
        ],
        "steps": ["Chop.", "Simmer."],
        "nutrition": {
            "kcal": 180, "protein_g": 5.0, "carbs_g": 20.0, "fat_g": 8.0, "fibre_g": 4.0, "sugar_g": 9.0, "salt_g": 1.0,
        },
        "tags": [], "image_url": "/pictures/soup.webp", "blurhash": None, "source": "DinDin", "likes": 3,
        "liked": False, "saved": False, **changes,
    }  # fmt: skip


def restaurant(**changes: Any) -> dict[str, Any]:
    """A place with everything known about it."""
    return {
        "id": RESTAURANT_ID, "kind": "restaurant", "name": "Casa Verde", "description": "Tacos under lemon trees.",
        "cuisines": ["Mexican"], "price": 2, "rating": 4.4, "review_count": 210, "address": "12 Oak St, Atlanta",
        "location": {"lat": 33.75, "lon": -84.39}, "phone": "+1 404 555 0101",
        "reservation_url": "https://example.com/casa", "hours": {
            "monday": [], "tuesday": [{"opens": "11:30", "closes": "14:00"}, {"opens": "17:00", "closes": "22:00"}],
        },
        "time_zone": "America/New_York", "dietary_options": ["vegetarian"], "allergens": None, "image_url": None,
        "blurhash": None, "sponsored": False, "source": "DinDin", "distance_miles": None, "saved": True, **changes,
    }  # fmt: skip


def item(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A line of a list."""
    return {
        "id": f"{number:024x}", "name": f"Thing {number}", "amount": None, "unit": "", "recipe_ids": [],
        "ticked": False, **changes,
    }  # fmt: skip


def shopping_list(*items: dict[str, Any], shared_with: str | None = None) -> dict[str, Any]:
    """A list with these lines."""
    missing = sum(not line["ticked"] for line in items)
    return {"owner_id": BEN, "shared_with": shared_with, "items": list(items), "missing": missing}
