"""What an API process does for sessions beside answering: hear the bus, watch the clock, sweep, and end gracefully."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from pymongo.errors import PyMongoError

from backend.auth.service import AuthService
from backend.errors import AppError
from backend.infra.clock import Clock
from backend.infra.event_bus import EventBus, Message
from backend.infra.valkey import VALKEY_AWAY
from backend.sessions.attendance import Attendance
from backend.sessions.deadlines import Deadlines
from backend.sessions.presence import RENEW_SECONDS
from backend.sessions.rooms import Rooms
from backend.sessions.service import SessionService
from backend.sessions.sockets import Sockets
from backend.sessions.store import SessionStore
from backend.sessions.swiping import Swiping
from backend.sessions.transitions import Transitions

_log = structlog.stdlib.get_logger(__name__)

_DEADLINE_POLL_SECONDS = 0.05
_SWEEP_SECONDS = 5.0
_LOOK_AROUND_SECONDS = 15.0
_SWEEP_AHEAD = timedelta(seconds=60)
_SWEEP_BATCH = 500
_RECONNECT_WITHIN_SECONDS = 5.0
_LAST_WORD_SECONDS = 3.0


class SessionRuntime:
    """The threads (greenlets under gunicorn) of one API process. None of them holds anything that may not be lost."""

    def __init__(
        self,
        *,
        auth: AuthService,
        sockets: Sockets,
        rooms: Rooms,
        swiping: Swiping,
        bus: EventBus,
        deadlines: Deadlines,
        attendance: Attendance,
        service: SessionService,
        store: SessionStore,
        transitions: Transitions,
        clock: Clock,
    ) -> None:
        self._auth = auth
        self._sockets = sockets
        self._rooms = rooms
        self._swiping = swiping
        self._bus = bus
        self._deadlines = deadlines
        self._attendance = attendance
        self._service = service
        self._store = store
        self._transitions = transitions
        self._clock = clock
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=target, name=name, daemon=True)
            for name, target in (
                ("event-bus", self._hear),
                ("deadlines", lambda: self._repeat(self._run_due, _DEADLINE_POLL_SECONDS)),
                ("sockets", lambda: self._repeat(self._tend_sockets, RENEW_SECONDS)),
                ("sweeper", lambda: self._repeat(self._sweep, _SWEEP_SECONDS)),
                ("attendance", lambda: self._repeat(self._look_around, _LOOK_AROUND_SECONDS)),
            )
        ]

    def start(self) -> None:
        """Begin. Returns at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask clients to go elsewhere, each at its own moment, commit what is waiting, end the threads."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._sockets.close()
        for socket in self._sockets.everybody():
            socket.ask_to_reconnect(random.uniform(0, _RECONNECT_WITHIN_SECONDS))  # noqa: S311  # jitter
        self._swiping.close()
        for thread in self._threads:
            thread.join(timeout=2)
        self._wait_for_sockets()

    def _wait_for_sockets(self) -> None:
        """Until the clients have read why they were cut off, within bounds."""
        deadline = time.monotonic() + _LAST_WORD_SECONDS
        while self._sockets.everybody() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _hear(self) -> None:
        self._bus.listen(self._take, self._catch_up, self._stopping.is_set)

    def _take(self, message: Message) -> None:
        self._rooms.hear(message)
        self._sockets.hear(message)

    def _catch_up(self) -> None:
        """After a time without the bus: fetch missed events, and end sockets whose log-in was revoked meanwhile."""
        self._rooms.catch_up()
        for socket in self._sockets.everybody():
            if not self._auth.is_logged_in(socket.caller):
                socket.end_log_in()

    def _run_due(self) -> None:
        for session_id in self._deadlines.claim(self._clock.now()):
            try:
                self._service.run_due(session_id)
                self._attendance.look([self._store.load(session_id)])
            except (*VALKEY_AWAY, PyMongoError, AppError) as error:
                # Others are due too; this one comes again with the sweeper.
                _log.warning("deadline_missed", session_id=str(session_id), error=type(error).__name__)

    def _tend_sockets(self) -> None:
        for socket in self._sockets.everybody():
            socket.check()
        self._rooms.drop_unused()
        self._attendance.renew((one.session_id, one.user_id) for one in self._rooms.everybody())

    def _sweep(self) -> None:
        """Make good what was lost with a process or with Valkey's memory."""
        self._transitions.announce_left_over()
        soon = self._clock.now() + _SWEEP_AHEAD
        self._deadlines.put(self._store.due_before(soon, _SWEEP_BATCH))

    def _look_around(self) -> None:
        """Find those whose process died without a word, and those whose marks Valkey lost."""
        for session_id, connected in self._attendance.look(self._rooms.occupied()).items():
            self._rooms.show_presence(session_id, connected)

    def _repeat(self, act: Callable[[], None], every_seconds: float) -> None:
        while not self._stopping.wait(every_seconds):
            try:
                act()
            except (*VALKEY_AWAY, PyMongoError) as error:
                _log.warning("store_away", error=type(error).__name__)
                time.sleep(min(1.0, every_seconds))
            except Exception:  # noqa: BLE001  # recorded; the next turn may well succeed
                _log.exception("background_task_failed")
