"""One socket's life: from hello to the verdict on what to do next."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from client.net import frames, signals
from client.net.account import Account
from client.net.clock import Clock, Moment, OffsetEstimator
from client.net.errors import ApiError
from client.net.events import Event
from client.net.order import free_to_go
from client.net.outbox import Outbox, Owner
from client.net.sequence import Place, Sequence
from client.net.ulid import new_ulid
from client.net.verdicts import RenewToken, Retry, RetryWithin, Stop, Verdict, after_close, sensible_wait
from client.net.wire import Closed, Message, Text, Waker, Wire

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds. `stable` is how long a connection must stand before earlier failures are forgotten.

    The first `first_pings` of a connection follow each other `first_ping_every` apart, to know the server's clock well
    soon. `proof` is how long the server may take to show that it is still there, when that is in doubt.
    """

    connect: float = 10.0
    watchdog: float = 40.0
    ping_every: float = 15.0
    first_pings: int = 8
    first_ping_every: float = 0.2
    proof: float = 5.0
    renew_before_end: float = 60.0
    renew_again: float = 5.0
    stable: float = 5.0
    backoff_base: float = 0.5
    backoff_longest: float = 20.0


@dataclass(slots=True)
class Shared:
    """What one connection takes over from the one before it. `hurry` is set when somebody does not want to wait."""

    url: str
    owner: Owner
    account: Account
    outbox: Outbox
    clock: Clock
    timings: Timings
    tell: Callable[[signals.Signal], None]
    waker: Waker
    stopping: Callable[[], bool]
    hurry: threading.Event
    sequence: Sequence = field(default_factory=Sequence)
    offset: OffsetEstimator = field(default_factory=OffsetEstimator)


