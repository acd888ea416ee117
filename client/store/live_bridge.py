"""Turns what the live connection signals into actions."""

from __future__ import annotations

from collections.abc import Callable

from client.net import events, signals
from client.net.values import Snapshot
from client.store import actions, group_actions
from client.store.deck_loader import DeckLoader
from client.store.store import Store
from client.words import _, marked

COMMAND_OF_OPERATION = {
    "energy": "set_energy",
    "ready": "set_ready",
    "start": "start",
    "vote": "vote",
    "toss": "toss",
}
"""Commands that run until the server has answered their operation."""

TALK = frozenset({"chat", "react"})
LATE_SWIPE = marked("The round was over before your last swipe arrived, so that did not count.")


class LiveBridge:
    """For the connection of one session; called on that connection's thread."""

    def __init__(
        self,
        session_id: str,
        *,
        store: Store,
        decks: DeckLoader,
        count_pending: Callable[[], int],
        load_messages: Callable[[str], None],
        on_stopped: Callable[[signals.Stopped], None],
    ) -> None:
        self._session_id = session_id
        self._store = store
        self._decks = decks
        self._count_pending = count_pending
        self._load_messages = load_messages
        self._on_stopped = on_stopped

    def __call__(self, signal: signals.Signal) -> None:
        """Tell the store what happened."""
        match signal:
            case signals.StatusChanged(status, attempts, retry_at, hint):
                self._store.dispatch(
                    actions.ConnectionChanged(self._session_id, status, attempts, retry_at, hint)
                )
            case signals.ClockMeasured(offset):
                self._store.dispatch(actions.ClockMeasured(offset))
            case signals.Welcomed(_, snapshot):
                self._welcomed(snapshot)
            case signals.EventReceived(_, events.Event(body=events.Notified(notification))):
                self._store.dispatch(group_actions.Notified(notification))
            case signals.EventReceived(epoch, event):
                self._store.dispatch(actions.LiveEvent(self._session_id, epoch, event))
                if isinstance(event.body, events.StartRefused):
                    self._store.dispatch(actions.NoticeShown("error", event.body.detail))
                self._decks.ensure()
            case signals.Replied():
                self._replied(signal)
            case signals.Stopped():
                self._on_stopped(signal)

    def _welcomed(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self._store.dispatch(actions.SnapshotReceived(snapshot))
            # Whatever was said while we were away is in no snapshot.
            self._load_messages(self._session_id)
        self._store.dispatch(actions.PendingSwipesCounted(self._session_id, self._count_pending()))
        self._decks.ensure()

    def _replied(self, reply: signals.Replied) -> None:
        name, content = reply.operation.name, reply.operation.data
        if name == "swipe":
            self._swipe_answered(reply, str(content["item"]))
        elif name == "undo":
            self._undo_answered(reply)
        elif name == "energy" and reply.error_code is None:
            self._store.dispatch(actions.EnergyChosen(self._session_id, content["level"]))
        if name in COMMAND_OF_OPERATION:
            self._store.dispatch(actions.CommandFinished(COMMAND_OF_OPERATION[name]))
        if reply.error_code is not None and (name in COMMAND_OF_OPERATION or name in TALK):
            self._store.dispatch(actions.NoticeShown("error", reply.detail))

    def _swipe_answered(self, reply: signals.Replied, item_id: str) -> None:
        self._store.dispatch(actions.PendingSwipesCounted(self._session_id, self._count_pending()))
        if reply.error_code is None:
            return
        number = _round_of(reply.operation)
        self._store.dispatch(actions.SwipeRejected(self._session_id, number, item_id))
        session = self._store.state.session
        if session is not None and session.running:
            # After the end nobody misses a swipe, so a late refusal is no news then.
            of_this_round = number == session.round
            refused = _("That swipe did not count: {reason}").format(reason=reply.detail)
            text = refused if of_this_round else _(LATE_SWIPE)
            self._store.dispatch(actions.NoticeShown("error", text))

    def _undo_answered(self, reply: signals.Replied) -> None:
        number, shown = _round_of(reply.operation), reply.operation.note.get("shown")
        taken_back = reply.data.get("item", shown) if reply.error_code is None else None
        self._store.dispatch(actions.UndoSettled(self._session_id, number, shown, taken_back))
        session = self._store.state.session
        if reply.error_code and session is not None and session.running and number == session.round:
            text = _("That could not be taken back: {reason}").format(reason=reply.detail)
            self._store.dispatch(actions.NoticeShown("error", text))


def _round_of(operation: signals.Operation) -> int:
    """The round that it is meant for; 0, which is none, if an earlier version of the app did it."""
    return int(operation.data.get("round", 0))
