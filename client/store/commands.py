"""What the user can do. Every method returns at once; what comes of it is seen in the store, nowhere else.

While one runs, its name is in `AppState.busy`; calling it again meanwhile does nothing. A failure becomes a
notice, or for registering, logging in and claiming the form's errors in `AppState.auth`.
"""

from __future__ import annotations

from collections.abc import Callable

from client.net.api import ApiClient
from client.net.browser_log_in import OpenBrowser
from client.net.values import Direction, EnergyLevel, Menu, MotionKind, Preferences
from client.store import actions, group_actions
from client.store.account_commands import AccountCommands
from client.store.agreements import Agreements
from client.store.front_door import FrontDoor
from client.store.groups import Groups
from client.store.inbox import Inbox
from client.store.live_slot import LiveFactory
from client.store.memory import Memory
from client.store.open_session import OpenSession
from client.store.own_account import OwnAccount
from client.store.runner import CommandRunner
from client.store.store import Store


class Commands(AccountCommands):
    """The user's intentions, carried out on a few threads of their own.

    `open_browser` shows an address in the system's browser. `at_end` is called when `shutdown` has stopped everything
    that might still use what it closes.
    """

    def __init__(
        self,
        store: Store,
        api: ApiClient,
        live_factory: LiveFactory,
        local: Memory,
        *,
        open_browser: OpenBrowser,
        at_end: Callable[[], None] | None = None,
    ) -> None:
        self._api = api
        self._memory = local
        self._at_end = at_end
        self._before_end: list[Callable[[], None]] = []
        self._runner = CommandRunner(store, on_signed_out=self._log_in_over)
        self._session = OpenSession(
            store=store,
            api=api,
            runner=self._runner,
            memory=local,
            live_factory=live_factory,
            on_signed_out=self._log_in_over,
        )
        self._groups = Groups(store=store, api=api, runner=self._runner)
        self._inbox = Inbox(
            store=store,
            api=api,
            runner=self._runner,
            live_factory=live_factory,
            session=self._session,
            groups=self._groups,
            on_signed_out=self._log_in_over,
        )
        self._agreements = Agreements(store=store, api=api, runner=self._runner)
        door = FrontDoor(
            agreements=self._agreements,
            store=store,
            api=api,
            runner=self._runner,
            memory=local,
            session=self._session,
            inbox=self._inbox,
            on_signed_out=self._sign_out,
            open_browser=open_browser,
        )
        own_account = OwnAccount(
            store=store,
            api=api,
            runner=self._runner,
            memory=local,
            session=self._session,
            inbox=self._inbox,
            on_signed_out=self._sign_out,
        )
        super().__init__(store, door, own_account, self._agreements)

    @property
    def runner(self) -> CommandRunner:
        """What carries the commands out, for those that have a class of their own."""
        return self._runner

    # Sessions

    def create_session(
        self, menu: Menu, round_seconds: list[int] | None = None, *, group_id: str | None = None
    ) -> None:
        """Open a new session as its host; `round_seconds` are the rounds' lengths, None the server's own.

        The members of its group, if it has one, are told at once.
        """

        def create() -> None:
            self._session.enter(self._api.create_session(menu, round_seconds, group_id=group_id))

        self._runner.run("create_session", create)

    def join_session(self, code: str) -> None:
        """Join by the code somebody read out; case and spaces do not matter."""
        self._runner.run("join_session", lambda: self._session.enter(self._api.join_session(code)))

    def open_session(self, session_id: str) -> None:
        """Go (back) into a session this user belongs to."""
        self._runner.run("open_session", lambda: self._session.open(session_id))

    def set_energy(self, level: EnergyLevel) -> None:
        """Vote for an energy level."""
        self._session.operate("energy", {"level": level})

    def set_ready(self, ready: bool) -> None:
        """Say that one is ready for the first round, or no longer."""
        self._session.operate("ready", {"ready": ready})

    def start(self) -> None:
        """Start the first round at once (the host's right)."""
        self._session.operate("start", {})

    def swipe(self, item_id: str, direction: Direction) -> None:
        """Swipe a card: it leaves at once; it comes back, with a notice, if the server refuses."""
        self._session.swipe(item_id, direction)

    def undo(self) -> None:
        """Take the last swipe of this round back: its card is on top again, unless the server refuses."""
        self._session.undo()

    def vote(self, motion: MotionKind, in_favour: bool) -> None:
        """Vote on a motion; a vote in favour of one that is not open asks for it."""
        self._session.vote(motion, in_favour)

    def toss(self) -> None:
        """Have a tied first place settled by a coin (the host's right)."""
        self._session.operate("toss", {})

    def chat(self, text: str) -> None:
        """Say something to everybody; blank text says nothing."""
        self._session.chat(text)

    def react(self, emoji: str) -> None:
        """Show everybody a feeling, if the connection stands."""
        self._session.react(emoji)

    def see_messages(self) -> None:
        """The user has looked at the chat."""
        session = self._store.state.session
        if session is not None:
            self._store.dispatch(actions.MessagesSeen(session.id))

    def leave(self) -> None:
        """Leave the session for good and go home."""
        session = self._store.state.session
        if session is not None:
            self._runner.run("leave", lambda: self._session.leave(session.id))

    def close_session(self) -> None:
        """Go home; the session itself goes on or is over."""
        self._session.go_home()

    def retry_now(self) -> None:
        """Connect at once instead of waiting for the next attempt."""
        self._session.retry_now()
        self._inbox.retry_now()

    # Groups, and what one is told

    def load_groups(self) -> None:
        """Read the user's groups again, if there can be any."""
        self._groups.refresh()

    def create_group(self, name: str) -> None:
        """Found a group."""
        self._groups.create(name)

    def join_group(self, token: str) -> None:
        """Join the group whose invite link has this token (see `client.join_code.group_token`)."""
        self._groups.join(token)

    def leave_group(self, group_id: str) -> None:
        """Leave a group."""
        self._groups.leave(group_id)

    def drop_group_invitation(self) -> None:
        """Do not follow the link to a group that the app was started with."""
        self._store.dispatch(group_actions.GroupInvitationDropped())

    def join_invitation(self, notification_id: str) -> None:
        """Join the session that a group's member has started."""
        self._inbox.join(notification_id)

    def dismiss_notification(self, notification_id: str) -> None:
        """The user has seen what the notification says."""
        self._inbox.dismiss(notification_id)

    # The rest

    def load_preferences(self) -> None:
        """Read the preferences from the server."""
        self._runner.run("load_preferences", lambda: self._tell_preferences(self._api.preferences()))

    def save_preferences(self, preferences: Preferences) -> None:
        """Keep the preferences on the server."""
        self._agreements.save_preferences(preferences)

    def dismiss_notice(self) -> None:
        """The user has seen the notice."""
        self._store.dispatch(actions.NoticeDismissed())

    def before_end(self, stop: Callable[[], None]) -> None:
        """Have `shutdown` call this first: something else works with the same connections."""
        self._before_end.append(stop)

    def shutdown(self) -> None:
        """Stop everything, for the end of the program. What was swiped is kept and sent the next time."""
        for stop in self._before_end:
            stop()
        self._door.cancel()
        self._inbox.stop()
        self._runner.stop()
        self._session.stop()
        self._api.close()
        self._memory.close()
        if self._at_end is not None:
            self._at_end()

    def _log_in_over(self, reason: str) -> None:
        """The server says that the log-in is over; whoever has been told why already is not told again."""
        if self._store.state.auth.status != "signed_out":
            self._sign_out(reason)

    def _sign_out(self, reason: str | None) -> None:
        self._session.hang_up()
        self._inbox.hang_up()
        self._store.dispatch(actions.SignedOut(reason))

    def _tell_preferences(self, preferences: Preferences) -> None:
        self._store.dispatch(actions.PreferencesLoaded(preferences))
