"""Shopping lists: one's own, and those that groups share (docs/product.md M3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.clock import Clock
from kivy.core.clipboard import Clipboard
from kivy.core.window import Window
from kivy.properties import BooleanProperty, StringProperty

from client.net.kitchen_api import OWN_LIST
from client.net.kitchen_values import ShoppingItem, ShoppingList
from client.net.values import Group
from client.screens.base import AppScreen
from client.screens.recipe_words import list_as_text
from client.store.kitchen.amounts import amount_text
from client.store.kitchen.state import Kitchen, KnownList
from client.store.listing import Listing
from client.theme.rules import load_rules
from client.widgets import buttons, line_field, listing_view, rows, top_bar
from client.widgets.buttons import Chip
from client.widgets.rows import ListRow
from client.widgets.wording import in_letters
from client.words import _

load_rules(__file__, buttons, line_field, listing_view, rows, top_bar)

COPIED_SECONDS = 2.0
LOOK_AFTER_SECONDS = 10.0
"""How often it is asked whether somebody else has changed the list that is shown: no event tells so."""


class ShoppingRow(ListRow):
    """A line of a list: a tap ticks it, the button takes it off."""

    ticked = BooleanProperty(False)

    def on_ticked(self, _row: ShoppingRow, ticked: bool) -> None:
        self.ids.title.strikethrough = ticked


class ShoppingScreen(AppScreen):
    """Opened with the id of the group whose list is wanted, or nothing for one's own."""

    list_id = StringProperty(OWN_LIST)
    groups_there = BooleanProperty(False)
    shared_with = StringProperty("")
    anything = BooleanProperty(False)
    anything_ticked = BooleanProperty(False)
    unshared = BooleanProperty(False)
    nothing = StringProperty("")
    copied = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self._groups: tuple[Group, ...] = ()
        super().__init__(**properties)
        self._looks = Clock.create_trigger(self._look_after, LOOK_AFTER_SECONDS, interval=True)
        self.watch(lambda state: state.groups, self._show_groups)
        self.watch(lambda state: state.kitchen, self._show)

    def on_pre_enter(self, *_: Any) -> None:
        self.list_id = self.argument
        super().on_pre_enter()
        self.ports.commands.load_groups()
        self.load()
        self._looks()
        Window.bind(focus=self._come_back)

    def stop_watching(self) -> None:
        super().stop_watching()
        self._looks.cancel()
        Window.unbind(focus=self._come_back)

    def load(self) -> None:
        """Read the list (again)."""
        self.ports.kitchen.load_list(self.list_id)

    def show_list(self, list_id: str) -> None:
        """Show another list."""
        self.list_id = list_id
        self._mark_chips()
        self._show(self.ports.store.state.kitchen)
        self.ids.list.to_top()
        self.load()

    def add(self) -> None:
        """Put on the list what was typed; there may be more to type."""
        words = self.ids.line.text.strip()
        self.ids.line.text = ""
        if words:
            self.ports.kitchen.add_typed(self.list_id, words)

    def toggle(self, item_id: str) -> None:
        """Something is in the basket, or not after all."""
        item = next((item for item in self._known.items if item.id == item_id), None)
        if item is not None:
            self.ports.kitchen.tick(self.list_id, item_id, not item.ticked)

    def remove(self, item_id: str) -> None:
        """Take something off."""
        self.ports.kitchen.remove_item(self.list_id, item_id)

    def clear_ticked(self) -> None:
        """Take everything off that is in the basket."""
        self.ports.kitchen.clear_ticked(self.list_id)

    def share(self) -> None:
        """Let the group that is shown see one's own list."""
        self.ports.kitchen.share_list(self.list_id)

    def stop_sharing(self) -> None:
        """Keep one's own list to oneself again."""
        self.ports.kitchen.share_list(None)

    def copy(self) -> None:
        """Put the list into the clipboard, as text to send to whoever goes shopping."""
        Clipboard.copy(list_as_text(_("Shopping list"), self._known.in_order))
        self.copied = True
        Clock.schedule_once(self._forget_copy, COPIED_SECONDS)

    def on_empty_act(self) -> None:
        """What there is to do where no list is."""
        if self.unshared:
            self.share()

    @property
    def _known(self) -> KnownList:
        return self.ports.store.state.kitchen.list_of(self.list_id)

    def _look_after(self, _elapsed: float) -> None:
        self.ports.kitchen.look_after_list(self.list_id)

    def _come_back(self, _window: Any, focused: bool) -> None:
        # On a phone the app has slept, and no time has passed for it.
        if focused:
            self.ports.kitchen.look_after_list(self.list_id)

    def _forget_copy(self, _elapsed: float) -> None:
        self.copied = False

    def _show_groups(self, groups: Sequence[Group] | None) -> None:
        self._groups = tuple(groups or ())
        self.groups_there = bool(self._groups)
        self.ids.lists.clear_widgets()
        names = [(OWN_LIST, _("Mine")), *((group.id, in_letters(group.name)) for group in self._groups)]
        for list_id, name in names:
            chip = Chip(text=name, value=list_id)
            chip.bind(on_release=lambda chip: self.show_list(chip.value))
            self.ids.lists.add_widget(chip)
        self._mark_chips()

    def _mark_chips(self) -> None:
        for chip in self.ids.lists.children:
            chip.chosen = chip.value == self.list_id

    def _show(self, kitchen: Kitchen) -> None:
        known = kitchen.list_of(self.list_id)
        items = known.in_order
        self.unshared = known.unshared
        self.anything = bool(items)
        self.anything_ticked = any(item.ticked for item in items)
        self.nothing = self._nothing_words()
        self.shared_with = self._group_name(known.fetched.thing) if self.list_id == OWN_LIST else ""
        status = "loaded" if items or known.unshared else known.fetched.status
        if known.fetched.status == "failed":
            status = "failed"
        listing = Listing(items, status, known.fetched.error, next_page=None, total=len(items))
        self.ids.list.show(listing, row_of)

    def _nothing_words(self) -> str:
        if not self.unshared:
            return _("Nothing to buy. Type something above, or tap the plus beside an ingredient.")
        name = self._name_of(self.list_id)
        return _("Nobody in {group} shares a list yet. With yours, everybody can shop.").format(group=name)

    def _group_name(self, shopping_list: ShoppingList | None) -> str:
        return self._name_of(shopping_list.shared_with) if shopping_list is not None else ""

    def _name_of(self, group_id: str) -> str:
        return next((in_letters(group.name) for group in self._groups if group.id == group_id), "")


def row_of(item: ShoppingItem) -> dict[str, object]:
    """The properties of a line's row."""
    return {
        "key": item.id,
        "sign": "checkbox-marked" if item.ticked else "checkbox-blank-outline",
        "title": in_letters(item.name),
        "subtitle": amount_text(item.amount, item.unit),
        "icon": "close",
        "ticked": item.ticked,
    }
