"""Who is using the app: coming in by any door, making an account of a guest, going out again."""

from __future__ import annotations

from collections.abc import Callable

from client.net.api import ApiClient
from client.net.browser_log_in import CANCELLED, BrowserLogIn, OpenBrowser
from client.net.errors import ApiError
from client.net.values import Provider, User
from client.store import actions
from client.store.agreements import Agreements
from client.store.inbox import Inbox
from client.store.memory import Memory
from client.store.open_session import OpenSession
from client.store.runner import CommandRunner
from client.store.state import AuthStatus
from client.store.store import Store
from client.words import _, marked

Work = Callable[[], None]

MAIL_MAY_COME = marked("If an account belongs to this address, a mail with a link is on its way to it.")
MAIL_COMES = marked("A new mail is on its way to {email}.")
ACCOUNT_MADE = marked("This is your account now. A mail to {email} asks you to confirm the address.")


class FrontDoor:
    """Does the work of the commands about accounts. `on_signed_out` shows that nobody is signed in any more."""

    def __init__(
        self,
        *,
        agreements: Agreements,
        store: Store,
        api: ApiClient,
        runner: CommandRunner,
        memory: Memory,
        session: OpenSession,
        inbox: Inbox,
        on_signed_out: Callable[[str | None], None],
        open_browser: OpenBrowser,
    ) -> None:
        self._agreements = agreements
        self._store = store
        self._api = api
        self._runner = runner
        self._memory = memory
        self._session = session
        self._inbox = inbox
        self._on_signed_out = on_signed_out
        self._open_browser = open_browser
        self._browser: BrowserLogIn | None = None
        self._has_to_prove = False

    # Coming in

    def restore(self) -> None:
        """Sign in with what was kept from the last run, and open the session that was open then."""

        def restore() -> None:
            try:
                self._restore()
            except ApiError as error:
                self._restore_without_server(error)

        self._runner.run("restore", self._backing_out(restore, "restoring", actions.SignedOut()))

    def register(self, email: str, password: str, display_name: str) -> None:
        """Make an account and sign in with it."""
        accepted = self._agreements.accepted()
        self._sign_in("register", lambda: self._api.register(email, password, display_name, accepted))

    def log_in(self, email: str, password: str) -> None:
        """Sign in, and go on with the session that was open when the log-in ran out."""
        self._sign_in("log_in", lambda: self._api.log_in(email, password))

    def enter_as_guest(self, display_name: str, code: str) -> None:
        """Sign in with a name only and join with the code, if there is one; a code of no use is kept at home."""
        self._store.dispatch(actions.Invited(code))
        accepted = self._agreements.accepted()
        self._sign_in(
            "enter_as_guest", lambda: self._api.enter_as_guest(display_name, accepted), self._join_invited
        )

    def log_in_through(self, provider: Provider) -> None:
        """Sign in on a provider's page in the browser."""
        if self._store.state.auth.status == "signing_in":
            return
        browser = self._browser = BrowserLogIn(
            self._api.base_url, provider.name, self._open_browser, fresh=self._has_to_prove
        )

        def request() -> User:
            grant = browser.wait()
            return self._api.trade(grant.code, grant.verifier)

        self._sign_in("log_in_through", request, elsewhere=provider.label)

    def cancel(self) -> None:
        """Wait for no browser any longer."""
        if self._browser is not None:
            self._browser.cancel()

    def load_providers(self) -> None:
        """Find out whose pages the server offers."""

        def load() -> None:
            self._store.dispatch(actions.ProvidersLoaded(self._api.providers()))

        # Without them there is still the form, which says what is wrong when it is used.
        self._runner.run("load_providers", load, on_error=lambda _: None)

    def _sign_in(
        self,
        name: str,
        request: Callable[[], User],
        go_on: Callable[[], None] | None = None,
        *,
        elsewhere: str = "",
    ) -> None:
        if name in self._store.state.busy:
            return

        def sign_in() -> None:
            self._signed_in(request())
            (go_on or self._session.reopen)()

        def refused(error: ApiError) -> None:
            words = None if error.code == CANCELLED else error.detail
            self._store.dispatch(actions.SignInFailed(words, error.field_errors))
            self._agreements.renew_texts(error)

        self._store.dispatch(actions.SigningIn(elsewhere))
        come_in = self._backing_out(sign_in, "signing_in", actions.SignInFailed(None))
        self._runner.run(name, come_in, on_error=refused)

    def _backing_out(self, work: Work, waiting: AuthStatus, backed_out: actions.Action) -> Work:
        """`work` that leaves nobody `waiting` at a door where something fails that nobody has foreseen."""

        def come_in() -> None:
            try:
                work()
            except ApiError:
                raise
            except Exception:
                if self._store.state.auth.status == waiting:
                    self._store.dispatch(backed_out)
                raise

        return come_in

    def _signed_in(self, user: User) -> None:
        self._has_to_prove = False
        self._memory.remember_user(user)
        self._store.dispatch(actions.SignedIn(user))

    def _join_invited(self) -> None:
        code = self._store.state.invitation
        if not code:
            return
        try:
            self._session.enter(self._api.join_session(code))
        except ApiError as error:
            # The guest is in all the same.
            self._runner.show(error)

    def _restore(self) -> None:
        if not self._api.has_tokens():
            self._store.dispatch(actions.SignedOut())
            return
        self._signed_in(self._api.verify())
        self._session.reopen()

    def _restore_without_server(self, error: ApiError) -> None:
        user = self._memory.user()
        if error.signed_out:
            self._on_signed_out(None)
        elif user is None:
            self._store.dispatch(actions.SignedOut(error.detail))
        else:
            self._store.dispatch(actions.SignedIn(user))
            self._store.dispatch(actions.NoticeShown("error", error.detail))
            self._session.reopen()

    # Being there

    def forget_password(self, email: str) -> None:
        """Ask for a mail with which to choose a new password."""

        def ask() -> None:
            self._api.forget_password(email)
            self._store.dispatch(actions.NoticeShown("info", _(MAIL_MAY_COME)))

        self._runner.run("forget_password", ask)

    def ask_to_confirm(self) -> None:
        """Ask once more for the mail that confirms the address."""
        user = self._store.state.auth.user

        def ask() -> None:
            self._api.ask_to_confirm()
            if user is not None:
                self._store.dispatch(actions.NoticeShown("info", _(MAIL_COMES).format(email=user.email)))

        self._runner.run("ask_to_confirm", ask)

    def refresh_user(self) -> None:
        """See whether the address has been confirmed meanwhile; nothing is asked where that is settled."""
        known = self._store.state.auth.user
        if known is None or not known.has_to_confirm:
            return

        def look() -> None:
            user = self._api.verify()
            if self._store.state.auth.user == known:
                self._signed_in(user)

        def failed(error: ApiError) -> None:
            # Nobody has asked for this, so nobody is told that it did not work, unless nothing works any more.
            if error.signed_out:
                self._runner.show(error)

        self._runner.run("refresh_user", look, on_error=failed)

    def claim(self, email: str, password: str) -> None:
        """Make an account of the guest that one is."""
        accepted = self._agreements.accepted()

        def make_account() -> None:
            self._signed_in(self._api.claim(email, password, accepted))
            self._store.dispatch(actions.NoticeShown("info", _(ACCOUNT_MADE).format(email=email)))

        def refused(error: ApiError) -> None:
            if error.signed_out:
                self._runner.show(error)
            else:
                self._store.dispatch(actions.AccountRefused(error.detail, error.field_errors))
                self._agreements.renew_texts(error)

        self._runner.run("claim", make_account, on_error=refused)

    # Going out

    def log_out_for_proof(self) -> None:
        """Sign out to log in again, where that is to prove who one is: a provider must ask then."""
        self._has_to_prove = True
        self.log_out()

    def log_out(self) -> None:
        """Sign out here in any case, and on the server if it can be reached."""

        def leave_account() -> None:
            # First, or their sockets would find the log-in over before it is said here.
            self._session.hang_up()
            self._inbox.hang_up()
            self._api.log_out()
            self._memory.forget()
            self._on_signed_out(None)

        self._runner.run("log_out", leave_account)
