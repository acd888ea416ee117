"""The live connection to a session or to the inbox: a thread that keeps it up (docs/live-protocol.md)."""

from __future__ import annotations

import logging
import random as random_module
import threading
from collections.abc import Callable, Mapping
from typing import Any

from client.net import backoff
from client.net.account import Account
from client.net.clock import Clock, SystemClock
from client.net.connection import Connection, Shared, Timings
from client.net.errors import ApiError
from client.net.outbox import Outbox, Owner
from client.net.signals import Operation, Signal, StatusChanged, Stopped
from client.net.ulid import new_ulid
from client.net.verdicts import RenewToken, Retry, RetryWithin, Stop, after_refused_upgrade, sensible_wait
from client.net.wire import UpgradeRefusedError, Waker, Wire, WireError
from client.words import _, marked

log = logging.getLogger(__name__)

_LOG_IN_AGAIN = marked("Your log-in has ended. Please log in again.")


class LiveConnection:
    """Connects, says hello, resumes, sends what waits in the outbox, and comes back after every failure.

    An `owner` without a session has it connect to the user's inbox. `on_signal` is called on the connection's
    thread, and no more once `stop` was called. Nothing the server sends raises into the app. All public methods
    are thread safe.
    """

    def __init__(
        self,
        *,
        url: str,
        owner: Owner,
        account: Account,
        outbox: Outbox,
        on_signal: Callable[[Signal], None],
        clock: Clock | None = None,
        random: random_module.Random | None = None,
        timings: Timings | None = None,
    ) -> None:
        self._on_signal = on_signal
        self._random = random or random_module.SystemRandom()
        self._stopping = threading.Event()
        self._failures = 0
        self._refused_tokens = 0
        self._shared = Shared(
            url=url,
            owner=owner,
            account=account,
            outbox=outbox,
            clock=clock or SystemClock(),
            timings=timings or Timings(),
            tell=self._tell,
            waker=Waker(),
            stopping=self._stopping.is_set,
            hurry=threading.Event(),
        )
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    def start(self) -> None:
        """Begin to connect, in a thread of its own; once."""
        self._shared.outbox.drop_passing_wishes(self._shared.owner)
        self._thread.start()

    def submit(
        self, name: str, content: Mapping[str, Any], note: Mapping[str, Any] | None = None
    ) -> Operation:
        """Keep an operation on disk, then send it as soon as the connection stands; raises `OutboxError`."""
        operation = Operation(new_ulid(), name, dict(content), dict(note or {}))
        self._shared.outbox.add(self._shared.owner, operation)
        self._shared.waker.wake()
        return operation

    def pending(self) -> tuple[Operation, ...]:
        """The operations that have no answer yet, oldest first."""
        return self._shared.outbox.pending(self._shared.owner)

    def retry_now(self) -> None:
        """Do not wait for the next attempt: the network or this device is back, or somebody does not want to wait.

        A connection that stands has to prove soon that it still does: sleeping devices miss what becomes of theirs.
        """
        self._shared.hurry.set()
        self._shared.waker.wake()

    def stop(self, wait_seconds: float = 0.0) -> None:
        """Close the socket; with `wait_seconds`, wait that long for the thread's end."""
        self._stopping.set()
        self._shared.waker.wake()
        if self._thread.ident is None:
            self._shared.waker.close()
        if wait_seconds and self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(wait_seconds)

    # The thread

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                verdict = self._contained_attempt()
                if isinstance(verdict, Stop):
                    self._tell(StatusChanged("offline"))
                    self._tell(Stopped(verdict.reason, verdict.detail))
                    return
                self._wait_before_next(verdict)
        finally:
            self._shared.waker.close()

    def _contained_attempt(self) -> Retry | RetryWithin | Stop:
        try:
            return self._attempt()
        except Exception:
            # The last line of defence: a mistake in here may cost a reconnect, never the app.
            log.exception("the live connection failed unexpectedly")
            return Retry()

    def _attempt(self) -> Retry | RetryWithin | Stop:
        """One connection from its making to its end."""
        first = self._failures == 0 and self._shared.sequence.resume is None
        self._tell(
            StatusChanged("connecting" if first else "reconnecting", self._failures, None, self._hint())
        )
        timings = self._shared.timings
        try:
            token = self._shared.account.access_token()
            wire = Wire(self._shared.url, self._shared.waker, timings.connect)
        except ApiError as error:
            return (
                Stop("signed_out", error.detail)
                if error.signed_out
                else Retry(sensible_wait(error.retry_after))
            )
        except UpgradeRefusedError as refusal:
            return after_refused_upgrade(refusal.status, refusal.retry_after)
        except WireError as failure:
            log.info("cannot connect: %s", failure)
            return Retry()
        connection = Connection(self._shared, wire, token)
        try:
            verdict = connection.run()
        except WireError as failure:
            log.info("the connection broke: %s", failure)
            verdict = Retry()
        finally:
            wire.close()
        self._note_how_long(connection)
        return self._renewed(token, connection) if isinstance(verdict, RenewToken) else verdict

    def _note_how_long(self, connection: Connection) -> None:
        """A connection that stood for a while makes earlier failures history; a fleeting one does not."""
        if connection.welcomed_at is None:
            return
        if self._shared.clock.monotonic() - connection.welcomed_at >= self._shared.timings.stable:
            self._failures = 0

    def _renewed(self, token: str, connection: Connection) -> Retry | Stop:
        """Get another token after the server refused this one; twice in a row means logging in again."""
        self._refused_tokens = 1 if connection.welcomed_at is not None else self._refused_tokens + 1
        if self._refused_tokens > 1:
            return Stop("signed_out", _(_LOG_IN_AGAIN))
        try:
            self._shared.account.renew(token)
        except ApiError as error:
            return (
                Stop("signed_out", error.detail)
                if error.signed_out
                else Retry(sensible_wait(error.retry_after))
            )
        return Retry()

    def _wait_before_next(self, verdict: Retry | RetryWithin) -> None:
        seconds = self._seconds_before_next(verdict)
        self._failures += 1
        clock = self._shared.clock
        until = clock.monotonic() + seconds
        self._tell(StatusChanged("reconnecting", self._failures, clock.wall() + seconds, self._hint()))
        while not self._stopping.is_set() and not self._shared.hurry.is_set():
            left = until - clock.monotonic()
            if left <= 0:
                break
            self._shared.waker.wait(left)
        self._shared.hurry.clear()

    def _seconds_before_next(self, verdict: Retry | RetryWithin) -> float:
        if isinstance(verdict, RetryWithin):
            return backoff.within(verdict.seconds, self._random)
        timings = self._shared.timings
        usual = backoff.full_jitter(
            self._failures, self._random, base=timings.backoff_base, longest=timings.backoff_longest
        )
        return usual + verdict.at_least

    def _hint(self) -> bool:
        return backoff.deserves_hint(self._failures)

    def _tell(self, signal: Signal) -> None:
        if self._stopping.is_set():
            return
        try:
            self._on_signal(signal)
        except Exception:
            # Whoever listens may fail; the connection must outlive that.
            log.exception("a listener failed on %s", type(signal).__name__)
