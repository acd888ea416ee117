"""The live sockets of this process by user, in sessions and with inboxes: what concerns a user reaches them all."""

from __future__ import annotations

from bson import ObjectId

from backend.errors import Busy
from backend.infra.event_bus import Addressed, Message, Revoked
from backend.infra.metrics import ACTIVE_USERS
from backend.sessions.live_socket import MOST_DEVICES, LiveSocket


class InboxSocket(LiveSocket):
    """A socket of a user who is in no session with it: it gets what the user is told (docs/product.md M5)."""

    __slots__ = ()

    def welcome(self, frame: str) -> None:
        """Send the welcome. What was told before it is in the inbox."""
        self._ws.send(frame)


class Sockets:
    """All live sockets of this process."""

    def __init__(self) -> None:
        self._of_user: dict[ObjectId, list[LiveSocket]] = {}
        self._closing = False

    def enter(self, socket: LiveSocket) -> None:
        """Add a socket; from now on it gets what its user is told. Of one inbox too many the oldest gives way.

        Raises:
            Busy: this process is stopping.
        """
        if self._closing:
            raise Busy("This server is restarting.", retry_after=1)
        own = self._of_user.setdefault(socket.user_id, [])
        inboxes = [other for other in own if isinstance(other, InboxSocket)]
        if isinstance(socket, InboxSocket) and len(inboxes) >= MOST_DEVICES:
            inboxes[0].give_way()
        own.append(socket)
        ACTIVE_USERS.set(len(self._of_user))

    def exit(self, socket: LiveSocket) -> None:
        """Take a socket out. Harmless to repeat."""
        own = self._of_user.get(socket.user_id, [])
        if socket in own:
            own.remove(socket)
        if not own:
            self._of_user.pop(socket.user_id, None)
        ACTIVE_USERS.set(len(self._of_user))

    def everybody(self) -> list[LiveSocket]:
        """All sockets of this process."""
        return [socket for own in self._of_user.values() for socket in own]

    def close(self) -> None:
        """Let nobody in any more."""
        self._closing = True

    def hear(self, message: Message) -> None:
        """Take from the bus what concerns users, whatever sessions they are in."""
        if isinstance(message, Addressed):
            for user_id, frame in message.frames:
                for socket in tuple(self._of_user.get(user_id, ())):
                    socket.pass_frame(frame)
        elif isinstance(message, Revoked):
            for socket in self.everybody():
                if socket.auth_session_id == message.auth_session_id:
                    socket.end_log_in()
