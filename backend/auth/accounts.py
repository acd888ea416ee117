"""Accounts of this server's own: register, guests, passwords, confirmed addresses (docs/product.md A1, A3).

No answer, and no answer's time, tells whether an address is known here (docs/decisions/0010).
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from bson import ObjectId

from backend.auth.mails import AccountMails, MailKind
from backend.auth.passwords import PasswordHasher
from backend.auth.service import AuthService, LoggedIn
from backend.auth.tokens import MailClaims, MailPurpose, TokenSigner
from backend.errors import Conflict, Forbidden, NotFound, Unauthenticated
from backend.http.access import Caller
from backend.infra.clock import Clock
from backend.infra.flags import Flag, Flags
from backend.roles import Role
from backend.users.accounts import Accounts, StoredPassword
from backend.users.service import UserProfile, UserService

_log = structlog.stdlib.get_logger(__name__)

# Who has no password here proves who they are by logging in again: this long a log-in counts as that.
FRESH_LOG_IN = timedelta(minutes=10)

_USED_UP = "This link was used already, or is no longer good. Ask for a new one."


class AccountService:
    """Opens accounts, and lets people in by password or by mail."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        users: UserService,
        auth: AuthService,
        hasher: PasswordHasher,
        signer: TokenSigner,
        mails: AccountMails,
        clock: Clock,
        flags: Flags,
    ) -> None:
        self._accounts = accounts
        self._users = users
        self._auth = auth
        self._hasher = hasher
        self._signer = signer
        self._mails = mails
        self._clock = clock
        self._flags = flags

    def register(self, email: str, password: str, display_name: str, user_agent: str) -> LoggedIn:
        """Open an account and log in; a mail asks to confirm the address.

        Whoever registers again with the same password is logged in to the account of before.
        """
        known = self._matching(email, password)
        password_hash = self._hasher.hash(password)  # also for nothing: time must not tell
        if known is not None:
            return self._let_in(known, password, user_agent)
        user = self._accounts.open(email, password_hash, display_name)
        _log.info("registered", user_id=str(user.id))
        self._mails.send_soon(MailKind.CONFIRM, user.id)
        return self._auth.open_session(user, user_agent)

    def welcome_guest(self, display_name: str, user_agent: str) -> LoggedIn:
        """Let somebody in who gave a name only.

        Raises:
            Forbidden: `guests_off`: this server takes none at present; those who are in stay in.
        """
        if not self._flags.is_on(Flag.GUESTS):
            raise Forbidden(
                "Nobody can come in as a guest at present. Make an account: an address and a password will do.",
                code="guests_off",
            )
        return self._auth.open_session(self._accounts.open_guest(display_name), user_agent)

    def claim(self, guest: Caller, email: str, password: str, user_agent: str) -> LoggedIn:
        """Make a guest's account a user's; everything that was theirs stays.

        Raises:
            Conflict: `not_a_guest`.
        """
        user = self._accounts.claim(ObjectId(guest.user_id), email, self._hasher.hash(password))
        _log.info("guest_became_user", user_id=str(user.id))
        self._auth.log_out_everywhere(user.id)  # who knows more gets tokens that nobody saw before
        self._mails.send_soon(MailKind.CONFIRM, user.id)
        return self._auth.open_session(user, user_agent)

    def log_in(self, email: str, password: str, user_agent: str) -> LoggedIn:
        """Log in. An unknown address and a wrong password look and last the same.

        Raises:
            Unauthenticated: `wrong_credentials`.
        """
        stored = self._matching(email, password)
        if stored is None:
            raise _wrong_credentials()
        logged_in = self._let_in(stored, password, user_agent)
        if self._hasher.is_outdated(stored.password_hash):
            self._accounts.replace_password(stored.user_id, stored.password_hash, self._hasher.hash(password))
        return logged_in

    def re_authenticate(self, caller: Caller, password: str | None) -> None:
        """Let somebody logged in prove who they are once more, before what leaks much or cannot be undone.

        By the password where the account has one. Who has none logs in elsewhere, and shows it by having proved there
        who they are less than FRESH_LOG_IN ago: that a log-in is new to us is not enough where its issuer says that it
        remembered them, nor at Clerk (`AuthService.proved_at`).
        A guest's log-in is all that a guest is, so it proves as much as can be proved.

        Raises:
            Forbidden: `wrong_password`; `password_needed`: there is one, and none was given; `log_in_again`: there is
                none, and the log-in is not fresh.
        """
        user_id = ObjectId(caller.user_id)
        if password is not None:
            self._own_password(user_id, password)
        elif self._accounts.password_of(user_id) is not None:
            raise Forbidden("This needs your password once more.", code="password_needed")
        elif caller.role is not Role.GUEST:
            self._require_fresh_log_in(caller)

    def change_password(self, caller: Caller, current: str, new: str) -> None:
        """Replace the password; every other log-in ends.

        Raises:
            Forbidden: `wrong_password`.
            Conflict: `password_changed`: it was changed elsewhere in the same moment.
        """
        user_id = ObjectId(caller.user_id)
        stored = self._own_password(user_id, current)
        if not self._accounts.replace_password(user_id, stored.password_hash, self._hasher.hash(new)):
            raise Conflict(
                "The password was changed elsewhere just now. Log in again.", code="password_changed"
            )
        self._auth.log_out_everywhere(user_id, but=ObjectId(caller.auth_session_id))
        self._tell_of_new_password(user_id)

    def forget_password(self, email: str) -> None:
        """Mail a link with which a new password can be chosen, if the address is known. Never says whether it is.

        Raises:
            Busy: mails cannot be sent right now.
        """
        # For nobody a mail is put on the queue as well, and dropped by the worker: time must not tell.
        self._mails.send(MailKind.RESET, self._accounts.for_reset(email) or ObjectId())

    def reset_password(self, token: str, new: str) -> ObjectId:
        """Choose a new password with the link of a mail. Ends every log-in; the address counts as confirmed.

        Returns:
            Whose password it is.

        Raises:
            Forbidden: `link_expired`, `link_not_valid`, also for a link that was used.
            Conflict: `email_taken`: the address belongs to another account by now.
        """
        claims, old_hash = self._read_reset(token)
        self._confirm(claims.user_id, claims.email)
        if not self._accounts.replace_password(claims.user_id, old_hash, self._hasher.hash(new)):
            raise Forbidden(_USED_UP, code="link_not_valid")
        self._auth.log_out_everywhere(claims.user_id)
        self._tell_of_new_password(claims.user_id)
        return claims.user_id

    def address_of(self, purpose: MailPurpose, token: str) -> str:
        """The address that the mail with this link went to, while the link is good. Changes nothing.

        Raises:
            Forbidden: `link_expired`, `link_not_valid`.
        """
        if purpose is MailPurpose.RESET:
            return self._read_reset(token)[0].email
        return self._signer.read_mail(purpose, token, self._clock.now()).email

    def ask_to_confirm(self, caller: Caller) -> None:
        """Mail the link that confirms the caller's address once more; nothing where it is confirmed.

        Raises:
            Busy: mails cannot be sent right now.
        """
        user = self._users.by_id(ObjectId(caller.user_id))
        if user.email and not user.email_confirmed:
            self._mails.send(MailKind.CONFIRM, user.id)

    def confirm_email(self, token: str, password: str) -> UserProfile:
        """Confirm an address with the link of a mail and the account's password. Harmless to repeat.

        The password shows that whoever reads the mails is who opened the account: somebody may have registered with
        the address of a stranger, who presses the button and then shares an account.

        Raises:
            Forbidden: `link_expired`, `link_not_valid`, `wrong_password`.
            Conflict: `email_taken`: another account has confirmed the address before.
        """
        claims = self._signer.read_mail(MailPurpose.CONFIRM, token, self._clock.now())
        self._own_password(claims.user_id, password)
        return self._confirm(claims.user_id, claims.email)

    def _let_in(self, checked: StoredPassword, password: str, user_agent: str) -> LoggedIn:
        """Open a log-in, unless the password was changed since it was checked: that ends log-ins, this one too.

        Who changes it replaces it first and then ends what there is; this looks after the log-in is there. So one of
        the two sees the other.
        """
        logged_in = self._auth.open_session(self._users.by_id(checked.user_id), user_agent)
        stored = self._accounts.password_of(checked.user_id)
        if stored != checked and not self._hasher.matches(stored.password_hash if stored else None, password):
            self._auth.end(logged_in.auth_session_id)
            raise _wrong_credentials()
        return logged_in

    def _read_reset(self, token: str) -> tuple[MailClaims, str | None]:
        """What the link says, and the hash of the password that it replaces; None where there is none yet."""
        claims = self._signer.read_mail(MailPurpose.RESET, token, self._clock.now())
        stored = self._accounts.password_of(claims.user_id)
        old_hash = stored.password_hash if stored else None
        if not self._signer.is_of_password(claims, old_hash):
            raise Forbidden(_USED_UP, code="link_not_valid")
        return claims, old_hash

    def _confirm(self, user_id: ObjectId, email: str) -> UserProfile:
        try:
            confirmed = self._accounts.confirm_email(user_id, email)
        except NotFound:
            raise Forbidden(_USED_UP, code="link_not_valid") from None
        _log.info("email_confirmed", user_id=str(user_id))
        return confirmed

    def _matching(self, email: str, password: str) -> StoredPassword | None:
        """Whose password this is, comparing equally often for every address."""
        matching = None
        for stored in self._accounts.passwords_for(email):
            same = self._hasher.matches(stored.password_hash if stored else None, password)
            matching = matching or (stored if same else None)
        return matching

    def _own_password(self, user_id: ObjectId, password: str) -> StoredPassword:
        stored = self._accounts.password_of(user_id)
        if not self._hasher.matches(stored.password_hash if stored else None, password) or stored is None:
            _log.warning("re_authentication_refused", user_id=str(user_id))
            raise Forbidden(
                "The password is wrong. Try again, or choose a new one by mail.", code="wrong_password"
            )
        return stored

    def _require_fresh_log_in(self, caller: Caller) -> None:
        proved_at = self._auth.proved_at(caller)
        if proved_at is None or self._clock.now() - proved_at > FRESH_LOG_IN:
            _log.warning("re_authentication_refused", user_id=caller.user_id)
            raise Forbidden(
                f"For this you must have logged in within the last {FRESH_LOG_IN.seconds // 60} minutes. "
                "Log in again, and then ask once more.",
                code="log_in_again",
            )

    def _tell_of_new_password(self, user_id: ObjectId) -> None:
        _log.info("password_changed", user_id=str(user_id))
        self._mails.send_soon(MailKind.PASSWORD_CHANGED, user_id)


def _wrong_credentials() -> Unauthenticated:
    _log.warning("log_in_refused")
    return Unauthenticated("E-mail address or password is wrong.", code="wrong_credentials")
