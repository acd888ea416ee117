"""What this process holds of live sessions: their current state and the sockets of their participants."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from bson import ObjectId

from backend.infra.event_bus import EventBus, Message, Numbered, Passing, Position, SwipedCards
from backend.sessions.live_socket import MOST_DEVICES
from backend.sessions.participant_socket import ParticipantSocket
from backend.sessions.state import Session
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Tally

_log = structlog.stdlib.get_logger(__name__)

_UNUSED_SECONDS = 60
# After these, who must agree or whether the clock runs is another: there may be a match, or an end.
_DECISIVE = tuple(f'"type":"{kind}"' for kind in ("participant_left", "participant_gone", "resumed"))


@dataclass(slots=True)
class Room:
    """One session in this process.

    Attributes:
        session: as last read; `stale` once an event tells that MongoDB has a newer one.
        swiped: by round and participant, the cards swiped, here and, as far as it was heard, elsewhere.
        entries: by round and participant, how many entries are in the log, those of this process at least.
        position: the last event that was handed to the sockets; None before the first.
        shown: who was connected when that was last compared with what is true; None before.
    """

    session: Session
    swiped: dict[tuple[int, ObjectId], frozenset[ObjectId]] = field(default_factory=dict)
    entries: dict[tuple[int, ObjectId], int] = field(default_factory=dict)
    stale: bool = False
    sockets: set[ParticipantSocket] = field(default_factory=set)
    position: Position | None = None
    shown: frozenset[str] | None = None
    used_at: float = field(default_factory=time.monotonic)

    def has(self, user_id: ObjectId) -> bool:
        """Whether one of the user's sockets is in this process."""
        return any(socket.user_id == user_id for socket in self.sockets)

    def take_swiped(self, swiped: SwipedCards) -> int:
        """Note cards that a participant has swiped; how many of that round that makes in all."""
        key = (swiped.round, swiped.participant_id)
        known = frozenset() if swiped.all_of_round else self.swiped.get(key, frozenset())
        self.swiped[key] = known | swiped.items
        return len(self.swiped[key])

    def has_finished(self, user_id: ObjectId) -> bool:
        """Whether a participant has swiped all their cards of the running round."""
        swiped = self.swiped.get((self.session.round, user_id), frozenset())
        deck = self.session.deck_of(user_id)
        return self.session.round > 0 and len(swiped) >= len(deck) and swiped.issuperset(deck)

    def entries_of(self, user_id: ObjectId) -> int:
        """How many entries of a participant the running round has in the log."""
        return self.entries.get((self.session.round, user_id), 0)

    def count_entry(self, user_id: ObjectId) -> None:
        """Note that a participant's entry was queued for the log."""
        self.entries[self.session.round, user_id] = self.entries_of(user_id) + 1

    def take_count(self, number: int, counted: Tally) -> None:
        """Take what the log says of a round: another process may have written some of it."""
        for user_id, items in counted.swiped.items():
            self.take_swiped(SwipedCards(self.session.id, user_id, number, items))
        for user_id, entries in counted.entries.items():
            self.entries[number, user_id] = max(entries, self.entries.get((number, user_id), 0))


