"""What the user agrees to: the words that the server has for it, and the consent to keep diet and allergies."""

from __future__ import annotations

from dataclasses import replace

from client.net.api import ApiClient
from client.net.errors import CONSENT_NEEDED, CONSENT_OUTDATED, ApiError
from client.net.values import Consent, Preferences, TextKind
from client.store import account_actions, actions
from client.store.runner import CommandRunner
from client.store.store import Store
from client.words import _, marked

ON_COMING_IN: tuple[TextKind, ...] = ("terms", "privacy")
ABOUT_DIET: TextKind = "special_category"
DELETED = marked("Your diet and allergies are deleted.")
SAVED = marked("Your preferences are saved.")


class Agreements:
    """Does the work of the commands about consents, and of saving what needs one."""

    def __init__(self, *, store: Store, api: ApiClient, runner: CommandRunner) -> None:
        self._store = store
        self._api = api
        self._runner = runner

    def accepted(self) -> dict[str, str]:
        """The versions of the texts that whoever comes in now was shown; empty where they have not come."""
        texts = self._store.state.texts
        return {kind: texts[kind].version for kind in ON_COMING_IN if kind in texts}

    def load_texts(self) -> None:
        """Find out what people are asked to accept when they come in; nobody is told where that does not work."""
        self._runner.run("load_texts", lambda: self._read_texts(*ON_COMING_IN), on_error=lambda _: None)

    def renew_texts(self, error: ApiError) -> None:
        """Read the texts again where the server says that other words are in force by now."""
        if error.code == CONSENT_OUTDATED:
            self.load_texts()

    def load_diet_consent(self) -> None:
        """Find out whether diet and allergies may be kept, and what the user is asked."""
        self._runner.run("load_diet_consent", self._read_diet_consent)

    def agree_to_diet(self) -> None:
        """The user agrees to the words that are shown."""
        text = self._store.state.texts.get(ABOUT_DIET)
        if text is None:
            return

        def agree() -> None:
            self._tell(self._api.decide(ABOUT_DIET, given=True, version=text.version))

        def refused(error: ApiError) -> None:
            self._runner.show(error)
            if error.code == CONSENT_OUTDATED:
                self.load_diet_consent()

        self._runner.run("agree_to_diet", agree, on_error=refused)

    def withdraw_diet(self) -> None:
        """The user takes the consent back; the server has deleted diet and allergies when it answers."""

        def withdraw() -> None:
            consent = self._api.decide(ABOUT_DIET, given=False)
            known = self._store.state.preferences
            if known is not None:
                self._tell_preferences(replace(known, dietary=(), allergies=()))
            self._tell(consent)
            self._store.dispatch(actions.NoticeShown("info", _(DELETED)))

        self._runner.run("withdraw_diet", withdraw)

    def save_preferences(self, preferences: Preferences) -> None:
        """Keep the preferences on the server; where it asks for the consent, so do the screens."""

        def save() -> None:
            self._tell_preferences(self._api.save_preferences(preferences))
            self._store.dispatch(actions.NoticeShown("info", _(SAVED)))

        def refused(error: ApiError) -> None:
            self._runner.show(error)
            if error.code == CONSENT_NEEDED:
                self.load_diet_consent()

        self._runner.run("save_preferences", save, on_error=refused)

    def _read_diet_consent(self) -> None:
        user = self._store.state.auth.user
        self._read_texts(ABOUT_DIET)
        consent = self._api.consent(ABOUT_DIET)
        if self._store.state.auth.user == user:
            self._tell(consent)

    def _read_texts(self, *kinds: TextKind) -> None:
        self._store.dispatch(account_actions.TextsLoaded(tuple(map(self._api.consent_text, kinds))))

    def _tell(self, consent: Consent) -> None:
        self._store.dispatch(account_actions.DietConsentLoaded(consent))

    def _tell_preferences(self, preferences: Preferences) -> None:
        self._store.dispatch(actions.PreferencesLoaded(preferences))
