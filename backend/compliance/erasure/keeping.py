"""Changing one's mind by the link of the mail that tells of an erasure: without logging in, until it begins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bson import ObjectId

from backend.auth.tokens import MailClaims, MailPurpose, TokenSigner
from backend.compliance.erasure.service import ErasureService
from backend.compliance.erasure.store import ErasureState
from backend.errors import AppError, Conflict, Forbidden
from backend.infra.clock import Clock
from backend.users.service import UserService


class TooLate(AppError):
    """The account is being erased, or is gone."""

    code = "erasure_begun"
    status = 409


@dataclass(frozen=True, slots=True)
class Scheduled:
    """An erasure that can still be cancelled.

    Attributes:
        address: where the mail with the link went to.
    """

    user_id: ObjectId
    address: str
    due_at: datetime


class Keeping:
    """Reads the link, and keeps the account."""

    def __init__(
        self, *, erasures: ErasureService, users: UserService, signer: TokenSigner, clock: Clock
    ) -> None:
        self._erasures = erasures
        self._users = users
        self._signer = signer
        self._clock = clock

    def look(self, token: str) -> Scheduled:
        """What the link would cancel. Changes nothing.

        Raises:
            Forbidden: `link_expired`, `link_not_valid`.
            TooLate: it has begun.
            Conflict: `erasure_cancelled`: it was cancelled. The account stays, unless its owner asked once more.
        """
        claims = self._read(token)
        known = self._erasures.of(claims.user_id)
        if known is None or known.id != claims.erasure_id or known.status != "scheduled":
            raise self._refusal(claims, known)
        return Scheduled(claims.user_id, claims.email, known.due_at)

    def keep(self, token: str) -> ObjectId:
        """Cancel the erasure that the mail told of; whose it was. Who does it again is told that it was done.

        Raises:
            Forbidden, TooLate, Conflict: as `look`; also `erasure_begun`.
        """
        claims = self._read(token)
        # Without an id, any would be cancelled, also one that was asked for since.
        if claims.erasure_id is None or not self._erasures.cancel(claims.user_id, only=claims.erasure_id):
            raise self._refusal(claims, self._erasures.of(claims.user_id))
        return claims.user_id

    def _read(self, token: str) -> MailClaims:
        claims = self._signer.read_mail(MailPurpose.KEEP, token, self._clock.now())
        return claims if claims.erasure_id else self._told_of(claims)

    def _told_of(self, claims: MailClaims) -> MailClaims:
        """The same with the erasure that a mail of the version before told of without naming it.

        Can go once ERASURE_GRACE_DAYS have passed with this version: no such link is good then.

        Raises:
            Forbidden: `link_not_valid`: the erasure that is scheduled was asked for after the mail.
        """
        known = self._erasures.of(claims.user_id)
        if known is None or known.status != "scheduled":
            return claims  # nothing to cancel, and `_refusal` says why
        if int(known.requested_at.timestamp()) > claims.issued_at:
            raise Forbidden(
                "This link is of an earlier mail. To keep your account, open the link of the newest one.",
                code="link_not_valid",
            )
        return replace(claims, erasure_id=known.id)

    def _refusal(self, claims: MailClaims, known: ErasureState | None) -> AppError:
        """Why the erasure that the mail told of cannot be cancelled; `known`: which there is now."""
        if known is not None and known.status == "scheduled":
            return Conflict(
                f"That erasure was cancelled already. Another was asked for since, for {known.due_at:%Y-%m-%d}: "
                "to keep your account, open the link of the newest mail.",
                code="erasure_cancelled",
            )
        if known is not None or self._users.role_of(claims.user_id) is None:
            return TooLate("The account is being erased already, or is gone: nothing can stop that any more.")
        return Conflict("Your account stays: the erasure was cancelled already.", code="erasure_cancelled")
