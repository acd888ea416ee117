"""Error reports to Sentry, where whoever runs or packs the app has set a DSN (`client.config`); else nothing is loaded.

Whatever `client` logs as an error with its traceback is reported: what failed on a screen, in a command, at a picture,
on the socket. So is what ends the app. A thread of its own does all of it, so that the window never waits: Sentry's
library takes half a second to load, and is loaded with the first report only. What is sent: `client.report_contents`.

Of time, one start in five is reported, for how long it took to the first screen. What people do with the app, and for
how long, is not: how long requests take, the server tells.
"""

from __future__ import annotations

import logging
import queue
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from client import RELEASE
from client.report_contents import chosen, crumbs
from client.reporting import Seldom, Trail

if TYPE_CHECKING:
    from sentry_sdk import Client
    from sentry_sdk.types import Event

# Of all starts, those whose time is reported.
TRACES_SAMPLE_RATE = 0.2
# How long the app's end may wait for reports that are under way.
FLUSH_SECONDS = 2.0
# What fails without end must not fill the memory: the others of that hour say the same.
MOST_WAITING = 30
APP_LOGGER = "client"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Failure:
    """`where` is a screen's name or a part of the program; `steps` are scrubbed, the oldest first."""

    error: BaseException
    where: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Start:
    """From when to when it took."""

    began: datetime
    shown: datetime


_Report: TypeAlias = _Failure | _Start
StartShown: TypeAlias = Callable[[float], None]


class Courier:
    """Takes reports to Sentry. Thread safe; only `close` waits."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._waiting: queue.Queue[_Report | None] = queue.Queue(MOST_WAITING)
        self._client: Client | None = None
        self._closing_at = float("inf")
        self._thread = threading.Thread(target=self._run, name="error reports", daemon=True)
        self._thread.start()

    def take(self, report: _Report) -> None:
        """Have something reported, soon; what does not fit any more is dropped."""
        try:
            self._waiting.put_nowait(report)
        except queue.Full:
            log.info("a report is dropped: too many wait")

    def close(self, seconds: float) -> None:
        """Let what waits be sent, for that long; what takes longer is lost."""
        self._closing_at = time.monotonic() + seconds
        try:
            self._waiting.put(None, timeout=seconds)
        except queue.Full:
            return
        self._thread.join(max(0.0, self._closing_at - time.monotonic()))

    def _run(self) -> None:
        while (report := self._waiting.get()) is not None:
            self._guarded(partial(self._deliver, report))
        self._guarded(self._flush)

    def _deliver(self, report: _Report) -> None:
        if self._client is None:
            self._client = _client(self._dsn)
        self._client.capture_event(_event(report, self._client))

    def _flush(self) -> None:
        if self._client is not None:
            self._client.close(timeout=max(0.0, self._closing_at - time.monotonic()))

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as problem:  # noqa: BLE001  (whatever fails in here: a report less, and the app goes on)
            log.info("an error could not be reported: %s", type(problem).__name__)


class _ErrorLines(logging.Handler):
    """Has errors reported that are logged with their traceback."""

    def __init__(self, courier: Courier, trail: Trail) -> None:
        super().__init__(logging.ERROR)
        self._courier = courier
        self._trail = trail
        self._seldom = Seldom()

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        where = getattr(record, "where", record.name)
        if error is not None and self._seldom.due(error, where):
            self._courier.take(_Failure(error, where, self._trail.steps()))


@contextmanager
def reported(dsn: str, trail: Trail) -> Iterator[StartShown]:
    """Report errors for as long as this lasts; without a DSN, do nothing. `trail` holds what led to them.

    Gives what is to be told of the first screen, with how many seconds it took to be there.
    """
    if not dsn:
        yield lambda _seconds: None
        return
    courier = Courier(dsn)
    lines = _ErrorLines(courier, trail)
    logger = logging.getLogger(APP_LOGGER)
    logger.addHandler(lines)

    def start_shown(seconds: float) -> None:
        if random.random() < TRACES_SAMPLE_RATE:  # noqa: S311  (which starts are told of is no secret)
            now = datetime.now(UTC)
            courier.take(_Start(now - timedelta(seconds=seconds), now))

    try:
        yield start_shown
    except Exception as error:
        courier.take(_Failure(error, "the app", trail.steps()))
        raise
    finally:
        logger.removeHandler(lines)
        courier.close(FLUSH_SECONDS)


def _client(dsn: str) -> Client:
    """Sentry's client alone: it collects nothing by itself, and leaves the rest of the process as it is."""
    from sentry_sdk import Client  # noqa: PLC0415  (see above)

    return Client(
        dsn=dsn,
        release=RELEASE,
        environment="packed" if getattr(sys, "frozen", False) else "source",
        server_name="",
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        default_integrations=False,
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        send_client_reports=False,
        spotlight=False,
        in_app_include=[APP_LOGGER],
        traces_sample_rate=TRACES_SAMPLE_RATE,
        before_send=chosen,
        before_send_transaction=chosen,
    )


def _event(report: _Report, client: Client) -> Event:
    from sentry_sdk.utils import event_from_exception  # noqa: PLC0415  (see above)

    event: Event
    if isinstance(report, _Start):
        event = {
            "type": "transaction",
            "transaction": "start",
            "start_timestamp": report.began,
            "timestamp": report.shown,
            "contexts": {
                "trace": {"trace_id": uuid.uuid4().hex, "span_id": uuid.uuid4().hex[:16], "op": "start"}
            },
        }
    else:
        mechanism = {"type": "boundary", "handled": report.where != "the app"}
        event, _ = event_from_exception(report.error, client.options, mechanism)
        event["breadcrumbs"] = crumbs(report.steps)
        event["tags"] = {"where": report.where}
    event.setdefault("tags", {})["system"] = sys.platform
    return event
