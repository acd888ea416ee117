"""Events of live sessions on Valkey: numbered history to resume from, and one channel that every process hears.

Numbering, history and publishing happen in one script, so that no process ever sees them disagree. Announcements of a
session are taken in the order of its versions and each only once, whoever brings them and however often.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from bson import ObjectId

from backend.infra.valkey import VALKEY_AWAY, Valkey

_log = structlog.stdlib.get_logger(__name__)

HISTORY_EVENTS = 2000
_HISTORY_SECONDS = 6 * 3600
_LISTEN_SECONDS = 1.0
_RETRY_SECONDS = 0.5

# KEYS: head, history. ARGV: epoch to use if there is none, channel, session id, history length, seconds to keep,
# then per announcement: version, number of frames, the frames without their opening brace.
_ANNOUNCE = """
local head, history = KEYS[1], KEYS[2]
redis.call('HSETNX', head, 'epoch', ARGV[1])
local known = redis.call('HMGET', head, 'epoch', 'seq', 'version')
local epoch, seq, version = known[1], tonumber(known[2] or 0), tonumber(known[3] or 0)
local frames, i = {}, 6
while i <= #ARGV do
  local its_version, count = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  if its_version > version then
    version = its_version
    for k = i + 2, i + 1 + count do
      seq = seq + 1
      local frame = '{"seq":' .. seq .. ',' .. ARGV[k]
      redis.call('XADD', history, 'MAXLEN', '~', ARGV[4], seq .. '-0', 'f', frame)
      frames[#frames + 1] = frame
    end
  end
  i = i + 2 + count
end
if #frames > 0 then
  redis.call('HSET', head, 'seq', seq, 'version', version)
  redis.call('PUBLISH', ARGV[2], cjson.encode({s = ARGV[3], e = epoch, q = seq, f = frames}))
end
redis.call('EXPIRE', head, ARGV[5])
redis.call('EXPIRE', history, ARGV[5])
return seq
"""


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
class Passing:
    """Frames that only matter now, from another process: (session, frame)."""

    frames: Sequence[tuple[ObjectId, str]]


@dataclass(frozen=True, slots=True)
class Revoked:
    """A log-in ended: its sockets must close."""

    auth_session_id: str


Message = Numbered | Passing | Revoked


class EventBus:
    """Publishes and hears events. One per process."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._prefix = prefix
        self._channel = f"{prefix}live"
        self._revocations = f"{prefix}auth:revoked"
        self._announce = valkey.register_script(_ANNOUNCE)
        self.node = secrets.token_hex(4)

    def announce(self, session_id: ObjectId, pending: Iterable[Announcement]) -> None:
        """Number, keep and publish what is new in `pending`; what was announced before is passed over."""
        arguments: list[str | int] = [
            _new_epoch(),
            self._channel,
            str(session_id),
            HISTORY_EVENTS,
            _HISTORY_SECONDS,
        ]
        for announcement in pending:
            arguments += [announcement.version, len(announcement.frames), *announcement.frames]
        self._announce(keys=list(self._keys(session_id)), args=arguments)

    def pass_on(self, frames: Sequence[tuple[ObjectId, str]]) -> None:
        """Send unnumbered frames to the other processes, all in one message. Lost is lost: they only matter now."""
        message = json.dumps(
            {"n": self.node, "x": [(str(session_id), frame) for session_id, frame in frames]}
        )
        self._valkey.publish(self._channel, message)

    def position(self, session_id: ObjectId) -> Position:
        """Where the session's history stands now; begins one where there is none."""
        head, _ = self._keys(session_id)
        with self._valkey.pipeline(transaction=True) as pipeline:
            pipeline.hsetnx(head, "epoch", _new_epoch())
            pipeline.hmget(head, ["epoch", "seq"])
            pipeline.expire(head, _HISTORY_SECONDS)
            epoch, seq = pipeline.execute()[1]
        return Position(epoch.decode(), int(seq or 0))

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
        """Hear the channel until `stopped()`; meant for a thread of its own.

        Args:
            on_reconnect: called after each (re)connection, because messages may have been missed before it.
        """
        while not stopped():
            try:
                with self._valkey.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]  # redis has no hints here
                    channel.subscribe(self._channel, self._revocations)
                    channel.get_message(timeout=_LISTEN_SECONDS)
                    on_reconnect()
                    while not stopped():
                        message = channel.get_message(timeout=_LISTEN_SECONDS)
                        if message is not None:
                            on_message(self._parse(message["channel"].decode(), message["data"]))
            except VALKEY_AWAY as error:
                _log.warning("event_bus_away", error=type(error).__name__)
                time.sleep(_RETRY_SECONDS)

    def _parse(self, channel: str, raw: bytes) -> Message:
        if channel == self._revocations:
            return Revoked(raw.decode())
        message: dict[str, Any] = json.loads(raw)
        if "f" in message:
            return Numbered(ObjectId(message["s"]), Position(message["e"], message["q"]), message["f"])
        if message["n"] == self.node:  # our own frames went to our own sockets directly
            return Passing(())
        return Passing([(ObjectId(session_id), frame) for session_id, frame in message["x"]])

    def _keys(self, session_id: ObjectId) -> tuple[str, str]:
        # The braces put both keys of a session on one shard of a cluster.
        return f"{self._prefix}s:{{{session_id}}}:head", f"{self._prefix}s:{{{session_id}}}:events"


def _new_epoch() -> str:
    return secrets.token_hex(4)