class Rooms:
    """All rooms of this process."""

    def __init__(self, store: SessionStore, swipes: SwipeLog, bus: EventBus) -> None:
        self._store = store
        self._swipes = swipes
        self._bus = bus
        self._rooms: dict[ObjectId, Room] = {}
        self._undecided: Callable[[ObjectId], None] = lambda _session_id: None

    def when_undecided(self, look_at: Callable[[ObjectId], None]) -> None:
        """Have `look_at` called with sessions in which something heard elsewhere may have made a match or an end."""
        self._undecided = look_at

    def room(self, session_id: ObjectId) -> Room:
        """The room, read from MongoDB if this process does not hold it.

        Raises:
            NotFound: `session_not_found`.
        """
        room = self._rooms.get(session_id)
        if room is None:
            read = self._store.load(session_id)
            counted = self._swipes.tally(read) if read.round else None
            # Stale, because an event may have come while it was read and was not known here.
            room = self._rooms.setdefault(session_id, Room(read, stale=True))
            if counted is not None:
                room.take_count(read.round, counted)
        room.used_at = time.monotonic()
        return room

    def current(self, room: Room) -> Session:
        """The room's session, read again if an event has told of a newer one, or if events are not heard."""
        return self.fresh(room) if room.stale or not self._bus.hearing else room.session

    def fresh(self, room: Room) -> Session:
        """The room's session as MongoDB has it now."""
        room.stale = False
        try:
            session = self._store.load(room.session.id)
        except BaseException:
            room.stale = True
            raise
        if session.version >= room.session.version:
            room.session = session
        return room.session

    def enter(self, socket: ParticipantSocket) -> Room:
        """Add the socket of a participant; from now on it gets every event of its session."""
        room = self.room(socket.session_id)
        own = [other for other in room.sockets if other.user_id == socket.user_id]
        if len(own) >= MOST_DEVICES:
            min(own, key=lambda other: other.since).give_way()
        room.sockets.add(socket)
        return room

    def align(self, room: Room, position: Position, newcomer: ParticipantSocket) -> None:
        """Take the position a newcomer starts from. Where numbers have begun again, the others must come back too."""
        if room.position is None:
            room.position = position
        elif room.position.epoch != position.epoch:
            newcomer.forget_held_events()
            self._lost_order(room, position, but=newcomer)

    def exit(self, socket: ParticipantSocket) -> bool:
        """Take a socket out; True where it was the user's last one in this process."""
        room = self._rooms.get(socket.session_id)
        if room is None or socket not in room.sockets:
            return False
        room.sockets.discard(socket)
        return not room.has(socket.user_id)

    def pass_local(self, session_id: ObjectId, frame: str) -> None:
        """Hand a frame that only matters now to the sockets of this process."""
        room = self._rooms.get(session_id)
        for socket in tuple(room.sockets) if room else ():
            socket.pass_frame(frame)

    def show_presence(self, session_id: ObjectId, connected: frozenset[str]) -> None:
        """Tell the sockets of this process who is there, where that is not what they were told last.

        Of most changes they heard at once; not of those whose process died, or that Valkey did not pass on.
        """
        room = self._rooms.get(session_id)
        if room is None:
            return
        people = [p for p in room.session.members if not p.gone]
        before, room.shown = room.shown, connected
        for user_id in (str(p.user_id) for p in people):
            if (user_id in connected) != (user_id in before if before is not None else True):
                status = "connected" if user_id in connected else "away"
                self.pass_local(session_id, presence_frame(user_id, status))

    def occupied(self) -> list[Session]:
        """The sessions, as last read, of which a socket is in this process."""
        return [room.session for room in self._rooms.values() if room.sockets]

    def everybody(self) -> list[ParticipantSocket]:
        """All sockets of this process."""
        return [socket for room in self._rooms.values() for socket in room.sockets]

    def drop_unused(self) -> None:
        """Forget rooms that have no socket and were not used for a while."""
        before = time.monotonic() - _UNUSED_SECONDS
        for session_id, room in list(self._rooms.items()):
            if not room.sockets and room.used_at < before:
                del self._rooms[session_id]

    def hear(self, message: Message) -> None:
        """Take from the bus what concerns sessions."""
        if isinstance(message, Numbered):
            room = self._rooms.get(message.session_id)
            if room is not None:
                self._hear_numbered(room, message)
        elif isinstance(message, Passing):
            self._hear_passing(message)

    def catch_up(self) -> None:
        """Fetch what was published while the bus was not heard."""
        for room in list(self._rooms.values()):
            room.stale = True
            if room.position is not None and room.sockets:
                self._deliver_since(room, room.position)

    def take_over(self, newcomer: ParticipantSocket) -> None:
        """Close the user's other sockets in this session, here and elsewhere."""
        self._give_way(newcomer.session_id, newcomer.user_id, but=newcomer)
        self._bus.pass_on(Passing(taken_over=[(newcomer.session_id, newcomer.user_id)]))

    def _give_way(
        self, session_id: ObjectId, user_id: ObjectId, but: ParticipantSocket | None = None
    ) -> None:
        room = self._rooms.get(session_id)
        for socket in tuple(room.sockets) if room else ():
            if socket.user_id == user_id and socket is not but:
                socket.give_way()

    def _hear_passing(self, message: Passing) -> None:
        for session_id, frame in message.frames:
            self.pass_local(session_id, frame)
        for session_id, user_id in message.taken_over:
            self._give_way(session_id, user_id)
        for swiped in message.swiped:
            room = self._rooms.get(swiped.session_id)
            if room is not None:
                room.take_swiped(swiped)
                if room.has_finished(swiped.participant_id):
                    self._undecided(swiped.session_id)

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
        for seq, frame in enumerate(frames, start=last.seq - len(frames) + 1):
            if seq > known:
                for socket in tuple(room.sockets):
                    socket.deliver(seq, frame)
                if any(kind in frame for kind in _DECISIVE):
                    self._undecided(room.session.id)
        if last.seq > known:
            room.position = last

    def _lost_order(
        self, room: Room, position: Position | None, but: ParticipantSocket | None = None
    ) -> None:
        """Valkey lost its memory: numbers began again, so every client needs a snapshot."""
        _log.warning("history_lost", session_id=str(room.session.id), sockets=len(room.sockets))
        room.position = position
        for socket in tuple(room.sockets):
            if socket is not but:
                socket.ask_to_reconnect()


def presence_frame(user_id: str, status: str) -> str:
    """That somebody's connection is lost or back."""
    told = {"participant_id": user_id, "status": status}
    return json.dumps(
        {"type": "presence", "at": time.time_ns() // 1_000_000, "data": told}, separators=(",", ":")
    )
