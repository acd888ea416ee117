"""Cards of the project's own catalogue, as the server gives them out: enough of them to fill a window."""

from __future__ import annotations

import json
from itertools import islice

from client.net.values import Card
from client.widgets.wording import minutes_text
from tests.client.ui.scenes import ROOT

SEED = ROOT / "backend" / "catalog" / "seed"


def recipe_cards(most: int) -> tuple[Card, ...]:
    """So many recipes, of every part of the catalogue in turn."""
    parts = [
        json.loads(path.read_text("utf-8"))["recipes"] for path in sorted((SEED / "recipes").glob("*.json"))
    ]
    pictures = json.loads((SEED / "pictures.json").read_text("utf-8"))
    recipes = (recipe for some in zip(*parts, strict=False) for recipe in some)
    return tuple(
        _card(number, recipe, pictures[recipe["slug"]]) for number, recipe in enumerate(islice(recipes, most))
    )


def _card(number: int, recipe: dict[str, str], picture: dict[str, str]) -> Card:
    minutes = int(recipe["prep_minutes"]) + int(recipe["cook_minutes"])
    cuisine = recipe["cuisines"][0]
    return Card(
        id=f"{number:022x}cc",
        kind="recipe",
        title=recipe["title"],
        subtitle=f"{cuisine} · {minutes_text(minutes)} · {recipe['difficulty']}",
        image_url=f"/pictures/{recipe['slug']}.webp",
        blurhash=picture["blurhash"],
        cuisines=tuple(recipe["cuisines"]),
        dietary_tags=tuple(recipe["dietary_tags"]),
        minutes=minutes,
        difficulty=recipe["difficulty"],
    )