class Connection:
    """Runs on one thread, over one connected wire."""

    def __init__(self, shared: Shared, wire: Wire, token: str) -> None:
        self._shared = shared
        self._wire = wire
        self._token = token
        self._token_ends = shared.account.expires_at
        now = shared.clock.monotonic()
        self.welcomed_at: float | None = None
        self._last_frame = now
        self._ping_due = now
        self._renew_due = now
        self._pings: dict[str, Moment] = {}
        self._pongs = 0
        self._proof_due: float | None = None
        self._reauths: set[str] = set()
        self._sent: set[str] = set()
        self._not_before: dict[str, float] = {}
        self._look_in_outbox = True
        self._hello_sent = Moment.now(shared.clock)

    def run(self) -> Verdict:
        """Talk until the connection ends; raises `WireError` when it breaks."""
        self._wire.send(
            frames.hello(self._token, self._shared.owner.session_id, self._shared.sequence.resume)
        )
        while not self._shared.stopping():
            verdict = self._do_what_is_due()
            if verdict is None:
                message = self._wire.receive(self._seconds_until_due())
                self._look_in_outbox |= self._shared.waker.take()
                verdict = None if message is None else self._take(message)
            if verdict is not None:
                return verdict
        return Stop("ended")

    # What time or the user asks for

    def _do_what_is_due(self) -> Verdict | None:
        now = self._shared.clock.monotonic()
        if now >= self._silence_ends():
            log.info("nothing heard for %.0f s: connecting again", now - self._last_frame)
            return Retry() if self._proof_due is None else RetryWithin(0.0)
        if self.welcomed_at is None:
            return None
        if self._shared.hurry.is_set():
            self._shared.hurry.clear()
            self._ping_due, self._proof_due = now, now + self._shared.timings.proof
        if now >= self._ping_due:
            self._ping(now)
        self._send_waiting(now)
        return self._renew_token(now)

    def _seconds_until_due(self) -> float:
        now = self._shared.clock.monotonic()
        moments = [self._silence_ends()]
        if self.welcomed_at is not None:
            moments += [self._ping_due, self._renew_moment(now), *self._not_before.values()]
        return max(0.0, min(moments) - now)

    def _silence_ends(self) -> float:
        """When, on the monotonic clock, this connection is given up unless something is heard before."""
        timings = self._shared.timings
        allowed = timings.connect if self.welcomed_at is None else timings.watchdog
        ends = self._last_frame + allowed
        return ends if self._proof_due is None else min(ends, self._proof_due)

    def _ping(self, now: float) -> None:
        op_id, sent = new_ulid(), Moment.now(self._shared.clock)
        # An answer that never came to one ping will not come after the next one's.
        self._pings = {op_id: sent}
        self._ping_due = now + self._shared.timings.ping_every
        self._wire.send(frames.operation(op_id, "ping", {"t": round(sent.wall * 1000)}))

    def _send_waiting(self, now: float) -> None:
        """Send what this connection has not sent yet, and what the server asked to send again later."""
        for op_id in [op_id for op_id, moment in self._not_before.items() if moment <= now]:
            del self._not_before[op_id]
            self._sent.discard(op_id)
            self._look_in_outbox = True
        if not self._look_in_outbox:
            return
        self._look_in_outbox = False
        for operation in free_to_go(self._shared.outbox.pending(self._shared.owner)):
            if operation.id not in self._sent:
                self._sent.add(operation.id)
                self._wire.send(frames.operation(operation.id, operation.name, operation.data))

    def _renew_moment(self, now: float) -> float:
        """When, on the monotonic clock, a fresh token must be shown."""
        left = self._token_ends - self._shared.clock.wall()
        return max(now + left - self._shared.timings.renew_before_end, self._renew_due)

    def _renew_token(self, now: float) -> Verdict | None:
        if now < self._renew_moment(now):
            return None
        try:
            token = self._shared.account.access_token(self._shared.timings.renew_before_end)
        except ApiError as error:
            if error.signed_out:
                return Stop("signed_out", error.detail)
            self._renew_due = now + self._shared.timings.renew_again
            return None
        self._token, self._token_ends = token, self._shared.account.expires_at
        self._renew_due = now + self._shared.timings.renew_again
        op_id = new_ulid()
        self._reauths.add(op_id)
        self._wire.send(frames.reauth(op_id, token))
        return None

    # What the server says

    def _take(self, message: Message) -> Verdict | None:
        self._last_frame = self._shared.clock.monotonic()
        if isinstance(message, Closed):
            log.info("the server closed the connection: %s %s", message.code, message.reason)
            return after_close(message.code, message.reason)
        if not isinstance(message, Text):
            return None
        for frame in frames.parse(message.content):
            verdict = self._take_frame(frame)
            if verdict is not None:
                return verdict
        return None

    def _take_frame(self, frame: frames.Frame) -> Verdict | None:
        match frame:
            case frames.Welcome():
                return self._take_welcome(frame)
            case frames.InboxWelcome():
                return self._take_inbox_welcome(frame)
            case frames.Reply():
                return self._take_reply(frame)
            case Event():
                return self._take_event(frame)
            case frames.Malformed():
                return self._take_malformed(frame)

    def _take_welcome(self, welcome: frames.Welcome) -> Verdict | None:
        if self.welcomed_at is not None:
            return None
        if not self._shared.sequence.welcome(welcome):
            self._shared.sequence.forget()
            return Retry()
        self._is_welcomed(welcome.at)
        self._shared.tell(signals.Welcomed(welcome.epoch, welcome.snapshot))
        return None

    def _take_inbox_welcome(self, welcome: frames.InboxWelcome) -> Verdict | None:
        if self._shared.owner.session_id is not None:
            log.warning("a session was asked for, and the server opened the inbox")
            return Retry()
        if self.welcomed_at is None:
            self._is_welcomed(welcome.at)
            self._shared.tell(signals.InboxOpened())
        return None

    def _is_welcomed(self, server_time: float) -> None:
        now = self._shared.clock.monotonic()
        self.welcomed_at = self._ping_due = now
        self._measured(self._hello_sent, server_time)
        self._shared.tell(signals.StatusChanged("connected"))

    def _take_event(self, event: Event) -> Verdict | None:
        if self.welcomed_at is None:
            return None
        sequence = self._shared.sequence
        place = Place.NEXT if event.seq is None else sequence.place(event.seq)
        if place is Place.AFTER_GAP:
            log.warning("event %s came after a gap: connecting again to resume", event.seq)
            sequence.gap_found()
            return Retry()
        if place is Place.NEXT:
            self._shared.tell(signals.EventReceived(sequence.epoch, event))
        return None

    def _take_malformed(self, frame: frames.Malformed) -> Verdict | None:
        log.warning("a frame was not understood: %s", frame.problem)
        if self.welcomed_at is None:
            return Retry()
        if frame.seq is None or frame.seq <= self._shared.sequence.number:
            return None
        # An event is lost on us: resuming may bring it whole, and if not, a snapshot makes up for it.
        self._shared.sequence.gap_found()
        return Retry()

    def _take_reply(self, reply: frames.Reply) -> Verdict | None:
        if reply.op_id in self._pings:
            self._take_pong(reply)
        elif reply.op_id in self._reauths:
            self._reauths.discard(reply.op_id)
            return None if reply.error_code is None else RenewToken()
        elif reply.retry_after is not None and reply.error_code is not None:
            if reply.op_id in self._sent:
                self._not_before[reply.op_id] = self._last_frame + sensible_wait(reply.retry_after)
        else:
            operation = self._shared.outbox.take(self._shared.owner, reply.op_id)
            # An answer may be what a later operation waits for.
            self._look_in_outbox = True
            if operation is not None:
                self._shared.tell(signals.Replied(operation, reply.data, reply.error_code, reply.detail))
        return None

    def _take_pong(self, reply: frames.Reply) -> None:
        sent = self._pings.pop(reply.op_id)
        self._pongs += 1
        # Whatever else arrives may have been on its way before there was a doubt.
        self._proof_due = None
        if self._pongs < self._shared.timings.first_pings:
            self._ping_due = min(self._ping_due, self._last_frame + self._shared.timings.first_ping_every)
        server = reply.data.get("server_ms")
        if isinstance(server, int | float) and not isinstance(server, bool):
            self._measured(sent, server / 1000)

    def _measured(self, sent: Moment, server_time: float) -> None:
        offset = self._shared.offset.add(sent, self._last_frame - sent.monotonic, server_time)
        self._shared.tell(signals.ClockMeasured(offset))
