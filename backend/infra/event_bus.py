"""Events of live sessions on Valkey: numbered history to resume from, and one channel that every process hears.

Numbering, history and publishing happen in one script, so that no process ever sees them disagree. Announcements of a
session are taken in the order of its versions and each only once, whoever brings them and however often.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import structlog
from bson import ObjectId
from bson.errors import InvalidId

from backend.infra.valkey import VALKEY_AWAY, Breaker, Valkey

_log = structlog.stdlib.get_logger(__name__)

HISTORY_EVENTS = 2000
_HISTORY_SECONDS = 6 * 3600
_LISTEN_SECONDS = 1.0
_RETRY_SECONDS = 0.5

# Where numbering stands. Valkey may have lost some of its memory, to a failover or a crash: what it knows is then older
# than what was announced, and numbers would be given twice. That, and knowing nothing, begins a new epoch.
_STAND = """
local function stand(head, history, new_epoch, announced)
  local known = redis.call('HMGET', head, 'epoch', 'seq', 'version')
  local epoch, seq, version = known[1], tonumber(known[2] or 0), tonumber(known[3] or 0)
  if not epoch or version < announced then
    epoch, seq, version = new_epoch, 0, announced
    redis.call('DEL', head, history)
    redis.call('HSET', head, 'epoch', epoch, 'seq', seq, 'version', version)
  end
  return epoch, seq, version
end
"""

# KEYS: head, history. ARGV: epoch if a new one is needed, version announced before, seconds to keep.
_POSITION = (
    _STAND
    + """
local epoch, seq = stand(KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2]))
redis.call('EXPIRE', KEYS[1], ARGV[3])
return {epoch, seq}
"""
)

# As above, then: channel, session id, history length, and per announcement: version, number of frames, the frames
# without their opening brace.
_ANNOUNCE = (
    _STAND
    + """
