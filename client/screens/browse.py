"""Discover: search and browse recipes and restaurants (docs/product.md C5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from client.net.kitchen_values import CatalogueKind, CatalogueQuery
from client.net.values import Preferences
from client.screens import browse_filters, recommended
from client.screens.base import AppScreen
from client.screens.browse_rows import row_of
from client.store.kitchen.state import Kitchen
from client.theme.rules import load_rules
from client.widgets import line_field, listing_view, top_bar
from client.words import _, ngettext

load_rules(__file__, browse_filters, line_field, listing_view, recommended, top_bar)


class BrowseScreen(AppScreen):
    """The first screen of the place Discover."""

    kind = StringProperty("recipe")
    filters = NumericProperty(0)
    found = StringProperty("")
    nothing = StringProperty("")
    way_out = StringProperty("")
    recommending = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.ids.filters.bind(on_filter=lambda _sheet, query: self.narrow(query))
        self.watch(lambda state: state.kitchen.query, self._show_query)
        self.watch(lambda state: state.kitchen, self._show)
        self.watch(lambda state: state.preferences, self._learn_home)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ports.kitchen.open_browse()
        if self.ports.store.state.preferences is None:
            # For "near me".
            self.ports.commands.load_preferences()

    def on_pre_leave(self, *_: Any) -> None:
        super().on_pre_leave()
        self.ids.filters.close()

    def search(self, words: str) -> None:
        """The user types; words that are looked for already take the place of those that still wait."""
        self.ports.kitchen.search(words)

    def search_now(self) -> None:
        """Enter: whoever presses it has typed all."""
        self.ports.kitchen.browse(replace(self._query, words=self.ids.words.text))

    def show_kind(self, kind: CatalogueKind) -> None:
        """Recipes or restaurants."""
        self.ports.kitchen.browse(replace(self._query, kind=kind))

    def widen(self) -> None:
        """Look for everything of this kind."""
        self.ids.words.text = ""
        self.ports.kitchen.browse(CatalogueQuery(kind=self._query.kind))

    def open_filters(self) -> None:
        """Show what narrows the search."""
        self.ids.words.leave()
        self.ids.filters.ask(self._query)

    def narrow(self, query: CatalogueQuery) -> None:
        """Let filters hold, for the words as they are by now: the sheet has come up with earlier ones."""
        self.ports.kitchen.browse(replace(query, words=self.ids.words.text))

    def choose(self, item_id: str) -> None:
        """Show everything about a row."""
        self.dispatch("on_open", self.kind, item_id)

    def save(self, item_id: str) -> None:
        """Make a row a favourite, or one no longer."""
        saved = self.ports.store.state.kitchen.has_saved(item_id)
        self.ports.kitchen.set_saved(self._query.kind, item_id, not saved)

    def go_back(self) -> bool:
        opened = bool(self.ids.filters.open)
        self.ids.filters.close()
        return opened

    @property
    def _query(self) -> CatalogueQuery:
        return self.ports.store.state.kitchen.query

    def _show_query(self, query: CatalogueQuery) -> None:
        self.kind, self.filters = query.kind, query.filters
        if not self.ids.words.focused:
            self.ids.words.text = query.words
        self.nothing = _nothing(query)
        self.way_out = _("Show everything") if query.narrowed else ""
        self.ids.list.to_top()

    def _show(self, kitchen: Kitchen) -> None:
        pictures = self.ports.pictures
        self.ids.list.show(kitchen.results, lambda card: row_of(card, kitchen, pictures))
        self.found = _found(kitchen)
        suiting = kitchen.recommended.rows
        self.ids.recommended.show(suiting, pictures)
        # Who looks for something is not to be led away from it.
        self.recommending = bool(suiting) and kitchen.query == CatalogueQuery()

    def _learn_home(self, preferences: Preferences | None) -> None:
        self.ids.filters.home = None if preferences is None else preferences.home_location


def _nothing(query: CatalogueQuery) -> str:
    if not query.narrowed:
        return _("There is nothing here yet.")
    words = query.words.strip()
    if words and query.filters:
        return _("Nothing with these filters goes by “{words}”.").format(words=words)
    return (
        _("Nothing goes by “{words}”.").format(words=words)
        if words
        else _("No filter lets anything through.")
    )


def _found(kitchen: Kitchen) -> str:
    """How many there are, once somebody has asked for certain ones."""
    total = kitchen.results.total
    if not total or not kitchen.query.narrowed:
        return ""
    return ngettext("{count} found", "{count} found", total).format(count=total)
