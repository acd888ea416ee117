"""Cards as rows of a list, for browsing and for favourites."""

from __future__ import annotations

from client.net.values import Card
from client.store.kitchen.state import Kitchen
from client.widgets.picture import Pictures
from client.words import _


def row_of(card: Card, kitchen: Kitchen, pictures: Pictures) -> dict[str, object]:
    """The properties of a `client.widgets.rows.ListRow`, whose button is the heart of favourites."""
    saved = kitchen.has_saved(card.id)
    return {
        "key": card.id,
        "pictures": pictures,
        "url": card.image_url,
        "blurhash": card.blurhash,
        "art": "recipes" if card.kind == "recipe" else "takeout",
        "title": card.title,
        # docs/product.md S7: what is paid for is always labelled.
        "subtitle": " · ".join(filter(None, (_("Sponsored") if card.sponsored else "", card.subtitle))),
        # So that the label leaves room for what it stands before.
        "lines": 2 if card.sponsored else 1,
        "note": "" if card.rating is None else f"{card.rating:.1f}",
        "rated": card.rating is not None,
        "icon": "heart" if saved else "heart-outline",
        "marked": saved,
    }
