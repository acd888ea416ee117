"""The user's groups: invite, start a session, found, join, leave (docs/product.md G1, G2)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.core.clipboard import Clipboard
from kivy.properties import BooleanProperty, ColorProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from client.join_code import SCHEME, LinkError, group_token
from client.screens.base import AppScreen
from client.screens.ports import Ports
from client.store.group_reducer import known_groups
from client.store.listing import Fetched
from client.store.state import Group
from client.theme.rules import load_rules
from client.widgets import buttons, fields, panel, people, qr, states, text, top_bar
from client.widgets.focus import Reachable
from client.widgets.panel import Panel
from client.widgets.people import tint_of
from client.widgets.wording import in_letters, people_text
from client.words import _, marked

load_rules(__file__, buttons, fields, panel, people, qr, states, text, top_bar)

NAMELESS = marked("What do you call yourselves?")
NO_LINK = marked("That is no link to a group. It ends in /g/ and its own letters: paste all of it.")

LAST_ONE = marked("You are its last member: the group goes with you.")
WAY_BACK = marked("The others stay. You can come back with the invite link.")


class GroupsScreen(AppScreen):
    """The first screen of the place Groups."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        groups = self.ids.groups
        self.watch(lambda state: state.busy, groups.show_busy)
        self.watch(known_groups, groups.follow)
        self.watch(lambda state: state.group_invitation, groups.invite)
        groups.bind(form=self._bring_into_view)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ports.commands.load_groups()

    def go_back(self) -> bool:
        opened = bool(self.ids.groups.form)
        self.ids.groups.put_off()
        return opened

    def _bring_into_view(self, panel: GroupsPanel, form: str) -> None:
        if form:
            # Once the form has its place.
            Clock.schedule_once(lambda _: self.ids.scroll.scroll_to(panel.ids[form]), 0.1)


class GroupHead(Reachable, ButtonBehavior, BoxLayout):
    """Who the group is; pressed, it leads to all about it."""


class GroupRow(BoxLayout):
    """One group. `on_look()` wants all about it, `on_start()` a session for it, `on_leave()` out of it."""

    group: Group = ObjectProperty(None, allownone=True)
    name = StringProperty("")
    people = StringProperty("")
    tint = ColorProperty()
    link = StringProperty("")
    inviting = BooleanProperty(False)
    copied = BooleanProperty(False)
    starting = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        for event in ("on_look", "on_start", "on_leave"):
            self.register_event_type(event)
        super().__init__(**properties)

    def on_group(self, _row: GroupRow, group: Group) -> None:
        self.name, self.people = in_letters(group.name), people_text(len(group.members))
        self.tint, self.link = tint_of(group.id), group.invite_link

    def copy(self) -> None:
        """Put the invite link into the clipboard."""
        Clipboard.copy(self.link)
        self.copied = True

    def on_inviting(self, *_: Any) -> None:
        self.copied = False

    def on_look(self) -> None:
        """The panel listens."""

    def on_start(self) -> None:
        """The panel listens."""

    def on_leave(self) -> None:
        """The panel listens."""


class GroupsPanel(Panel):
    """`form` is which one is open: "create", "join" or none. `on_ask(title, words, yes, answer)` wants a confirmation,
    `on_look(group_id)` all about one of the groups.

    `state` says which of them are known, `error` why the last attempt to read them failed, `stale` that those shown are
    older. `menu` is what a session is started with, `invited` whether the app was opened by a link to a group.
    """

    ports: Ports = ObjectProperty(None, allownone=True)
    menu = StringProperty("both")
    form = StringProperty("")
    invited = BooleanProperty(False)
    state = StringProperty("waiting")  # waiting, failed, empty, rows
    error = StringProperty("")
    stale = BooleanProperty(False)
    creating = BooleanProperty(False)
    joining = BooleanProperty(False)
    starting = BooleanProperty(False)
    name_error = StringProperty("")
    link_error = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        self._rows: dict[str, GroupRow] | None = None
        self.register_event_type("on_ask")
        self.register_event_type("on_look")
        super().__init__(**properties)

    def follow(self, known: Fetched[tuple[Group, ...]]) -> None:
        """Show the user's groups as far as they are known."""
        failed = known.status == "failed"
        self.error, self.stale = known.error, failed and known.thing is not None
        self._show(known.thing)
        if known.thing is None:
            self.state = "failed" if failed else "waiting"
        else:
            self.state = "rows" if known.thing else "empty"

    def _show(self, groups: Sequence[Group] | None) -> None:
        """Show the user's groups, newest first; a form that has led to one more closes."""
        known = self._rows
        self.ids.rows.clear_widgets()
        if groups is None:
            self._rows = None
            return
        self._rows = {group.id: (known or {}).get(group.id) or self._row() for group in groups}
        if known is not None and self._rows.keys() - known.keys():
            self.close_form()
        for group in groups:
            row = self._rows[group.id]
            row.group = group
            self.ids.rows.add_widget(row)

    def show_busy(self, busy: frozenset[str]) -> None:
        """Show what is under way."""
        self.creating = "create_group" in busy
        self.joining = "join_group" in busy
        self.starting = "create_session" in busy
        for row in (self._rows or {}).values():
            row.starting = self.starting

    def invite(self, token: str) -> None:
        """Ask whether to follow a link to a group; once that is settled `token` is empty."""
        if self.invited and not token:
            self.close_form()
        self.invited = bool(token)
        if token:
            self.form = "join"
            self.ids.link.fill_in(f"{SCHEME}://group/{token}")

    def open_form(self, form: str) -> None:
        """Open a form, or close it if it is open already."""
        if form == self.form:
            self.put_off()
            return
        self.name_error = self.link_error = ""
        self.form = form

    def close_form(self) -> None:
        """Close the form; what was typed has been used, or is not wanted."""
        self.form = self.ids.name.text = self.ids.link.text = ""

    def put_off(self) -> None:
        """Neither found nor join a group now."""
        self.close_form()
        if self.invited:
            self.ports.commands.drop_group_invitation()

    def create(self) -> None:
        """Found the group."""
        name = self.ids.name.text.strip()
        self.name_error = "" if name else _(NAMELESS)
        if name and not self.creating:
            self.ports.commands.create_group(name)

    def join(self) -> None:
        """Join the group of the link."""
        try:
            token = group_token(self.ids.link.text)
        except LinkError:
            self.link_error = _(NO_LINK)
            return
        self.link_error = ""
        if not self.joining:
            self.ports.commands.join_group(token)

    def on_ask(self, *_: Any) -> None:
        """The screen listens."""

    def on_look(self, group_id: str) -> None:
        """The screen listens."""

    def _row(self) -> GroupRow:
        row = GroupRow(starting=self.starting)
        row.bind(on_start=self._start, on_leave=self._ask_to_leave)
        row.bind(on_look=lambda looked_at: self.dispatch("on_look", looked_at.group.id))
        return row

    def _start(self, row: GroupRow) -> None:
        self.ports.commands.create_session(self.menu, group_id=row.group.id)

    def _ask_to_leave(self, row: GroupRow) -> None:
        leave = partial(self.ports.commands.leave_group, row.group.id)
        words = _(LAST_ONE) if len(row.group.members) == 1 else _(WAY_BACK)
        self.dispatch("on_ask", _("Leave {group}?").format(group=row.name), words, _("Leave"), leave)
