"""One group: its people, its link, what it has decided, and what one may change about it (docs/product.md G1, G3)."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.core.clipboard import Clipboard
from kivy.properties import BooleanProperty, ColorProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.net.people_values import Decision
from client.net.values import Group, Member
from client.screens import decisions
from client.screens.base import AppScreen
from client.store.listing import Fetched
from client.store.people.state import OpenGroup
from client.store.state import AppState
from client.theme.rules import load_rules
from client.widgets import buttons, fields, panel, people, qr, states, top_bar
from client.widgets.people import tint_of
from client.widgets.wording import in_letters, people_text, shortened
from client.words import _

load_rules(__file__, buttons, decisions, fields, panel, people, qr, states, top_bar)

NAME_IN_QUESTION = 40


class MemberRow(BoxLayout):
    """Somebody in the group. `on_remove()` wants them out; `may_go` where one may show them out."""

    member: Member = ObjectProperty(None, allownone=True)
    name = StringProperty("")
    detail = StringProperty("")
    tint = ColorProperty()
    may_go = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_remove")
        super().__init__(**properties)

    def on_remove(self) -> None:
        """The screen listens."""


class GroupScreen(AppScreen):
    """Its argument is the group's id. Only its owner may rename it, change its link and show people out."""

    state = StringProperty("waiting")  # waiting, failed, gone, here
    error = StringProperty("")
    looking = BooleanProperty(False)
    stale = BooleanProperty(False)
    name_shown = StringProperty("")
    people = StringProperty("")
    link = StringProperty("")
    copied = BooleanProperty(False)
    owned = BooleanProperty(False)
    renaming = BooleanProperty(False)
    saving = BooleanProperty(False)
    changing_link = BooleanProperty(False)
    starting = BooleanProperty(False)
    leaving = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self._group: Group | None = None
        super().__init__(**properties)
        self.watch(self._seen, self._show)
        self.watch(lambda state: state.busy, self._show_busy)

    def on_pre_enter(self, *_: Any) -> None:
        self._group, self.renaming, self.copied = None, False, False
        self.ports.people.open_group(self.argument)
        super().on_pre_enter()
        self.ids.scroll.scroll_y = 1

    def go_back(self) -> bool:
        was_renaming = bool(self.renaming)
        self.renaming = False
        return was_renaming

    def copy_link(self) -> None:
        """Put the invite link into the clipboard."""
        Clipboard.copy(self.link)
        self.copied = True

    def rename(self) -> None:
        """Call the group what was typed."""
        name = self.ids.name.text.strip()
        self.ids.name.error = "" if name else _("What do you call yourselves?")
        if name and not self.saving:
            self.ports.people.rename_group(self.argument, name)

    def start_renaming(self) -> None:
        """Open the form for the name, with the present one in it."""
        self.renaming = not self.renaming
        self.ids.name.error = ""
        if self._group is not None:
            self.ids.name.text = self._group.name

    def ask_for_another_link(self) -> None:
        """Change the invite link, after a question."""
        renew = partial(self.ports.people.renew_invite, self.argument)
        words = _("Whoever has the link of now cannot join with it any more.")
        self.dispatch("on_ask", _("Make another link?"), words, _("Make another"), renew, _("Keep it"))

    def ask_to_leave(self) -> None:
        """Leave the group, after a question."""
        leave = partial(self.ports.commands.leave_group, self.argument)
        alone = self._group is not None and len(self._group.members) == 1
        last = _("You are its last member: the group goes with you.")
        back = _("The others stay. You can come back with the invite link.")
        name = shortened(self.name_shown, NAME_IN_QUESTION)
        title = _("Leave {group}?").format(group=name)
        self.dispatch("on_ask", title, last if alone else back, _("Leave"), leave)

    def start_session(self) -> None:
        """Find dinner with the group: its members are told at once."""
        self.ports.commands.create_session("both", group_id=self.argument)

    def open_decision(self, decision: Decision) -> None:
        """Show what it was."""
        if decision.card is not None:
            self.dispatch("on_open", decision.card.kind, decision.card.id)

    def _ask_to_remove(self, row: MemberRow) -> None:
        remove = partial(self.ports.people.remove_member, self.argument, row.member.id)
        words = _("They are told. With the invite link they could come back: change it if they should not.")
        title = _("Show {name} out?").format(name=shortened(row.name, NAME_IN_QUESTION))
        self.dispatch("on_ask", title, words, _("Show out"), remove, _("They stay"))

    def _seen(self, state: AppState) -> tuple[OpenGroup | None, str]:
        opened, user = state.people.open_group, state.auth.user
        mine = opened is not None and opened.id == self.argument
        return (opened if mine else None), (user.id if user is not None else "")

    def _show(self, seen: tuple[OpenGroup | None, str]) -> None:
        opened, user_id = seen
        if opened is None:
            self.state = "waiting"
            return
        if opened.gone:
            self.state = "gone"
            return
        self._show_status(opened.group)
        if opened.group.thing is not None:
            self._show_group(opened.group.thing, user_id)
            self.ids.decisions.show(opened.decisions, self.ports)

    def _show_status(self, group: Fetched[Group]) -> None:
        self.error, self.looking = group.error, group.status == "loading"
        self.stale = group.status == "failed" and group.thing is not None
        missing = "failed" if group.status == "failed" else "waiting"
        self.state = missing if group.thing is None else "here"

    def _show_group(self, group: Group, user_id: str) -> None:
        if group == self._group:
            return
        if self._group is not None and self._group.name != group.name:
            self.renaming = False
        if self.link != group.invite_link:
            self.copied = False
        self._group = group
        self.name_shown, self.people = in_letters(group.name), people_text(len(group.members))
        self.link, self.owned = group.invite_link, group.owner_id == user_id
        self.ids.members.clear_widgets()
        for member in group.members:
            self.ids.members.add_widget(self._member_row(member, group, user_id))

    def _member_row(self, member: Member, group: Group, user_id: str) -> MemberRow:
        mine = member.id == user_id
        looks_after = _("Looks after the group") if member.id == group.owner_id else ""
        row = MemberRow(
            member=member,
            name=in_letters(member.display_name),
            detail=" · ".join(part for part in (_("You") if mine else "", looks_after) if part),
            tint=tint_of(member.id),
            may_go=self.owned and not mine,
        )
        row.bind(on_remove=self._ask_to_remove)
        return row

    def _show_busy(self, busy: frozenset[str]) -> None:
        self.saving = "rename_group" in busy
        self.changing_link = "renew_invite" in busy
        self.starting = "create_session" in busy
        self.leaving = "leave_group" in busy
