"""What the user is told, wherever in the app they are: heard live, kept until seen, and acted on."""

from __future__ import annotations

from collections.abc import Callable

from client.net import events, signals
from client.net.api import ApiClient
from client.net.errors import ApiError
from client.store import actions, group_actions
from client.store.group_reducer import SESSION_STARTED, SessionInvitation, session_invitations
from client.store.groups import Groups
from client.store.live_slot import LiveFactory, LiveSlot
from client.store.open_session import OpenSession
from client.store.runner import CommandRunner
from client.store.state import AppState
from client.store.store import Store
from client.told_words import told
from client.words import _, marked

TOO_LATE = frozenset({"unknown_code", "session_over"})
"""What the server calls the refusal to let anybody into a session that is over."""

OVER = marked("Too late: {host}'s session with {group} is over. Start another one!")


def listener(state: AppState) -> str | None:
    """The user whose inbox is to be heard: somebody with an account, whom no session's socket tells the same."""
    user = state.auth.user
    if state.auth.status != "signed_in" or user is None or user.guest or state.open_session_id is not None:
        return None
    return user.id


class Inbox:
    """Follows the state: its connection is open whenever `listener` names somebody.

    `on_signed_out` gets a sentence when the connection finds the log-in over.
    """

    def __init__(
        self,
        *,
        store: Store,
        api: ApiClient,
        runner: CommandRunner,
        live_factory: LiveFactory,
        session: OpenSession,
        groups: Groups,
        on_signed_out: Callable[[str], None],
    ) -> None:
        self._store = store
        self._api = api
        self._runner = runner
        self._session = session
        self._groups = groups
        self._on_signed_out = on_signed_out
        self._live = LiveSlot(live_factory)
        self._heard: str | None = None
        self._stops = (
            store.subscribe(listener, lambda _: runner.in_order(self._follow)),
            store.subscribe(_session_id, self._session_entered),
        )

    def join(self, notification_id: str) -> None:
        """Accept an invitation to a session; it goes away when the user is in, or when it comes too late."""
        invitation = self._invitation(notification_id)
        if invitation is None:
            return

        def refused(error: ApiError) -> None:
            if error.code not in TOO_LATE:
                self._runner.show(error)
                return
            self.dismiss(notification_id)
            words = _(OVER).format(host=invitation.host_name, group=invitation.group_name)
            self._store.dispatch(actions.NoticeShown("info", words))

        def enter() -> None:
            self._session.enter(self._api.join_session(invitation.code))

        self._runner.run("join_invitation", enter, on_error=refused)

    def dismiss(self, notification_id: str) -> None:
        """The user has seen a notification: it goes away here, and wherever else the user looks."""
        self._store.dispatch(group_actions.NotificationSeen(notification_id))

        def mark() -> None:
            try:
                self._api.mark_read(notification_id)
            except ApiError:
                # It comes back with the next list then, which does no harm.
                return

        self._runner.in_background(mark)

    def retry_now(self) -> None:
        """Connect at once instead of waiting for the next attempt."""
        self._live.retry_now()

    def hang_up(self) -> None:
        """Close the connection."""
        self._heard = None
        self._live.close()

    def stop(self) -> None:
        """Follow no longer, for the end of the program."""
        for stop in self._stops:
            stop()
        self.hang_up()

    def _follow(self) -> None:
        wanted = listener(self._store.state)
        if wanted == self._heard:
            return
        self.hang_up()
        if wanted is not None:
            self._heard = wanted
            self._live.open(None, wanted, self._hear)

    def _hear(self, signal: signals.Signal) -> None:
        """Called on the connection's thread."""
        match signal:
            case signals.InboxOpened():
                self._runner.in_background(self._read)
            case signals.EventReceived(_, events.Event(body=events.Notified(notification))):
                self._store.dispatch(group_actions.Notified(notification))
                if notification.kind != SESSION_STARTED:
                    self._store.dispatch(actions.NoticeShown("info", told(notification)))
                self._groups.refresh()
            case signals.Stopped("signed_out", detail):
                self._on_signed_out(detail)
            case _:
                # How the connection is doing is shown in sessions only: here it costs nobody anything.
                return

    def _read(self) -> None:
        user_id = self._heard
        try:
            notifications = self._api.notifications()
            groups = self._api.groups()
        except ApiError:
            # What comes from now on is told live, and the next connection reads again.
            return
        user = self._store.state.auth.user
        if user is not None and user.id == user_id:
            self._store.dispatch(group_actions.InboxRead(notifications, groups))

    def _session_entered(self, session_id: str | None) -> None:
        for notification in self._store.state.notifications:
            if session_id is not None and notification.about.get("session_id") == session_id:
                self.dismiss(notification.id)

    def _invitation(self, notification_id: str) -> SessionInvitation | None:
        invitations = session_invitations(self._store.state)
        return next((one for one in invitations if one.notification_id == notification_id), None)


def _session_id(state: AppState) -> str | None:
    return None if state.session is None else state.session.id
