"""One's privacy: what one agreed to, a copy of everything, the end of the account (docs/product.md P1, P2, P3)."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.core.clipboard import Clipboard
from kivy.properties import BooleanProperty, StringProperty

from client.net.privacy_values import ConsentRecord, Erasure, Export
from client.net.values import ConsentText, TextKind
from client.screens.base import AppScreen
from client.screens.privacy_parts import ConsentRow, ExportRow
from client.screens.privacy_words import consent_words, erasure_words, export_words
from client.store.listing import Fetched
from client.store.privacy.state import Privacy, Proof
from client.store.state import AppState
from client.theme.rules import load_rules
from client.widgets import buttons, panel, reading, states, top_bar
from client.widgets.reading import heading_of
from client.widgets.wording import day_text
from client.words import _, marked

load_rules(__file__, buttons, panel, reading, states, top_bar)

NAMES: dict[TextKind, str] = {
    "terms": marked("Terms of use"),
    "privacy": marked("Privacy notice"),
    "special_category": marked("Diet and allergies"),
}
AFTER_WITHDRAWING: dict[TextKind, str] = {
    "terms": marked("This is written down. If you do not want to go on at all, delete your account below."),
    "privacy": marked("This is written down. If you do not want to go on at all, delete your account below."),
    "special_category": marked(
        "Your diet and allergies are deleted at once, and cards are no longer left out for you."
    ),
}


class PrivacyScreen(AppScreen):
    """`asked` is what a password is asked for: "export", "download" (of `wanted`), "erasure", or nothing."""

    guest = BooleanProperty(False)
    consents = StringProperty("waiting")  # waiting, failed, here
    exports = StringProperty("waiting")
    erasure = StringProperty("waiting")
    consents_error = StringProperty("")
    exports_error = StringProperty("")
    erasure_error = StringProperty("")
    making = BooleanProperty(False)
    leaving = BooleanProperty(False)
    leaving_words = StringProperty("")
    may_stay = BooleanProperty(False)
    staying = BooleanProperty(False)
    receipt = StringProperty("")
    copied = BooleanProperty(False)
    at_once = BooleanProperty(False)
    asked = StringProperty("")
    wanted = StringProperty("")
    proving = BooleanProperty(False)
    proof_error = StringProperty("")
    log_in_again = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self._consent_rows: dict[TextKind, ConsentRow] = {}
        self._export_rows: dict[str, ExportRow] = {}
        super().__init__(**properties)
        self.watch(lambda state: state.auth.user, self._show_user)
        self.watch(_consents, self._show_consents)
        self.watch(lambda state: state.privacy, self._show)
        self.watch(lambda state: state.busy, self._show_busy)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.stop_asking()
        self.ids.scroll.scroll_y = 1
        asks = self.ports.privacy
        asks.load_consents()
        asks.load_exports()
        asks.load_erasure()
        asks.watch_exports()

    def on_pre_leave(self, *_: Any) -> None:
        super().on_pre_leave()
        self.ports.privacy.stop_watching()
        self.stop_asking()

    def go_back(self) -> bool:
        was_asked = bool(self.asked)
        self.stop_asking()
        return was_asked

    # Consents

    def ask_to_withdraw(self, kind: TextKind) -> None:
        """Take a consent back, after a question."""
        withdraw = partial(self.ports.privacy.withdraw, kind)
        title = _("Take back: {text}?").format(text=_(NAMES[kind]))
        self.dispatch("on_ask", title, _(AFTER_WITHDRAWING[kind]), _("Take it back"), withdraw, _("Leave it"))

    # Whatever needs a password

    def ask_for(self, purpose: str, export_id: str = "") -> None:
        """Ask who one is, for this purpose."""
        self.stop_asking()
        self.asked, self.wanted, self.at_once = purpose, export_id, False

    def stop_asking(self) -> None:
        """Close the form; a password is not left lying around."""
        if self.asked:
            self.ports.privacy.drop_proof()
        self.asked = self.wanted = ""
        for form in (self.ids.export_proof, self.ids.download_proof, self.ids.erasure_proof):
            form.clear()

    def prove(self, password: str) -> None:
        """Go on with what it was for."""
        if self.asked == "export":
            self.ports.privacy.ask_for_export(password)
        elif self.asked == "download":
            self.ports.privacy.download_export(self.wanted, password)
        elif self.at_once:
            erase = partial(self.ports.privacy.ask_for_erasure, password, True)
            words = _("Everything of yours goes, and nothing brings it back.")
            self.dispatch("on_ask", _("Delete it at once?"), words, _("Delete it"), erase, _("Not yet"))
        else:
            self.ports.privacy.ask_for_erasure(password, False)

    def copy_receipt(self) -> None:
        """Put the receipt's id into the clipboard."""
        Clipboard.copy(self.receipt)
        self.copied = True

    # What the state says

    def _show_user(self, user: Any) -> None:
        self.guest = user is not None and user.guest

    def _show_busy(self, busy: frozenset[str]) -> None:
        self.staying = "cancel_erasure" in busy
        self.proving = "prove" in busy
        for consent_row in self._consent_rows.values():
            consent_row.busy = "decide_consent" in busy
        for export_row in self._export_rows.values():
            export_row.busy = self.proving

    def _show_consents(self, known: tuple[Fetched[tuple[ConsentRecord, ...]], Any]) -> None:
        consents, texts = known
        self.consents, self.consents_error = _status(consents), consents.error
        for consent in consents.thing or ():
            row = self._consent_rows.get(consent.kind) or self._new_consent_row(consent.kind)
            text: ConsentText | None = texts.get(consent.kind)
            row.title = (heading_of(text.text) if text is not None else "") or _(NAMES[consent.kind])
            row.words = consent_words(consent, self.ports.now())
            row.given, row.up_to_date = consent.given, consent.up_to_date

    def _new_consent_row(self, kind: TextKind) -> ConsentRow:
        row = ConsentRow(kind=kind)
        row.bind(
            on_read_it=lambda _row: self._read(kind),
            on_agree=lambda _row: self.ports.privacy.agree(kind),
            on_withdraw=lambda _row: self.ask_to_withdraw(kind),
        )
        self._consent_rows[kind] = row
        self.ids.texts.add_widget(row)
        return row

    def _read(self, kind: TextKind) -> None:
        text = self.ports.store.state.texts.get(kind)
        if text is not None:
            self.dispatch("on_read", text.text)

    def _show(self, privacy: Privacy) -> None:
        self._show_exports(privacy)
        self._show_erasure(privacy.erasure)
        self._show_proof(privacy.proof)

    def _show_exports(self, privacy: Privacy) -> None:
        self.exports, self.exports_error = _status(privacy.exports), privacy.exports.error
        exports = privacy.exports.thing or ()
        self.making = any(export.under_way for export in exports)
        known = self._export_rows
        self._export_rows = {one.id: known.get(one.id) or self._new_export_row(one.id) for one in exports}
        if list(known) != list(self._export_rows):
            self.ids.archives.clear_widgets()
            for row in self._export_rows.values():
                self.ids.archives.add_widget(row)
        for export in exports:
            self._describe(self._export_rows[export.id], export, privacy)

    def _new_export_row(self, export_id: str) -> ExportRow:
        row = ExportRow(export_id=export_id)
        row.bind(on_download=lambda _row: self.ask_for("download", export_id))
        return row

    def _describe(self, row: ExportRow, export: Export, privacy: Privacy) -> None:
        now, coming = self.ports.now(), privacy.download
        day = day_text(export.requested_at, now)
        row.title = _("Asked for {day}").format(day=day)
        row.words = export_words(export, now)
        row.under_way = export.under_way
        row.here = export.status == "done" and export.expires_at > now
        row.downloading = coming is not None and coming.export_id == export.id
        row.percent = coming.percent if coming is not None and row.downloading else export.progress
        row.saved = privacy.saved.get(export.id, "")

    def _show_erasure(self, erasure: Fetched[Erasure]) -> None:
        self.erasure, self.erasure_error = _status(erasure), erasure.error
        known = erasure.thing or Erasure()
        self.leaving = known.status != "none"
        self.may_stay = known.status == "scheduled"
        self.leaving_words = erasure_words(known, self.ports.now()) if self.leaving else ""
        if self.receipt != known.receipt_id:
            self.receipt, self.copied = known.receipt_id, False

    def _show_proof(self, proof: Proof) -> None:
        about_this = proof.purpose == self.asked
        self.proof_error = proof.error if about_this else ""
        self.log_in_again = about_this and proof.log_in_again
        if about_this and proof.status == "taken":
            self.stop_asking()


def _consents(state: AppState) -> tuple[Fetched[tuple[ConsentRecord, ...]], Any]:
    return state.privacy.consents, state.texts


def _status(fetched: Fetched[Any]) -> str:
    if fetched.thing is not None:
        return "here"
    return "failed" if fetched.status == "failed" else "waiting"
