"""The mails about accounts: what they say, and that a worker sends them.

A job carries the account's id and the mail's kind, nothing else: addresses and tokens do not lie in queues.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import structlog
from bson import ObjectId

from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.errors import Busy, NotFound
from backend.infra.clock import Clock
from backend.infra.jobs import SEND_MAIL, JobQueue
from backend.infra.mail import Mailer
from backend.infra.valkey import VALKEY_AWAY
from backend.users.accounts import Accounts
from backend.users.service import UserProfile, UserService

_log = structlog.stdlib.get_logger(__name__)


class MailKind(StrEnum):
    """What a mail is about."""

    CONFIRM = "confirm"
    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a mail's name
    ERASURE_SCHEDULED = "erasure_scheduled"
    ERASURE_CANCELLED = "erasure_cancelled"


_GREETING = "Hello{name},\n\n"
_GOODBYE = "\n\nYour DinDin\n{base}\n"
_CONFIRM = (
    "Confirm your e-mail address, so that you can get back in if you forget your password:\n\n{link}\n\n"
    "The page asks for the password that you registered with, and the link is good for a week. You did not register? "
    "Then ignore this mail; the address will not be used."
)
_KNOWN_ALREADY = (
    "Somebody, perhaps you, has registered at DinDin with this address. It belongs to your account already, so log in "
    'to that one as always. You forgot your password? Choose "Forgot password" in the app.\n\n'
    "If it was not you, there is nothing to do: your account is as it was."
)
_RESET = (
    "Choose a new password here:\n\n{link}\n\n"
    "The link is good for an hour, and once. You did not ask for it? Then ignore this mail; your password stays."
)
_CHANGED = (
    'Your password was changed just now, and you were logged out elsewhere. If it was not you, choose "Forgot '
    'password" in the app at once.'
)
_ERASURE_SCHEDULED = (
    "Your account will be erased on {day} (UTC), with everything about you: that cannot be undone afterwards.\n\n"
    "Until then you can change your mind. Keep your account here:\n\n{link}\n\n"
    "The page asks once more before it does, and the link is good until the account is erased. If it was not you who "
    "asked, keep your account now and change your password."
)
_ERASURE_CANCELLED = (
    "Your account was going to be erased. That was cancelled just now: it stays, with everything in it.\n\n"
    'If it was not you, somebody else is logged in as you. Choose "Forgot password" in the app at once, which logs '
    "them out, and then ask once more to be erased."
)
_ERASED = (
    "Your account and everything about you was erased. Nobody here can tell any more who you were; what you decided "
    'together stays in the histories of the others, where you are "Somebody". Should they still be at it, your name '
    "goes when they are done, in a day at the latest; the receipt says when that is so.\n\n"
    "This is the last mail to this address. The receipt, which holds nothing about you:\n\n{link}\n"
)


class AccountMails:
    """Puts mails on the queue (in the API) and sends them (in a worker)."""

    def __init__(
        self,
        *,
        users: UserService,
        accounts: Accounts,
        signer: TokenSigner,
        mailer: Mailer,
        jobs: JobQueue,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._users = users
        self._accounts = accounts
        self._signer = signer
        self._mailer = mailer
        self._jobs = jobs
        self._clock = clock
        self._base_url = settings.base_url

    def send(self, kind: MailKind, user_id: ObjectId) -> None:
        """Have a worker send a mail.

        Raises:
            Busy: the queue cannot be reached.
        """
        try:
            self._enqueue(kind, user_id)
        except VALKEY_AWAY:
            raise Busy("Mails cannot be sent right now. Try again in a moment.", retry_after=5) from None

    def send_soon(self, kind: MailKind, user_id: ObjectId) -> None:
        """The same where what it tells of has happened already and must not fail for the mail's sake."""
        try:
            self._enqueue(kind, user_id)
        except VALKEY_AWAY as away:
            _log.warning("mail_not_queued", kind=kind, user_id=str(user_id), error=type(away).__name__)

    def tell_of_erasure(self, user_id: ObjectId, day: str) -> None:
        """Have a worker tell somebody on which day they are going to be erased."""
        try:
            self._enqueue(MailKind.ERASURE_SCHEDULED, user_id, day=day)
        except VALKEY_AWAY as away:
            _log.warning("mail_not_queued", user_id=str(user_id), error=type(away).__name__)

    def say_goodbye(self, address: str, receipt_id: str) -> bool:
        """Send somebody who was erased their receipt, now; False where this server sends no mails. For workers.

        Raises:
            OSError, SMTPException: the mail server does not take it; try again later.
        """
        link = f"{self._base_url}/api/v1/compliance/erasure-receipts/{receipt_id}"
        text = _GREETING.format(name="") + _ERASED.format(link=link) + _GOODBYE.format(base=self._base_url)
        return self._mailer.send_last(address, "Your account was erased", text)

    def deliver(
        self, kind: MailKind, user_id: ObjectId, day: str = "", erasure_id: ObjectId | None = None
    ) -> bool:
        """Write the mail and send it now; whether there was somebody to send it to. For workers.

        Args:
            day: for mails that name one.
            erasure_id: the person's erasure, if there is one. Where there is none any more, nobody is told of it.

        Raises:
            OSError, SMTPException: the mail server does not take it; try again later.
        """
        try:
            user = self._users.by_id(user_id)
        except NotFound:
            return False
        if not user.email:
            return False
        if kind is MailKind.ERASURE_SCHEDULED:
            if erasure_id is None:
                return False
            subject, text = self._words_of_erasure(user, day, erasure_id)
        else:
            subject, text = self._words(kind, user)
        # Until then the name may be a stranger's, who has us write what they like to whom they like.
        name = f" {user.display_name}" if user.email_confirmed else ""
        greeting, goodbye = _GREETING.format(name=name), _GOODBYE.format(base=self._base_url)
        return self._mailer.send(user.email, subject, greeting + text + goodbye, kind.value)

    def _words_of_erasure(self, user: UserProfile, day: str, erasure_id: ObjectId) -> tuple[str, str]:
        token = self._signer.keep_token(user.id, user.email, erasure_id, _end_of(day), self._clock.now())
        link = self._link("keep", token)
        return "Your account will be erased", _ERASURE_SCHEDULED.format(day=day, link=link)

    def _words(self, kind: MailKind, user: UserProfile) -> tuple[str, str]:
        now = self._clock.now()
        if kind is MailKind.ERASURE_CANCELLED:
            return "Your account will not be erased", _ERASURE_CANCELLED
        if kind is MailKind.PASSWORD_CHANGED:
            return "Your password was changed", _CHANGED
        if kind is MailKind.RESET:
            stored = self._accounts.password_of(user.id)
            token = self._signer.reset_token(
                user.id, user.email, stored.password_hash if stored else None, now
            )
            return "Choose a new password", _RESET.format(link=self._link("reset", token))
        if self._accounts.owner_of(user.email) not in {None, user.id}:
            return "You have an account already", _KNOWN_ALREADY
        token = self._signer.confirm_token(user.id, user.email, now)
        return "Confirm your e-mail address", _CONFIRM.format(link=self._link("confirm", token))

    def _link(self, page: str, token: str) -> str:
        """Below the configured address, never below what a request called this server."""
        return f"{self._base_url}/account/{page}?token={token}"

    def _enqueue(self, kind: MailKind, user_id: ObjectId, **more: str) -> None:
        key = f"{kind}-{secrets.token_hex(8)}"  # workers log it: it says nothing about anybody
        self._jobs.enqueue(SEND_MAIL, key, about=kind.value, user_id=str(user_id), **more)


def _end_of(day: str) -> datetime:
    """The moment at which a day, as YYYY-MM-DD, is over (UTC)."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)
