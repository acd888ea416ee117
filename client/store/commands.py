"""What the user can do. Every method returns at once; what comes of it is seen in the store, nowhere else.

While one runs, its name is in `AppState.busy`; calling it again meanwhile does nothing. A failure becomes a
notice, or for registering and logging in the form's errors in `AppState.auth`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from client.net.api import ApiClient
from client.net.errors import ApiError
from client.net.outbox import OutboxError
from client.net.signals import Stopped
from client.net.values import Direction, EnergyLevel, Menu, Preferences, Snapshot, User
from client.store import actions
from client.store.deck_loader import DeckLoader
from client.store.live_bridge import COMMAND_OF_OPERATION, LiveBridge
from client.store.live_slot import LiveFactory, LiveSlot
from client.store.memory import Memory
from client.store.runner import CommandRunner
from client.store.store import Store

OVER = frozenset({"matched", "closest", "expired", "closed"})
"""The statuses in which nothing happens any more in a session."""

LAST_WORDS_SECONDS = 1.0
"""How long the end of the program waits for the socket's thread."""

NOT_CONNECTED = "This session is not open any more, so that did not count."


class Commands:
    """The user's intentions, carried out on a few threads of their own.

    `at_end` is called when `shutdown` has stopped everything that might still use what it closes.
    """

    def __init__(
        self,
        store: Store,
        api: ApiClient,
        live_factory: LiveFactory,
        local: Memory,
        *,
        at_end: Callable[[], None] | None = None,
    ) -> None:
        self._at_end = at_end
        self._store = store
        self._api = api
        self._memory = local
        self._runner = CommandRunner(store, on_signed_out=self._sign_out)
        self._live = LiveSlot(live_factory)
        self._decks = DeckLoader(store, self._runner, api.deck, self._live.waiting_items)

    # Who is using the app

    def restore(self) -> None:
        """Sign in with what was kept from the last run, and open the session that was open then."""
        self._runner.run("restore", self._restore, on_error=self._restore_without_server)

    def register(self, email: str, password: str, display_name: str) -> None:
        """Make an account and sign in with it."""
        self._sign_in("register", lambda: self._api.register(email, password, display_name))

    def log_in(self, email: str, password: str) -> None:
        """Sign in."""
        self._sign_in("log_in", lambda: self._api.log_in(email, password))

    def log_out(self) -> None:
        """Sign out here at once, and on the server if it can be reached."""

        def leave_account() -> None:
            self._live.close()
            self._api.log_out()
            self._memory.forget()
            self._sign_out(None)

        self._runner.run("log_out", leave_account)

    # Sessions

    def create_session(self, menu: Menu, round_seconds: list[int] | None = None) -> None:
        """Open a new session as its host; `round_seconds` are the rounds' lengths, None the server's own."""
        self._runner.run("create_session", lambda: self._enter(self._api.create_session(menu, round_seconds)))

    def join_session(self, code: str) -> None:
        """Join by the code somebody read out; case and spaces do not matter."""
        self._runner.run("join_session", lambda: self._enter(self._api.join_session(code)))

    def open_session(self, session_id: str) -> None:
        """Go (back) into a session this user belongs to."""
        self._runner.run("open_session", lambda: self._open_session(session_id))

    def set_energy(self, level: EnergyLevel) -> None:
        """Vote for an energy level."""
        self._operate("energy", {"level": level})

    def set_ready(self, ready: bool) -> None:
        """Say that one is ready for the first round, or no longer."""
        self._operate("ready", {"ready": ready})

    def start(self) -> None:
        """Start the first round at once (the host's right)."""
        self._operate("start", {})

    def swipe(self, item_id: str, direction: Direction) -> None:
        """Swipe a card: it leaves at once; it comes back, with a notice, if the server refuses."""
        session = self._store.state.session
        if session is None or item_id in session.swiped_ids:
            return
        self._store.dispatch(actions.CardSwiped(session.id, item_id))
        content = {"item": item_id, "direction": direction}

        def keep_and_send() -> None:
            if self._kept(session.id, "swipe", content):
                pending = self._live.pending_swipes()
                self._store.dispatch(actions.PendingSwipesCounted(session.id, pending))
            else:
                self._store.dispatch(actions.SwipeRejected(session.id, item_id))

        self._runner.in_order(keep_and_send)

    def leave(self) -> None:
        """Leave the session for good and go home."""
        session = self._store.state.session
        if session is not None:
            self._runner.run("leave", lambda: self._leave(session.id))

    def close_session(self) -> None:
        """Go home; the session itself goes on or is over."""
        self._store.dispatch(actions.SessionLeft())
        # In order, because that queue is emptied even when the app is closed in this moment.
        self._runner.in_order(self._forget_session)

    def retry_now(self) -> None:
        """Connect at once instead of waiting for the next attempt."""
        self._live.retry_now()

    # The rest

    def load_preferences(self) -> None:
        """Read the preferences from the server."""
        self._runner.run("load_preferences", lambda: self._tell_preferences(self._api.preferences()))

    def save_preferences(self, preferences: Preferences) -> None:
        """Keep the preferences on the server."""

        def save() -> None:
            self._tell_preferences(self._api.save_preferences(preferences))
            self._store.dispatch(actions.NoticeShown("info", "Your preferences are saved."))

        self._runner.run("save_preferences", save)

    def dismiss_notice(self) -> None:
        """The user has seen the notice."""
        self._store.dispatch(actions.NoticeDismissed())

    def shutdown(self) -> None:
        """Stop everything, for the end of the program. What was swiped is kept and sent the next time."""
        self._decks.stop()
        self._runner.stop()
        self._live.close(wait_seconds=LAST_WORDS_SECONDS)
        self._api.close()
        self._memory.close()
        if self._at_end is not None:
            self._at_end()

    # How it is done

    def _sign_in(self, name: str, request: Callable[[], User]) -> None:
        def sign_in() -> None:
            self._signed_in(request())
            self._reopen()

        def refused(error: ApiError) -> None:
            self._store.dispatch(actions.SignInFailed(error.detail, error.field_errors))

        self._store.dispatch(actions.SigningIn())
        self._runner.run(name, sign_in, on_error=refused)

    def _signed_in(self, user: User) -> None:
        self._memory.remember_user(user)
        self._store.dispatch(actions.SignedIn(user))

    def _restore(self) -> None:
        if not self._api.has_tokens():
            self._store.dispatch(actions.SignedOut())
            return
        self._signed_in(self._api.verify())
        self._reopen()

    def _restore_without_server(self, error: ApiError) -> None:
        user = self._memory.user()
        if error.signed_out:
            self._sign_out(None)
        elif user is None:
            self._store.dispatch(actions.SignedOut(error.detail))
        else:
            self._store.dispatch(actions.SignedIn(user))
            self._store.dispatch(actions.NoticeShown("error", error.detail))
            self._reopen()

    def _reopen(self) -> None:
        """Go on with the session that was open when the app ended or the log-in ran out."""
        user = self._store.state.auth.user
        session_id = None if user is None else self._memory.open_session(user.id)
        if session_id is None:
            return
        try:
            self._open_session(session_id)
        except ApiError:
            # The session has ended or is not ours any more: home is the right place, and no surprise.
            self._memory.forget_open_session()

    def _open_session(self, session_id: str) -> None:
        try:
            self._enter(self._api.session(session_id))
        except ApiError as error:
            if not error.unreachable:
                raise
            # The socket keeps trying, and its welcome brings the session.
            self._connect(session_id)

    def _enter(self, snapshot: Snapshot) -> None:
        self._store.dispatch(actions.SessionOpened(snapshot.id))
        self._store.dispatch(actions.SnapshotReceived(snapshot))
        if snapshot.status in OVER:
            self._live.close()
        else:
            self._connect(snapshot.id)

    def _connect(self, session_id: str) -> None:
        user = self._store.state.auth.user
        if user is None:
            return
        self._memory.remember_open_session(user.id, session_id)
        self._store.dispatch(actions.SessionOpened(session_id))
        self._decks.forget()
        bridge = LiveBridge(
            session_id,
            store=self._store,
            decks=self._decks,
            count_pending=self._live.pending_swipes,
            on_stopped=self._stopped,
        )
        self._live.open(session_id, user.id, bridge)

    def _operate(self, operation: str, content: dict[str, Any]) -> None:
        session = self._store.state.session
        name = COMMAND_OF_OPERATION[operation]
        if session is None or name in self._store.state.busy:
            return
        self._store.dispatch(actions.CommandStarted(name))

        def keep_and_send() -> None:
            if not self._kept(session.id, operation, content):
                self._store.dispatch(actions.CommandFinished(name))

        self._runner.in_order(keep_and_send)

    def _kept(self, session_id: str, operation: str, content: dict[str, Any]) -> bool:
        """Whether the operation is safe on the disk and will be sent; if not, the user is told."""
        try:
            kept = self._live.submit(session_id, operation, content)
        except OutboxError as failure:
            self._store.dispatch(actions.NoticeShown("error", str(failure)))
            return False
        if not kept:
            self._store.dispatch(actions.NoticeShown("error", NOT_CONNECTED))
        return kept

    def _leave(self, session_id: str) -> None:
        try:
            self._api.leave(session_id)
        except ApiError as error:
            if error.signed_out:
                raise
            # Whatever the reason, nobody is kept in a session against their will.
            text = "The server could not be told that you left; the others may see you as away."
            self._store.dispatch(actions.NoticeShown("info", text))
        self._store.dispatch(actions.SessionLeft())
        self._forget_session()

    def _forget_session(self) -> None:
        self._memory.forget_open_session()
        self._live.close()

    def _stopped(self, stopped: Stopped) -> None:
        """The connection ended for good: say why, unless that is what everybody expects."""
        self._live.close()
        if stopped.reason == "signed_out":
            self._sign_out(stopped.detail)
        elif stopped.reason == "ended":
            self._runner.in_background(self._look_how_it_ended)
        else:
            self._store.dispatch(actions.NoticeShown("error", stopped.detail))
        if stopped.reason == "not_a_participant":
            self._memory.forget_open_session()
            self._store.dispatch(actions.SessionLeft())

    def _look_how_it_ended(self) -> None:
        """The server may have said goodbye before its last event got through."""
        session = self._store.state.session
        if session is not None and session.status not in OVER:
            self._store.dispatch(actions.SnapshotReceived(self._api.session(session.id)))

    def _sign_out(self, reason: str | None) -> None:
        self._live.close()
        self._store.dispatch(actions.SignedOut(reason))

    def _tell_preferences(self, preferences: Preferences) -> None:
        self._store.dispatch(actions.PreferencesLoaded(preferences))
