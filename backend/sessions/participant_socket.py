"""A participant's socket: what the room hands it, in order, and what must end it."""

from __future__ import annotations

from collections.abc import Sequence

from bson import ObjectId

from backend.errors import Busy
from backend.http.access import Caller
from backend.infra.allowance import Allowance
from backend.infra.websocket import NORMAL, WebSocket
from backend.sessions.live_socket import LiveSocket

_CHANGES_PER_SECOND = 2
_CHANGES_AT_ONCE = 30
_HISTORY_AT_ONCE = 100
# Frames are ours and compact; inside a text of a user these quotes would be escaped.
_LEFT = '"type":"participant_left"'
_ENDED = ('"type":"session_closed"', '"type":"expired"')


class ParticipantSocket(LiveSocket):
    """One socket of one participant in one session.

    Whatever the room hands over before the client has been welcomed is held back, so that order never breaks.
    """

    __slots__ = ("_changes", "_held", "_leaving", "_seq", "session_id")

    def __init__(self, ws: WebSocket, session_id: ObjectId, caller: Caller) -> None:
        super().__init__(ws, caller)
        self.session_id = session_id
        self._held: list[tuple[int | None, str]] | None = []
        self._seq = 0
        self._leaving = False
        self._changes: Allowance | None = None

    def deliver(self, seq: int, frame: str) -> None:
        """Hand over a numbered event; one that was sent before is passed over."""
        if self._held is not None:
            self._held.append((seq, frame))
        elif seq > self._seq:
            self._seq = seq
            self._ws.send(frame)
            if not self._leaving and self._ends_part(frame):
                self._ws.close(NORMAL, "left or closed")

    def pass_frame(self, frame: str) -> None:
        """Hand over a frame without a number."""
        if self._held is not None:
            self._held.append((None, frame))
        else:
            self._ws.send_lazily(frame)

    def forget_held_events(self) -> None:
        """Numbers have begun again: events held so far belong to the old ones, and a snapshot is to come."""
        if self._held is not None:
            self._held = [(seq, frame) for seq, frame in self._held if seq is None]

    def welcome(self, frame: str, missed: Sequence[str], after: int) -> None:
        """Send the welcome and the history that follows it, then what was held meanwhile; hold no more.

        Args:
            missed: events up to number `after`, at the pace at which the client reads.
        """
        self._ws.send(frame)
        for start in range(0, len(missed), _HISTORY_AT_ONCE):
            for event in missed[start : start + _HISTORY_AT_ONCE]:
                self._ws.send(event)
            self._ws.flush()
        self._seq = after
        held, self._held = self._held or [], None
        for seq, waiting in held:
            if seq is None:
                self.pass_frame(waiting)
            else:
                self.deliver(seq, waiting)

    def leave(self) -> None:
        """The participant is leaving through this socket: the answer still has to go out before it closes."""
        self._leaving = True

    def stay(self) -> None:
        """They could not leave."""
        self._leaving = False

    def require_patience(self) -> None:
        """Take one change that everybody is told of from the allowance for those.

        Raises:
            Busy: `too_many_changes`.
        """
        if self._changes is None:
            self._changes = Allowance(_CHANGES_PER_SECOND, _CHANGES_AT_ONCE)
        if not self._changes.take():
            raise Busy(
                "That is a lot of changes at once. Wait a moment.", code="too_many_changes", retry_after=1
            )

    def left(self) -> None:
        """The participant has left, and has been told."""
        self._ws.close(NORMAL, "left")

    def _ends_part(self, frame: str) -> bool:
        if _LEFT in frame:
            return f'"participant_id":"{self.user_id}"' in frame
        return any(kind in frame for kind in _ENDED)
