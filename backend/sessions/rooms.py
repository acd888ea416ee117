"""What this process holds of live sessions: their current state and the sockets of their participants."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from bson import ObjectId

from backend.infra.event_bus import EventBus, Message, Numbered, Passing, Position, Revoked
from backend.sessions.rules import Session
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog

_log = structlog.stdlib.get_logger(__name__)

_UNUSED_SECONDS = 60


class Listener(Protocol):
    """A participant's socket, as a room sees it."""

    session_id: ObjectId
    user_id: ObjectId
    auth_session_id: str

    def deliver(self, seq: int, frame: str) -> None:
        """Hand over the event with this number."""

    def pass_frame(self, frame: str) -> None:
        """Hand over a frame that only matters now."""

    def ask_to_reconnect(self) -> None:
        """Order was lost: the client must come back and get a snapshot."""

    def end_log_in(self) -> None:
        """The log-in behind this socket was revoked."""


@dataclass(slots=True)
class Room:
    """One session in this process. `session` may be older than MongoDB's: never refuse anything by it unread.

    Attributes:
        swiped: cards swiped per participant, as far as this process has seen.
        position: the last event that was handed to the listeners; None before the first.
    """

    session: Session
    swiped: dict[ObjectId, set[ObjectId]]
    stale: bool = False
    listeners: set[Listener] = field(default_factory=set)
    position: Position | None = None
    used_at: float = field(default_factory=time.monotonic)

    def has(self, user_id: ObjectId) -> bool:
        """Whether one of the user's sockets is in this process."""
        return any(listener.user_id == user_id for listener in self.listeners)


class Rooms:
    """All rooms of this process."""

    def __init__(self, store: SessionStore, swipes: SwipeLog, bus: EventBus) -> None:
        self._store = store
        self._swipes = swipes
        self._bus = bus
        self._rooms: dict[ObjectId, Room] = {}

    def room(self, session_id: ObjectId) -> Room:
        """The room, read from MongoDB if this process does not hold it.

        Raises:
            NotFound: `session_not_found`.
        """
        room = self._rooms.get(session_id)
        if room is None:
            session = self._store.load(session_id)
            room = self._rooms.setdefault(session_id, Room(session, self._swiped(session_id)))
        room.used_at = time.monotonic()
        return room

    def fresh(self, room: Room) -> Session:
        """The room's session as MongoDB has it now."""
        room.stale = False
        session = self._store.load(room.session.id)
        if session.version >= room.session.version:
            room.session = session
        return room.session

    def recount(self, room: Room) -> None:
        """Take the swiped cards from the log: another process may have written some of them."""
        for user_id, items in self._swiped(room.session.id).items():
            room.swiped.setdefault(user_id, set()).update(items)

    def enter(self, listener: Listener) -> Room:
        """Add a socket; from now on it gets every event of its session."""
        room = self.room(listener.session_id)
        room.listeners.add(listener)
        return room

    def align(self, room: Room, position: Position, newcomer: Listener) -> None:
        """Take the position a newcomer starts from. Where numbers have begun again, the others must come back too."""
        if room.position is None:
            room.position = position
        elif room.position.epoch != position.epoch:
            self._lost_order(room, position, but=newcomer)

    def exit(self, listener: Listener) -> bool:
        """Take a socket out; True where it was the user's last one in this process."""
        room = self._rooms.get(listener.session_id)
        if room is None:
            return True
        room.listeners.discard(listener)
        return not room.has(listener.user_id)

    def pass_local(self, session_id: ObjectId, frame: str) -> None:
        """Hand a frame that only matters now to the sockets of this process."""
        room = self._rooms.get(session_id)
        for listener in tuple(room.listeners) if room else ():
            listener.pass_frame(frame)

    def everybody(self) -> list[Listener]:
        """All sockets of this process."""
        return [listener for room in self._rooms.values() for listener in room.listeners]

    def drop_unused(self) -> None:
        """Forget rooms that have no socket and were not used for a while."""
        before = time.monotonic() - _UNUSED_SECONDS
        for session_id, room in list(self._rooms.items()):
            if not room.listeners and room.used_at < before:
                del self._rooms[session_id]

    def hear(self, message: Message) -> None:
        """Take a message from the bus."""
        if isinstance(message, Numbered):
            room = self._rooms.get(message.session_id)
            if room is not None:
                self._hear_numbered(room, message)
        elif isinstance(message, Passing):
            for session_id, frame in message.frames:
                self.pass_local(session_id, frame)
        elif isinstance(message, Revoked):
            self._each(
                lambda listener: listener.end_log_in(),
                lambda one: one.auth_session_id == message.auth_session_id,
            )

    def catch_up(self) -> None:
        """Fetch what was published while the bus was not heard."""
        for room in list(self._rooms.values()):
            room.stale = True
            if room.position is not None and room.listeners:
                self._deliver_since(room, room.position)

    def _hear_numbered(self, room: Room, message: Numbered) -> None:
        room.stale = True
        known = room.position
        first = message.last.seq - len(message.frames) + 1
        if known is not None and known.epoch != message.last.epoch:
            self._lost_order(room, message.last)
        elif known is not None and first > known.seq + 1:
            self._deliver_since(room, known)
        else:
            self._deliver(room, message.last, message.frames)

    def _deliver_since(self, room: Room, known: Position) -> None:
        frames = self._bus.since(room.session.id, known)
        if frames is None:
            self._lost_order(room, None)
        elif frames:
            self._deliver(room, Position(known.epoch, known.seq + len(frames)), frames)

    def _deliver(self, room: Room, last: Position, frames: Sequence[str]) -> None:
        known = room.position.seq if room.position else 0
        first = last.seq - len(frames) + 1
        for seq, frame in enumerate(frames, start=first):
            if seq > known:
                for listener in tuple(room.listeners):
                    listener.deliver(seq, frame)
        if last.seq > known:
            room.position = last

    def _lost_order(self, room: Room, position: Position | None, but: Listener | None = None) -> None:
        """Valkey lost its memory: numbers began again, so every client needs a snapshot."""
        _log.warning("history_lost", session_id=str(room.session.id), sockets=len(room.listeners))
        room.position = position
        for listener in room.listeners - {but}:
            listener.ask_to_reconnect()

    def _each(self, act: Callable[[Listener], None], which: Callable[[Listener], bool]) -> None:
        chosen: Iterable[Listener] = [listener for listener in self.everybody() if which(listener)]
        for listener in chosen:
            act(listener)

    def _swiped(self, session_id: ObjectId) -> dict[ObjectId, set[ObjectId]]:
        return {user_id: set(items) for user_id, items in self._swipes.tally(session_id).swiped.items()}