local head, history = KEYS[1], KEYS[2]
local epoch, seq, version = stand(head, history, ARGV[1], tonumber(ARGV[2]))
local frames, i = {}, 7
while i <= #ARGV do
  local its_version, count = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  if its_version > version then
    version = its_version
    for k = i + 2, i + 1 + count do
      seq = seq + 1
      local frame = '{"seq":' .. seq .. ',' .. ARGV[k]
      redis.call('XADD', history, 'MAXLEN', '~', ARGV[6], seq .. '-0', 'f', frame)
      frames[#frames + 1] = frame
    end
  end
  i = i + 2 + count
end
redis.call('HSET', head, 'seq', seq, 'version', version)
if #frames > 0 then
  redis.call('PUBLISH', ARGV[4], cjson.encode({s = ARGV[5], e = epoch, q = seq, f = frames}))
end
redis.call('EXPIRE', head, ARGV[3])
redis.call('EXPIRE', history, ARGV[3])
return seq
"""
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What one change of a session has to say.

    Attributes:
        version: the session's version after the change.
        frames: JSON objects without their opening brace, so that the sequence number can be put first.
    """

    version: int
    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a session's history: numbers count within their epoch only."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Numbered:
    """Events of one session, as they came over the bus. `last` is where the last of them stands."""

    session_id: ObjectId
    last: Position
    frames: Sequence[str]


@dataclass(frozen=True, slots=True)
class SwipedCards:
    """Cards that a participant has swiped in another process; never leaves the servers.

    `all_of_round`: these are all that participant has swiped in the round, because something was taken back.
    """

    session_id: ObjectId
    participant_id: ObjectId
    round: int
    items: frozenset[ObjectId]
    all_of_round: bool = False


@dataclass(frozen=True, slots=True)
class Passing:
    """What only matters now, from another process.

    Attributes:
        frames: (session, frame) for the sockets.
        swiped: what was swiped there.
        taken_over: (session, user) whose sockets elsewhere must close.
    """

    frames: Sequence[tuple[ObjectId, str]] = ()
    swiped: Sequence[SwipedCards] = ()
    taken_over: Sequence[tuple[ObjectId, ObjectId]] = ()


@dataclass(frozen=True, slots=True)
class Revoked:
    """A log-in ended: its sockets must close."""

    auth_session_id: str


@dataclass(frozen=True, slots=True)
class Addressed:
    """(user, frame) for every socket of those users, wherever they are; from any process, this one too."""

    frames: Sequence[tuple[ObjectId, str]]


Message = Numbered | Passing | Revoked | Addressed


class EventBus:
    """Publishes and hears events. One per process; `node` names it."""

    def __init__(self, valkey: Valkey, listening: Valkey, prefix: str, breaker: Breaker) -> None:
        """Args:
        listening: a client that does not reconnect by itself (`connect_for_listening`).
        """
        self._valkey = valkey
        self._breaker = breaker
        self._listening = listening
        self._prefix = prefix
        self._channel = f"{prefix}live"
        self._revocations = f"{prefix}auth:revoked"
        self._announce = valkey.register_script(_ANNOUNCE)
        self._position = valkey.register_script(_POSITION)
        self.node = secrets.token_hex(4)
        self._listens = False

    @property
    def resting(self) -> bool:
        """Whether Valkey failed a moment ago."""
        return self._breaker.resting

    @property
    def hearing(self) -> bool:
        """Whether what other processes say is heard, as far as this one knows."""
        return self._listens and not self._breaker.resting

    def announce(self, session_id: ObjectId, pending: Sequence[Announcement]) -> None:
        """Number, keep and publish what is new in `pending`; what was announced before is passed over.

        Args:
            pending: everything untold, oldest first; what came before its first entry was announced.
        """
        if not pending:
            return
        arguments: list[str | int] = [_new_epoch(), pending[0].version - 1, _HISTORY_SECONDS]
        arguments += [self._channel, str(session_id), HISTORY_EVENTS]
        for announcement in pending:
            arguments += [announcement.version, len(announcement.frames), *announcement.frames]
        with self._breaker.guard():
            self._announce(keys=self._keys(session_id), args=arguments)

    def pass_on(self, passing: Passing) -> None:
        """Send unnumbered frames to the other processes, all in one message. Lost is lost: they only matter now."""
        if self._breaker.resting:
            return
        message = {
            "n": self.node,
            "x": [(str(session_id), frame) for session_id, frame in passing.frames],
            "w": [
                (
                    str(s.session_id),
                    str(s.participant_id),
                    s.round,
                    [str(item) for item in s.items],
                    s.all_of_round,
                )
                for s in passing.swiped
            ],
            "t": [(str(session_id), str(user_id)) for session_id, user_id in passing.taken_over],
        }
        try:
            with self._breaker.guard():
                self._valkey.publish(self._channel, json.dumps(message, separators=(",", ":")))
        except VALKEY_AWAY as error:
            _log.warning("passing_untold", error=type(error).__name__)

    def address(self, frames: Sequence[tuple[ObjectId, str]]) -> None:
        """Send (user, frame) to the users' sockets in all processes, in one message. Lost is lost."""
        if not frames:
            return
        message = {"u": [(str(user_id), frame) for user_id, frame in frames]}
        try:
            with self._breaker.guard():
                self._valkey.publish(self._channel, json.dumps(message, separators=(",", ":")))
        except VALKEY_AWAY as error:
            _log.warning("addressees_untold", error=type(error).__name__)

    def position(self, session_id: ObjectId, announced: int) -> Position:
        """Where the session's history stands now; begins one where there is none.

        Args:
            announced: the session's version that is known to have been announced.
        """
        arguments: list[str | int] = [_new_epoch(), announced, _HISTORY_SECONDS]
        epoch, seq = cast("tuple[bytes, int]", self._position(keys=self._keys(session_id), args=arguments))
        return Position(epoch.decode(), int(seq))

    def restart(self, session_id: ObjectId, announced: int) -> None:
        """Forget a session's history; its numbering begins again. Announcements up to `announced` come too late."""
        head, history = self._keys(session_id)
        with self._valkey.pipeline(transaction=True) as pipeline:
            pipeline.delete(head, history)
            pipeline.hset(head, mapping={"epoch": _new_epoch(), "seq": 0, "version": announced})
            pipeline.expire(head, _HISTORY_SECONDS)
            pipeline.execute()

    def since(self, session_id: ObjectId, known: Position) -> list[str] | None:
        """Exactly the frames after `known`; None where history does not reach back (another epoch, too long ago)."""
        head, history = self._keys(session_id)
        with self._valkey.pipeline(transaction=True) as pipeline:
            pipeline.hmget(head, ["epoch", "seq"])
            pipeline.xrange(history, min=f"{known.seq + 1}-0")
            (epoch, seq), entries = pipeline.execute()
        if epoch is None or epoch.decode() != known.epoch or known.seq > int(seq or 0):
            return None
        if len(entries) != int(seq or 0) - known.seq:
            return None
        return [fields[b"f"].decode() for _, fields in entries]

    def listen(
        self,
        on_message: Callable[[Message], None],
        on_reconnect: Callable[[], None],
        stopped: Callable[[], bool],
    ) -> None:
        """Hear the channel until `stopped()`; meant for a thread of its own. Outlives whatever goes wrong.

        Args:
            on_reconnect: called after each (re)connection, because messages may have been missed before it.
        """
        while not stopped():
            try:
                self._listen_once(on_message, on_reconnect, stopped)
            except VALKEY_AWAY as error:
                _log.warning("event_bus_away", error=type(error).__name__)
            except Exception:  # noqa: BLE001  # without this thread the process would be deaf: begin again
                _log.exception("event_bus_failed")
            self._listens = False
            if not stopped():
                time.sleep(_RETRY_SECONDS)

    def _listen_once(
        self,
        on_message: Callable[[Message], None],
        on_reconnect: Callable[[], None],
        stopped: Callable[[], bool],
    ) -> None:
        with self._listening.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]  # redis has no hints here
            channel.subscribe(self._channel, self._revocations)
            channel.get_message(timeout=_LISTEN_SECONDS)
            on_reconnect()
            self._listens = True
            while not stopped():
                message = channel.get_message(timeout=_LISTEN_SECONDS)
                if message is None:
                    continue
                try:
                    parsed = self._parse(message["channel"].decode(), message["data"])
                except (ValueError, KeyError, TypeError, InvalidId):
                    _log.error("bus_message_malformed", bytes=len(message["data"]))
                    continue
                on_message(parsed)

    def _parse(self, channel: str, raw: bytes) -> Message:
        if channel == self._revocations:
            return Revoked(raw.decode())
        message: dict[str, Any] = json.loads(raw)
        if "f" in message:
            return Numbered(ObjectId(message["s"]), Position(message["e"], message["q"]), message["f"])
        if "u" in message:
            return Addressed([(ObjectId(user_id), frame) for user_id, frame in message["u"]])
        if message["n"] == self.node:  # our own frames went to our own sockets directly
            return Passing()
        return Passing(
            [(ObjectId(session_id), frame) for session_id, frame in message["x"]],
            [
                SwipedCards(ObjectId(s), ObjectId(p), number, frozenset(map(ObjectId, items)), all_of_round)
                for s, p, number, items, all_of_round in message["w"]
            ],
            [(ObjectId(session_id), ObjectId(user_id)) for session_id, user_id in message["t"]],
        )

    def _keys(self, session_id: ObjectId) -> list[str]:
        # The braces put both keys of a session on one shard of a cluster.
        return [f"{self._prefix}s:{{{session_id}}}:head", f"{self._prefix}s:{{{session_id}}}:events"]


def _new_epoch() -> str:
    return secrets.token_hex(4)
