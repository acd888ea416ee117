"""The user's own account: the address, another password, and where one is logged in."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.screens.base import AppScreen
from client.screens.credentials import NO_WAY_BACK, new_password_error, password_error
from client.store.state import Device, PasswordForm, User
from client.theme.rules import load_rules
from client.widgets import fields
from client.widgets.wording import day_text, in_letters, shortened
from client.words import _, marked

load_rules(__file__, fields)

MOST_OF_A_NAME = 60
UNNAMED = marked("A device")
THIS_ONE = marked("This one")
SOMEWHERE_ELSE = marked("Whoever uses DinDin there has to log in again.")
EVERYWHERE = marked("Every device is logged out, this one too.")


class DeviceRow(BoxLayout):
    """Somewhere the user is logged in. `on_log_out()` wants that to end."""

    device: Device = ObjectProperty(None, allownone=True)
    name = StringProperty("")
    used = StringProperty("")
    current = BooleanProperty(False)
    busy = BooleanProperty(False)

    def __init__(self, device: Device, now: float, **properties: Any) -> None:
        self.register_event_type("on_log_out")
        super().__init__(
            device=device,
            name=shortened(in_letters(device.name), MOST_OF_A_NAME) or _(UNNAMED),
            used=_(THIS_ONE)
            if device.current
            else _("Last used {day}").format(day=day_text(device.last_used_at, now)),
            current=device.current,
            **properties,
        )

    def on_log_out(self) -> None:
        """The screen listens."""


class AccountScreen(AppScreen):
    """Lies on top of home. What the server says about a password stands at its field."""

    guest = BooleanProperty(False)
    email = StringProperty("")
    confirmed = BooleanProperty(False)
    asking = BooleanProperty(False)
    changing = BooleanProperty(False)
    leaving = BooleanProperty(False)
    loaded = BooleanProperty(False)
    loading = BooleanProperty(False)
    error = StringProperty("")
    current_error = StringProperty("")
    new_error = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.auth.user, self._show_user)
        self.watch(lambda state: state.busy, self._show_busy)
        self.watch(lambda state: state.devices, self._show_devices)
        self.watch(lambda state: state.password_form, self._show_form)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        # What was wrong with a password the last time one was here is over.
        self._show_form(PasswordForm())
        self.ports.commands.refresh_user()
        self.ports.commands.load_devices()

    def on_leave(self, *_: Any) -> None:
        """A password is not left lying around."""
        self._clear()

    def change_password(self) -> None:
        """Send the form, unless it is plain that the server would refuse it."""
        if self.changing:
            return
        current, new = self.ids.current.text, self.ids.new.text
        self.current_error, self.new_error = password_error(current), new_password_error(new)
        self.error = ""
        if not (self.current_error or self.new_error):
            self.ports.commands.change_password(current, new)

    def ask_log_out_everywhere(self) -> None:
        """End all log-ins, after a question."""
        words = _(NO_WAY_BACK) if self.guest else _(EVERYWHERE)
        log_out = self.ports.commands.log_out_everywhere
        self.dispatch(
            "on_ask", _("Log out everywhere?"), words, _("Log out everywhere"), log_out, _("Stay logged in")
        )

    def go_back(self) -> bool:
        self.dispatch("on_back")
        return True

    def _ask_log_out(self, row: DeviceRow) -> None:
        log_out = partial(self.ports.commands.log_out_device, row.device.id)
        self.dispatch(
            "on_ask",
            _("Log out {device}?").format(device=row.name),
            _(SOMEWHERE_ELSE),
            _("Log out"),
            log_out,
            _("Leave it"),
        )

    def _show_user(self, user: User | None) -> None:
        if user is not None:
            self.guest, self.email = user.guest, user.email or ""
            self.confirmed = not user.has_to_confirm

    def _show_busy(self, busy: frozenset[str]) -> None:
        self.asking = "ask_to_confirm" in busy
        self.changing = "change_password" in busy
        self.leaving = "log_out_everywhere" in busy
        self.loading = "load_devices" in busy
        for row in self.ids.devices.children:
            row.busy = "log_out_device" in busy

    def _show_devices(self, devices: tuple[Device, ...] | None) -> None:
        self.loaded = devices is not None
        self.ids.devices.clear_widgets()
        # This one first: it is what people look for to know the others by.
        for device in sorted(devices or (), key=lambda device: not device.current):
            row = DeviceRow(device, self.ports.now())
            row.bind(on_log_out=self._ask_log_out)
            self.ids.devices.add_widget(row)

    def _show_form(self, form: PasswordForm) -> None:
        self.current_error = form.field_errors.get("current", "")
        self.new_error = form.field_errors.get("new", "")
        self.error = "" if self.current_error or self.new_error else form.error
        if form.status == "done":
            self._clear()

    def _clear(self) -> None:
        self.ids.current.text = self.ids.new.text = ""
