"""What the user has saved (docs/product.md C5)."""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty

from client.net.kitchen_values import CatalogueKind
from client.screens.base import AppScreen
from client.screens.browse_rows import row_of
from client.store.kitchen.state import Kitchen
from client.theme.rules import load_rules
from client.widgets import listing_view, top_bar

load_rules(__file__, listing_view, top_bar)


class FavouritesScreen(AppScreen):
    """Saved recipes or saved restaurants, newest first."""

    kind: CatalogueKind = StringProperty("recipe")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.kitchen, self._show)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.load()

    def show_kind(self, kind: CatalogueKind) -> None:
        """Recipes or restaurants."""
        self.kind = kind
        self.ids.list.to_top()
        self._show(self.ports.store.state.kitchen)
        self.load()

    def load(self) -> None:
        """Read them from the beginning: something may have been saved since."""
        self.ports.kitchen.load_favourites(self.kind)

    def remove(self, item_id: str) -> None:
        """Save something no longer."""
        self.ports.kitchen.set_saved(self.kind, item_id, False)

    def look_around(self) -> None:
        """Go where there are things to save."""
        self.dispatch("on_go_to", "discover")

    def _show(self, kitchen: Kitchen) -> None:
        pictures = self.ports.pictures
        self.ids.list.show(kitchen.favourites_of(self.kind), lambda card: row_of(card, kitchen, pictures))
