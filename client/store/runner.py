"""Runs commands on a small thread pool and tells the store that they run, end or fail."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from client.net.errors import ACCOUNT_NEEDED, ApiError
from client.store import actions
from client.store.store import Store
from client.words import _, marked

log = logging.getLogger(__name__)

THREADS = 3
SURPRISE = marked("Something went wrong in the app. Please try again.")


class CommandRunner:
    """One per app. `on_signed_out` gets a sentence when the log-in is found to be over."""

    def __init__(self, store: Store, on_signed_out: Callable[[str], None]) -> None:
        self._store = store
        self._on_signed_out = on_signed_out
        self._stopped = False
        self._stopping = threading.Lock()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="command")
        self._in_order = ThreadPoolExecutor(1, thread_name_prefix="operations")

    def run(
        self,
        name: str,
        work: Callable[[], None],
        on_error: Callable[[ApiError], None] | None = None,
    ) -> None:
        """Do `work` in the background as the command `name`, unless that one is running already.

        An `ApiError` goes to `on_error`, or becomes a notice.
        """
        if name in self._store.state.busy:
            return
        self._store.dispatch(actions.CommandStarted(name))
        self._pool.submit(self._guarded, name, work, on_error or self.show)

    def in_background(self, work: Callable[[], None]) -> None:
        """Do `work` in the background without telling that it runs; nothing begins after `stop`."""
        with self._stopping:
            if not self._stopped:
                self._pool.submit(self._contained, work, self.show)

    def in_order(self, work: Callable[[], None]) -> None:
        """Do `work` in the background, after everything else given to this method."""
        self._in_order.submit(self._contained, work, self.show)

    def show(self, error: ApiError) -> None:
        """Make a failure visible: as a notice, or by leading to where it can be helped."""
        if error.signed_out:
            self._on_signed_out(error.detail)
        elif error.code == ACCOUNT_NEEDED:
            self._store.dispatch(actions.AccountWished(error.detail))
        else:
            self._store.dispatch(actions.NoticeShown("error", error.detail))

    def stop(self) -> None:
        """Begin nothing new; what runs ends by itself (every request has a time limit)."""
        with self._stopping:
            self._stopped = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        # Operations already accepted must reach the outbox's disk.
        self._in_order.shutdown(wait=True)

    def _guarded(self, name: str, work: Callable[[], None], on_error: Callable[[ApiError], None]) -> None:
        try:
            self._contained(work, on_error)
        finally:
            self._store.dispatch(actions.CommandFinished(name))

    def _contained(self, work: Callable[[], None], on_error: Callable[[ApiError], None]) -> None:
        try:
            work()
        except ApiError as error:
            on_error(error)
        except Exception:
            if self._stopped:
                # Its tools were closed under it.
                return
            log.exception("a command failed")
            self._store.dispatch(actions.NoticeShown("error", _(SURPRISE)))
