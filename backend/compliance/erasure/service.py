"""Erasing an account: asked for, cancelled, begun, carried out, repeated after a restore (docs/product.md P2)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta

import structlog
import svcs
from bson import ObjectId

from backend.audit.events import AuditEvent
from backend.auth.accounts import AccountService
from backend.auth.mails import AccountMails, MailKind
from backend.compliance.erasure.doors import Doors
from backend.compliance.erasure.ending import Ending, Unfinished
from backend.compliance.erasure.leftovers import Leftovers
from backend.compliance.erasure.receipts import Receipts
from backend.compliance.erasure.store import ErasureState, ErasureStore
from backend.compliance.erasure.tombstones import Tombstones
from backend.compliance.erasure.walk import walk
from backend.config import Settings
from backend.errors import Conflict, NotFound
from backend.http.access import Caller
from backend.infra.clock import Clock
from backend.infra.jobs import ERASE, JobQueue
from backend.infra.valkey import VALKEY_AWAY
from backend.users.closing import Reached

_log = structlog.stdlib.get_logger(__name__)

# An erasure that has not got on for this long waits for something, or lost its worker.
STANDS_STILL_AFTER = timedelta(minutes=4)
# So long others may play on with somebody who is being erased; then the system ends the session for them.
OTHERS_MAY_PLAY_FOR = timedelta(hours=24)
_SECOND = timedelta(seconds=1)  # RQ keeps no fractions of them: a job must not come too early


class ErasureService:
    """Takes in, begins and carries out erasures."""

    def __init__(
        self,
        *,
        store: ErasureStore,
        receipts: Receipts,
        tombstones: Tombstones,
        doors: Doors,
        accounts: AccountService,
        mails: AccountMails,
        jobs: JobQueue,
        clock: Clock,
        settings: Settings,
        record: Callable[[AuditEvent], None],
        services: Callable[[], AbstractContextManager[svcs.Container]],
    ) -> None:
        """Wire the parts.

        Args:
            record: takes down what happens, for the audit log.
            services: what the register's steps call, all of this process's.
        """
        self._store = store
        self._receipts = receipts
        self._tombstones = tombstones
        self._doors = doors
        self._accounts = accounts
        self._mails = mails
        self._jobs = jobs
        self._clock = clock
        self._grace = timedelta(days=settings.erasure_grace_days)
        self._settle = timedelta(seconds=settings.erasure_settle_seconds)
        self._services = services
        self._ending = Ending(store=store, receipts=receipts, mails=mails, clock=clock, record=record)
        self._leftovers = Leftovers(store=store, tombstones=tombstones, services=services)

    def request(self, caller: Caller, password: str | None, *, immediately: bool) -> ErasureState:
        """Ask to be erased: after ERASURE_GRACE_DAYS, or at once. Asking again changes nothing but "at once".

        Raises:
            Forbidden: as `AccountService.re_authenticate`.
        """
        self._accounts.re_authenticate(caller, password)
        user_id, now = ObjectId(caller.user_id), self._clock.now()
        known = self._store.of_user(user_id)
        asked = known or self._store.schedule(user_id, now, now + self._grace, tell=True)
        if immediately or not self._grace:
            return self._begin(asked)
        if known is None:
            _log.info("erasure_scheduled", user_id=caller.user_id)
            self._mails.tell_of_erasure(user_id, f"{asked.due_at:%Y-%m-%d}")
        return asked

    def of(self, user_id: ObjectId) -> ErasureState | None:
        """The user's erasure; None where they have not asked for it."""
        return self._store.of_user(user_id)

    def cancel(self, user_id: ObjectId, only: ObjectId | None = None) -> bool:
        """Let somebody stay, and tell them by mail: whoever cancels may be somebody else, with a copied token.

        Harmless to repeat, and where nothing was asked for; returns whether there was one to cancel.

        Args:
            only: no other erasure than this one.

        Raises:
            Conflict: `erasure_begun`: it cannot be stopped any more.
        """
        cancelled = self._store.cancel(user_id, only)
        if cancelled:
            _log.info("erasure_cancelled", user_id=str(user_id))
            self._mails.send_soon(MailKind.ERASURE_CANCELLED, user_id)
        elif (known := self.of(user_id)) is not None and known.status == "running":
            raise Conflict("It has begun already, and cannot be stopped.", code="erasure_begun")
        return cancelled

    def erase_at_once(self, user_id: ObjectId, *, tell: bool = True) -> None:
        """Begin to erase somebody by another's wish: their account elsewhere was deleted, or time has run out.

        Args:
            tell: as of an `ErasureState`; not where the address was never confirmed: who knows whose it is.
        """
        now = self._clock.now()
        self._begin(self._store.schedule(user_id, now, now, tell=tell))

    def begin_due(self) -> int:
        """Begin what is due, and go on with what stands still; how many were put on the queue. For the cron's job."""
        now = self._clock.now()
        standing = list(self._store.standing_still_since(now - STANDS_STILL_AFTER))
        due = list(self._store.due(now))
        for scheduled in due:
            with suppress(NotFound):  # cancelled in this moment
                self._begin(scheduled)
        for erasure in standing:
            self._enqueue(erasure)
        return len(due) + len(standing)

    def carry_out(self, erasure_id: ObjectId) -> str:
        """Go on with an erasure that has begun, as far as it goes now. Harmless to repeat, at any moment.

        Every place is asked at once, and once more ERASURE_SETTLE_SECONDS after the doors were closed: a request that
        was let in before may have written something behind the back of the first walk. A later job does that.

        Returns:
            `finished` (also where it was finished before) or `waits`.

        Raises:
            Unfinished: some places failed.
        """
        return self._carry_out(erasure_id, self._settle)

    def replay_tombstones(self) -> int:
        """Erase everybody who was erased before and is back, from a backup; how many they were. Tells nobody.

        What cannot be erased now, because their session was live when the backup was made, or because something
        fails, is erased by a worker later. Until then nobody gets in, and the log says so.
        """
        back = self._leftovers.back()
        for user_id in back:
            self._erase_again(user_id)
        _log.info("tombstones_replayed", erased=len(back))
        return len(back)

    def erase_leftovers(self, *, dry_run: bool = False, after_each: Callable[[], None] = lambda: None) -> int:
        """Begin to erase people of whom something is left though their account is gone; how many. For every night.

        Args:
            dry_run: count only.
            after_each: called after each; what it raises ends it there.
        """
        left = self._leftovers.without_account()
        for user_id in () if dry_run else left:
            with suppress(NotFound):  # just finished by a worker
                self.erase_at_once(user_id, tell=False)
            after_each()
        if left:
            _log.warning("leftovers_found", people=len(left), dry_run=dry_run)
        return len(left)

    def _carry_out(self, erasure_id: ObjectId, settle: timedelta) -> str:
        erasure = self._store.find(erasure_id)
        if erasure is None or erasure.status != "running":
            return "finished"
        self._close_doors(erasure)
        erasure = self._store.find(erasure_id) or erasure
        self._tombstones.put(erasure.user_id, erasure.begun_at or self._clock.now())
        now = self._clock.now()
        settled_at = (erasure.shut_at or now) + settle
        if not settle or settled_at <= now:  # the clocks of two machines may differ
            erasure = self._store.begin_last_walk(erasure_id) or erasure
        if min(erasure.due_at, erasure.begun_at or now) + OTHERS_MAY_PLAY_FOR <= now:
            self._doors.end_sessions(erasure.user_id)
        with self._services() as services:
            walked = walk(services, erasure, self._store, self._clock)
        if walked.told_elsewhere:
            self._store.forget_identities(erasure_id)
        if erasure.last_walk:
            return self._ending.after(erasure_id, walked)
        self._enqueue_last_walk(erasure, settled_at + _SECOND)
        return self._ending.waits(walked)

    def _erase_again(self, user_id: ObjectId) -> None:
        """Here and now: whoever restores a backup waits for it, and lets nobody in before. The rest is a worker's."""
        now = self._clock.now()
        self._store.hush(user_id)  # a request may have come back, too; killed after this, it stays quiet
        begun = self._shut_out(self._store.schedule(user_id, now, now, tell=False))
        try:
            if self._carry_out(begun.id, settle=timedelta(0)) == "finished":
                return
        except Unfinished as left_over:
            _log.warning("replay_goes_on_later", erasure=str(begun.id), because=str(left_over))
        self._enqueue(begun)

    def _begin(self, asked: ErasureState) -> ErasureState:
        """Shut them out now; the rest is a worker's."""
        begun = self._shut_out(asked)
        self._enqueue(begun)
        return begun

    def _shut_out(self, asked: ErasureState) -> ErasureState:
        """From here there is no way back.

        Raises:
            NotFound: it was cancelled in this moment.
        """
        now = self._clock.now()
        reached = self._doors.reached_by(asked.user_id)
        # The issuers of whom nobody is to be told were told the first time, or there are none.
        kept = reached if asked.tell else Reached(reached.address)
        begun = self._store.begin(asked, kept, now)
        if begun is None:
            raise NotFound("This erasure was cancelled.", code="no_erasure")
        if asked.status == "scheduled":
            _log.info("erasure_begun", erasure=str(begun.id))
        self._doors.refuse(reached)
        self._close_doors(begun)
        return begun

    def _close_doors(self, erasure: ErasureState) -> None:
        if erasure.begun_at is not None and erasure.tell:
            self._receipts.open(erasure.receipt_id, erasure.requested_at, erasure.begun_at)
        self._doors.close(erasure)
        self._store.shut(erasure.id, self._clock.now(), self._doors.sessions_naming(erasure.user_id))

    def _enqueue(self, erasure: ErasureState) -> None:
        """The job is named by the erasure, whose id leads nowhere once it is finished."""
        try:
            if not self._jobs.is_under_way(ERASE, str(erasure.id)):
                self._jobs.replace(ERASE, str(erasure.id), erasure_id=str(erasure.id))
        except VALKEY_AWAY as away:  # the cron's job puts it on the queue later
            _log.warning("erasure_not_queued", erasure=str(erasure.id), error=type(away).__name__)

    def _enqueue_last_walk(self, erasure: ErasureState, moment: datetime) -> None:
        """A job of its own, which no worker waits for."""
        key = f"{erasure.id}-last"
        try:
            if not self._jobs.is_under_way(ERASE, key):
                self._jobs.enqueue_at(moment, ERASE, key, erasure_id=str(erasure.id))
        except VALKEY_AWAY as away:  # likewise
            _log.warning("erasure_not_queued", erasure=str(erasure.id), error=type(away).__name__)
