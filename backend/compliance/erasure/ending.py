"""How an erasure ends: the last mail, the receipt, and that nobody knows any more that there was one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPException

import structlog
from bson import ObjectId

from backend.audit.events import AuditEvent
from backend.auth.mails import AccountMails
from backend.compliance.erasure.receipts import Receipts
from backend.compliance.erasure.store import ErasureState, ErasureStore
from backend.compliance.erasure.walk import Walked
from backend.infra.clock import Clock

_log = structlog.stdlib.get_logger(__name__)

# So long the mail server may refuse the last mail; then the address goes all the same.
_GOODBYE_WITHIN = timedelta(days=3)


class Unfinished(Exception):
    """Some places could not forget somebody just now; trying again may help. The log says which and why."""


class Ending:
    """Sees to what follows the last walk."""

    def __init__(
        self,
        *,
        store: ErasureStore,
        receipts: Receipts,
        mails: AccountMails,
        clock: Clock,
        record: Callable[[AuditEvent], None],
    ) -> None:
        """`record` takes down what happens, for the audit log."""
        self._store = store
        self._receipts = receipts
        self._mails = mails
        self._clock = clock
        self._record = record

    def after(self, erasure_id: ObjectId, walked: Walked) -> str:
        """Sign, say goodbye, record it, and forget that there was anything; as far as the last walk came.

        Nobody's playing on, and nobody's silence elsewhere, keeps the address here: the mail does not wait for them.
        Interrupted in between, it is done again: better twice in the audit log than never.

        Returns:
            `finished` or `waits`.

        Raises:
            Unfinished: some places failed, or the mail cannot be sent.
        """
        erasure = self._store.find(erasure_id)
        if erasure is None:
            return "finished"
        if walked.complete and erasure.tell:
            self._receipts.close(erasure.receipt_id, erasure.found, self._clock.now())
        if walked.all_tried_here:
            self._let_go_of_the_address(erasure)
        if not walked.complete:
            return self.waits(walked)
        self._record(AuditEvent("compliance.erasure_finished"))  # whose it was, nobody is to know any more
        self._store.finish(erasure_id)
        _log.info("erasure_finished", erasure=str(erasure_id))
        return "finished"

    def waits(self, walked: Walked) -> str:
        """What there is to say of a walk that is not the end: `waits`.

        Raises:
            Unfinished: some places failed.
        """
        if walked.failed:
            raise Unfinished(", ".join(place.name for place in walked.failed))
        return "waits"

    def _let_go_of_the_address(self, erasure: ErasureState) -> None:
        if not erasure.address:
            return
        if erasure.tell:
            self._say_goodbye(erasure)
        self._store.forget_address(erasure.id)

    def _say_goodbye(self, erasure: ErasureState) -> None:
        try:
            self._mails.say_goodbye(erasure.address, erasure.receipt_id)
        except (OSError, SMTPException) as error:
            if erasure.begun_at is None or self._clock.now() - erasure.begun_at < _GOODBYE_WITHIN:
                raise Unfinished("the last mail cannot be sent") from None
            _log.error("goodbye_not_said", erasure=str(erasure.id), error=type(error).__name__)
