"""Invitations to sessions of one's groups, one tap away from being there (docs/product.md G2)."""

from __future__ import annotations

from collections.abc import Sequence

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.store.group_reducer import SessionInvitation
from client.theme.rules import load_rules
from client.widgets import buttons, panel, text
from client.widgets.panel import Panel
from client.widgets.wording import in_letters
from client.words import _

load_rules(__file__, buttons, panel, text)


class InvitationBanner(Panel):
    """Who has started a session for which group; `on_join()` and `on_dismiss()` are what one can do about it."""

    words = StringProperty("")
    busy = BooleanProperty(False)

    def __init__(self, **properties: object) -> None:
        self.register_event_type("on_join")
        self.register_event_type("on_dismiss")
        super().__init__(**properties)

    def on_join(self) -> None:
        """The user wants to be there; the list listens."""

    def on_dismiss(self) -> None:
        """The user has seen it; the list listens."""


class InvitationList(BoxLayout):
    """A banner for each invitation; they live on while their invitation does.

    `on_join(notification_id)` and `on_dismiss(notification_id)` pass on what the user does. While `busy` nobody joins
    another one.
    """

    busy = BooleanProperty(False)

    def __init__(self, **properties: object) -> None:
        self._banners: dict[str, InvitationBanner] = {}
        self.register_event_type("on_join")
        self.register_event_type("on_dismiss")
        super().__init__(**properties)

    def show(self, invitations: Sequence[SessionInvitation]) -> None:
        """Show exactly these, in this order."""
        known = self._banners
        self._banners = {
            one.notification_id: known.get(one.notification_id) or self._banner(one) for one in invitations
        }
        self.clear_widgets()
        for banner in self._banners.values():
            self.add_widget(banner)

    def on_join(self, notification_id: str) -> None:
        """The screen listens."""

    def on_dismiss(self, notification_id: str) -> None:
        """The screen listens."""

    def on_busy(self, _list: InvitationList, busy: bool) -> None:
        for banner in self._banners.values():
            banner.busy = busy

    def _banner(self, invitation: SessionInvitation) -> InvitationBanner:
        found = invitation.notification_id
        banner = InvitationBanner(words=invitation_words(invitation), busy=self.busy)
        banner.bind(
            on_join=lambda _banner: self.dispatch("on_join", found),
            on_dismiss=lambda _banner: self.dispatch("on_dismiss", found),
        )
        return banner


def invitation_words(invitation: SessionInvitation) -> str:
    """`Ada started dinner for Family`."""
    return _("{host} started dinner for {group}").format(
        host=in_letters(invitation.host_name), group=in_letters(invitation.group_name)
    )
