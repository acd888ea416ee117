"""Welcome: log in, register, join as a guest, ask for a new password. One screen, one panel, four forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from kivy.clock import Clock
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from client.net.values import Provider
from client.screens.accepting import texts_to_accept
from client.screens.base import AppScreen
from client.screens.credentials import email_error, password_error
from client.store.state import Auth
from client.theme.rules import load_rules
from client.widgets import fields, reading
from client.widgets.buttons import QuietButton
from client.widgets.wording import shortened
from client.words import _, marked

load_rules(__file__, fields, reading)

Mode = Literal["log_in", "register", "guest", "forgot"]


@dataclass(frozen=True, slots=True)
class Form:
    """What a form asks for and says; those without a `heading` are sides of the switch."""

    fields: frozenset[str]
    submit: str
    busy: str
    heading: str = ""
    caption: str = ""


FORMS: dict[Mode, Form] = {
    "log_in": Form(frozenset({"email", "password"}), marked("Log in"), marked("Logging in…")),
    "register": Form(
        frozenset({"display_name", "email", "password"}),
        marked("Create account"),
        marked("Setting your place…"),
    ),
    "guest": Form(
        frozenset({"display_name", "code"}),
        marked("Join as a guest"),
        marked("Setting your place…"),
        marked("Join as a guest"),
        marked("A name is enough. You can keep your place later, with an e-mail address."),
    ),
    "forgot": Form(
        frozenset({"email"}),
        marked("Send me a link"),
        marked("Asking for a mail…"),
        marked("A new password"),
        marked("With the link in the mail you choose one in your browser, and log in here with it."),
    ),
}
MOST_OF_A_NAME = 24
CODE_UNFINISHED = marked("A code has six letters and digits. Leave it empty if you have none.")


class WelcomeScreen(AppScreen):
    """What the server says about a field stands under that field."""

    form: Form = ObjectProperty(FORMS["log_in"], rebind=True)
    mode: Mode = StringProperty("log_in")
    busy = BooleanProperty(False)
    sending = BooleanProperty(False)
    offered = BooleanProperty(False)
    roomy = BooleanProperty(True)
    elsewhere = StringProperty("")
    error = StringProperty("")
    email_error = StringProperty("")
    password_error = StringProperty("")
    name_error = StringProperty("")
    code_error = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.auth, self._show)
        self.watch(lambda state: "forget_password" in state.busy, self._show_sending)
        self.watch(lambda state: state.providers, self._offer)
        self.watch(lambda state: state.invitation, self._invite)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        # The first screen of all: it is drawn before anything is loaded to ask the server with.
        Clock.schedule_once(lambda _elapsed: self._look_up())

    def _look_up(self) -> None:
        self.ports.commands.load_providers()
        self.ports.commands.load_texts()

    def on_leave(self, *_: Any) -> None:
        """A password is not left lying around for who comes here next."""
        self.ids.password.text = ""

    def switch(self, mode: Mode) -> None:
        """Go to another form; what was typed stays, what was wrong with it goes."""
        self.mode, self.form = mode, FORMS[mode]
        self._make_room()
        self._show(Auth(status="signed_out"))

    def go_back(self) -> bool:
        if self.elsewhere:
            self.stop_waiting()
        elif self.form.heading:
            self.switch("log_in")
        else:
            return False
        return True

    def submit(self) -> None:
        """Send the form, unless it is plain that the server would refuse it."""
        if self.busy or self.sending:
            return
        self._show(Auth(status="signed_out"))
        if not self._complete():
            return
        email, password, name, code = (
            self.ids[field].text for field in ("email", "password", "display_name", "code")
        )
        commands = self.ports.commands
        match self.mode:
            case "log_in":
                commands.log_in(email.strip(), password)
            case "register":
                commands.register(email.strip(), password, name.strip())
            case "guest":
                commands.enter_as_guest(name.strip(), code)
            case "forgot":
                commands.forget_password(email.strip())

    def read_texts(self) -> None:
        """Show what one accepts by going on."""
        self.dispatch("on_read", *texts_to_accept(self.ports))

    def stop_waiting(self) -> None:
        """The user does not come back from the browser."""
        self.ports.commands.cancel_log_in()

    def _complete(self) -> bool:
        asked = self.form.fields
        if "email" in asked:
            self.email_error = email_error(self.ids.email.text)
        if "password" in asked:
            self.password_error = password_error(self.ids.password.text)
        if "display_name" in asked and not self.ids.display_name.text.strip():
            self.name_error = _("What should your friends see?")
        if "code" in asked and self.ids.code.text and not self.ids.code.complete:
            self.code_error = _(CODE_UNFINISHED)
        return not (self.email_error or self.password_error or self.name_error or self.code_error)

    def _show(self, auth: Auth) -> None:
        self.busy = auth.status == "signing_in"
        self.elsewhere = auth.elsewhere
        self.email_error = auth.field_errors.get("email", "")
        self.password_error = auth.field_errors.get("password", "")
        self.name_error = auth.field_errors.get("display_name", "")
        self.code_error = ""
        at_a_field = self.email_error or self.password_error or self.name_error
        self.error = "" if at_a_field else (auth.error or "")

    def _show_sending(self, sending: bool) -> None:
        self.sending = sending

    def _invite(self, code: str) -> None:
        """Somebody has opened a link to a session: a guest needs one more word to be there."""
        if code:
            self.ids.code.text = code
            self.switch("guest")

    def _offer(self, providers: tuple[Provider, ...]) -> None:
        rows = self.ids.providers
        rows.clear_widgets()
        for provider in providers:
            button = QuietButton(text=shortened(provider.label, MOST_OF_A_NAME), icon="open-in-new")
            button.bind(on_release=lambda _button, chosen=provider: self._go_elsewhere(chosen))
            rows.add_widget(button)
        self.offered = bool(providers)
        self._make_room()

    def _make_room(self) -> None:
        self.roomy = self.mode == "log_in" and not self.offered

    def _go_elsewhere(self, provider: Provider) -> None:
        if not self.busy:
            self.ports.commands.log_in_through(provider)
