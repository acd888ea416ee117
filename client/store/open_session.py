"""The one session the user is in: entering it, acting in it, getting out of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from client.net.api import ApiClient
from client.net.errors import ApiError
from client.net.outbox import OutboxError
from client.net.signals import Stopped
from client.net.values import Direction, MotionKind, Snapshot
from client.store import actions
from client.store.deck_loader import DeckLoader
from client.store.live_bridge import COMMAND_OF_OPERATION, LiveBridge
from client.store.live_slot import LiveFactory, LiveSlot
from client.store.memory import Memory
from client.store.own_swipes import last_swiped
from client.store.runner import CommandRunner
from client.store.store import Store
from client.words import _, marked

OVER = frozenset({"expired", "closed"})
"""The statuses in which nothing happens any more: after an outcome people still talk, and may toss a coin."""

LONGEST_MESSAGE = 500
"""Characters (docs/product.md S14)."""

LAST_WORDS_SECONDS = 1.0
"""How long the end of the program waits for the socket's thread."""

NOT_OPEN = marked("This session is not open any more, so that did not count.")
NOT_TOLD = marked("The server could not be told that you left; the others may see you as away.")


class OpenSession:
    """Does the work of the commands about sessions.

    The methods that talk to the server block and raise `ApiError`: they are run as commands. `on_signed_out`
    gets a sentence when the socket finds the log-in over.
    """

    def __init__(
        self,
        *,
        store: Store,
        api: ApiClient,
        runner: CommandRunner,
        memory: Memory,
        live_factory: LiveFactory,
        on_signed_out: Callable[[str], None],
    ) -> None:
        self._store = store
        self._api = api
        self._runner = runner
        self._memory = memory
        self._on_signed_out = on_signed_out
        self._live = LiveSlot(live_factory)
        self._decks = DeckLoader(store, runner, api.deck, self._live.pending)

    # Getting in

    def enter(self, snapshot: Snapshot) -> None:
        """Show a session the server has just told about, and connect to it unless it is over."""
        self._store.dispatch(actions.SessionOpened(snapshot.id))
        self._store.dispatch(actions.SnapshotReceived(snapshot))
        if snapshot.status in OVER:
            self._live.close()
        else:
            self._connect(snapshot.id)

    def open(self, session_id: str) -> None:
        """Go into a session that is known by its id; without the server, as soon as it is back."""
        try:
            self.enter(self._api.session(session_id))
        except ApiError as error:
            if not error.unreachable:
                raise
            # The socket keeps trying, and its welcome brings the session.
            self._connect(session_id)

    def reopen(self) -> None:
        """Go on with the session that was open when the app ended or the log-in ran out."""
        user = self._store.state.auth.user
        session_id = None if user is None else self._memory.open_session(user.id)
        if session_id is None:
            return
        try:
            self.open(session_id)
        except ApiError:
            # The session has ended or is not ours any more: home is the right place, and no surprise.
            self._memory.forget_open_session()

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
            load_messages=self._load_messages,
            on_stopped=self._stopped,
        )
        self._live.open(session_id, user.id, bridge)

    # Acting

    def operate(self, operation: str, content: dict[str, Any]) -> None:
        """Have the server carry something out; the command runs until it has answered."""
        session = self._store.state.session
        name = COMMAND_OF_OPERATION[operation]
        if session is None or name in self._store.state.busy:
            return
        self._store.dispatch(actions.CommandStarted(name))

        def keep_and_send() -> None:
            if not self._kept(session.id, operation, content):
                self._store.dispatch(actions.CommandFinished(name))

        self._runner.in_order(keep_and_send)

    def swipe(self, item_id: str, direction: Direction) -> None:
        """Take a card away at once; it comes back if the swipe cannot be kept or is refused."""
        session = self._store.state.session
        if session is None or item_id in session.swiped_ids:
            return
        self._store.dispatch(actions.CardSwiped(session.id, item_id))
        content = {"item": item_id, "direction": direction, "round": session.round}

        def keep_and_send() -> None:
            if self._kept(session.id, "swipe", content):
                pending = self._live.pending_swipes()
                self._store.dispatch(actions.PendingSwipesCounted(session.id, pending))
            else:
                self._store.dispatch(actions.SwipeRejected(session.id, session.round, item_id))

        self._runner.in_order(keep_and_send)

    def undo(self) -> None:
        """Bring the last card back at once; it goes away again if the undo cannot be kept or is refused."""
        session = self._store.state.session
        if session is None or not session.can_undo:
            return
        shown = last_swiped(session)
        self._store.dispatch(actions.UndoAsked(session.id))

        def keep_and_send() -> None:
            if not self._kept(session.id, "undo", {"round": session.round}, {"shown": shown}):
                self._store.dispatch(actions.UndoSettled(session.id, session.round, shown, None))

        self._runner.in_order(keep_and_send)

    def vote(self, motion: MotionKind, in_favour: bool) -> None:
        """Vote on what somebody asked for, or ask for it."""
        self.operate("vote", {"motion": motion, "in_favour": in_favour})

    def chat(self, text: str) -> None:
        """Say something; it is kept until the server has it, and shown when it comes back from there."""
        said = text.strip()[:LONGEST_MESSAGE]
        session = self._store.state.session
        if said and session is not None:
            self._runner.in_order(lambda: self._tell(session.id, "chat", {"text": said}))

    def react(self, emoji: str) -> None:
        """Show a feeling now. Without a connection nothing is sent: it would come too late to mean anything."""
        state = self._store.state
        session = state.session
        if session is not None and state.connection.status == "connected":
            self._runner.in_order(lambda: self._tell(session.id, "react", {"emoji": emoji}))

    def _tell(self, session_id: str, operation: str, content: dict[str, Any]) -> None:
        self._kept(session_id, operation, content)

    def _kept(
        self,
        session_id: str,
        operation: str,
        content: dict[str, Any],
        note: dict[str, Any] | None = None,
    ) -> bool:
        """Whether the operation is safe on the disk and will be sent; if not, the user is told."""
        try:
            kept = self._live.submit(session_id, operation, content, note)
        except OutboxError as failure:
            self._store.dispatch(actions.NoticeShown("error", str(failure)))
            return False
        if not kept:
            self._store.dispatch(actions.NoticeShown("error", _(NOT_OPEN)))
        return kept

    def retry_now(self) -> None:
        """Connect at once instead of waiting for the next attempt."""
        self._live.retry_now()

    # Getting out

    def leave(self, session_id: str) -> None:
        """Leave for good and go home."""
        try:
            self._api.leave(session_id)
        except ApiError as error:
            if error.signed_out:
                raise
            # Whatever the reason, nobody is kept in a session against their will.
            self._store.dispatch(actions.NoticeShown("info", _(NOT_TOLD)))
        self.go_home()

    def go_home(self) -> None:
        """Close the session here; it goes on or is over."""
        self._store.dispatch(actions.SessionLeft())
        # In order, because that queue is emptied even when the app is closed in this moment.
        self._runner.in_order(self._forget)

    def hang_up(self) -> None:
        """Close the socket and keep the rest."""
        self._live.close()

    def stop(self) -> None:
        """Try nothing more, for the end of the program."""
        self._decks.stop()
        self._live.close(wait_seconds=LAST_WORDS_SECONDS)

    def _forget(self) -> None:
        self._memory.forget_open_session()
        self._live.close()

    def _stopped(self, stopped: Stopped) -> None:
        """The connection ended for good: say why, unless that is what everybody expects."""
        self._live.close()
        if stopped.reason == "signed_out":
            self._on_signed_out(stopped.detail)
        elif stopped.reason == "ended":
            self._runner.in_background(self._look_how_it_ended)
        else:
            self._store.dispatch(actions.NoticeShown("error", stopped.detail))
        if stopped.reason == "not_a_participant":
            self.go_home()

    def _load_messages(self, session_id: str) -> None:
        def load() -> None:
            try:
                messages = self._api.messages(session_id)
            except ApiError:
                # Events bring what is said from now on, and the next snapshot asks again.
                return
            self._store.dispatch(actions.MessagesLoaded(session_id, messages))

        self._runner.in_background(load)

    def _look_how_it_ended(self) -> None:
        """The server may have said goodbye before its last event got through."""
        session = self._store.state.session
        if session is not None and session.status not in OVER:
            self._store.dispatch(actions.SnapshotReceived(self._api.session(session.id)))
