"""Proving once more who one is, before what leaks much or cannot be undone."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
import svcs
from bson import ObjectId

from backend.auth.accounts import FRESH_LOG_IN, AccountService
from backend.auth.mails import AccountMails
from backend.auth.passwords import PasswordHasher
from backend.auth.service import AuthService, LoggedIn
from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.errors import Forbidden
from backend.http.access import Caller
from backend.infra.flags import Flags
from backend.infra.valkey import Valkey
from backend.users.accounts import Accounts, Identity
from backend.users.service import UserProfile, UserService
from tests.conftest import Account
from tests.set_clock import SetClock

pytestmark = pytest.mark.security


class Door:
    """Accounts and log-ins on a clock that the test moves."""

    def __init__(self, services: svcs.Container, settings: Settings) -> None:
        self.clock, self.signer = SetClock(), services.get(TokenSigner)
        self.auth = AuthService(
            users=services.get(UserService),
            signer=self.signer,
            clock=self.clock,
            valkey=services.get(Valkey),
            settings=settings,
        )
        self.accounts = AccountService(
            accounts=services.get(Accounts),
            users=services.get(UserService),
            auth=self.auth,
            hasher=PasswordHasher(settings.password_hash_mib),
            signer=self.signer,
            mails=services.get(AccountMails),
            clock=self.clock,
            flags=services.get(Flags),
        )

    def caller_of(self, logged_in: LoggedIn) -> Caller:
        """Who the fresh access token speaks for."""
        return self.auth.identify(logged_in.access_token)


@pytest.fixture
def door(services: svcs.Container, settings: Settings) -> Door:
    return Door(services, settings)


@pytest.fixture
def from_elsewhere(services: svcs.Container) -> UserProfile:
    """Somebody who logs in through an issuer and has no password."""
    return services.get(Accounts).by_identity(
        Identity("https://issuer.example", secrets.token_hex(6), "", False, "Eve")
    )


def refused(door: Door, caller: Caller, password: str | None) -> str:
    with pytest.raises(Forbidden) as refused:
        door.accounts.re_authenticate(caller, password)
    return refused.value.code


def test_who_has_a_password_gives_it(register: Callable[..., Account], services: svcs.Container) -> None:
    ada, accounts = register("Ada"), services.get(AccountService)
    caller = services.get(AuthService).identify(ada.tokens["access_token"])
    accounts.re_authenticate(caller, ada.password)
    for given, code in (("a wrong guess", "wrong_password"), (None, "password_needed")):
        with pytest.raises(Forbidden) as refusal:
            accounts.re_authenticate(caller, given)
        assert refusal.value.code == code


def test_who_has_none_must_have_logged_in_lately(door: Door, from_elsewhere: UserProfile) -> None:
    logged_in = door.auth.open_session(from_elsewhere, "a phone")
    caller = door.caller_of(logged_in)
    door.clock.moment += FRESH_LOG_IN
    door.accounts.re_authenticate(caller, None)
    door.clock.advance(seconds=1)
    assert refused(door, caller, None) == "log_in_again"
    assert refused(door, caller, "any password") == "wrong_password"
    # Refreshing its tokens makes a log-in no fresher; another one does.
    refreshed = door.caller_of(door.auth.refresh(logged_in.refresh_token))
    assert refused(door, refreshed, None) == "log_in_again"
    door.accounts.re_authenticate(door.caller_of(door.auth.open_session(from_elsewhere, "a phone")), None)


@pytest.mark.parametrize(
    ("seconds_ago", "code"), [(None, ""), (0, ""), (599, ""), (601, "log_in_again"), (-60, "")], ids=str
)
def test_an_issuer_that_remembered_them_has_not_asked_who_they_are(
    door: Door, from_elsewhere: UserProfile, seconds_ago: int | None, code: str
) -> None:
    """`auth_time` of OpenID Connect: that a log-in is new here does not make it fresh."""
    proved_at = None if seconds_ago is None else int(door.clock.now().timestamp()) - seconds_ago
    caller = door.caller_of(door.auth.open_session(from_elsewhere, "a phone", proved_at))
    if code:
        assert refused(door, caller, None) == code
    else:
        door.accounts.re_authenticate(caller, None)
    door.clock.moment += FRESH_LOG_IN
    door.clock.advance(seconds=1)
    assert refused(door, caller, None) == "log_in_again"


def test_a_log_in_that_ended_proves_nothing(door: Door, from_elsewhere: UserProfile) -> None:
    logged_in = door.auth.open_session(from_elsewhere, "a phone")
    caller = door.caller_of(logged_in)
    door.auth.end(logged_in.auth_session_id)
    assert refused(door, caller, None) == "log_in_again"


def test_a_log_in_of_somebody_else_proves_nothing(door: Door, from_elsewhere: UserProfile) -> None:
    caller = door.caller_of(door.auth.open_session(from_elsewhere, "a phone"))
    other = Caller(str(ObjectId()), caller.auth_session_id, caller.token_expires_at, caller.role)
    assert refused(door, other, None) == "log_in_again"


def test_a_guest_has_nothing_but_the_log_in(door: Door) -> None:
    caller = door.caller_of(door.accounts.welcome_guest("Gus", "a phone"))
    door.clock.moment += FRESH_LOG_IN * 2
    door.accounts.re_authenticate(caller, None)
    assert refused(door, caller, "any password") == "wrong_password"
