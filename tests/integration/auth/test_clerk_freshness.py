"""Proving once more who one is with a log-in at Clerk: what counts is when Clerk saw it proved, not when we saw it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import svcs

from backend.auth.accounts import AccountService
from backend.auth.mails import AccountMails
from backend.auth.passwords import PasswordHasher
from backend.auth.tokens import TokenSigner
from backend.errors import Forbidden
from backend.http.access import Caller
from backend.infra.flags import Flags
from tests.federated_app import Process
from tests.issuer import Issuer, clerk_token, running_issuer
from tests.set_clock import SetClock

pytestmark = pytest.mark.security

Comes = Callable[..., Caller]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """A Clerk instance."""
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def process(services: svcs.Container, issuer: Issuer, clock: SetClock) -> Iterator[Process]:
    parties = ("https://app.example",)
    process = Process(services, clock, clerk_issuer=issuer.url, clerk_authorized_parties=parties)
    yield process
    process.close()


@pytest.fixture
def comes(process: Process, issuer: Issuer, clock: SetClock) -> Comes:
    """Who somebody's token of this moment speaks for; the log-in at Clerk is the same each time."""
    who = f"user_{secrets.token_hex(6)}", f"sess_{secrets.token_hex(6)}"

    def comes(**claims: Any) -> Caller:
        return process.auth.identify(clerk_token(issuer, clock.now().timestamp(), *who, **claims))

    return comes


@pytest.fixture
def accounts(process: Process, services: svcs.Container, clock: SetClock) -> AccountService:
    return AccountService(
        accounts=process.accounts,
        users=process.users,
        auth=process.auth,
        hasher=PasswordHasher(process.settings.password_hash_mib),
        signer=services.get(TokenSigner),
        mails=services.get(AccountMails),
        clock=clock,
        flags=services.get(Flags),
    )


def refused(accounts: AccountService, caller: Caller) -> str:
    with pytest.raises(Forbidden) as refused:
        accounts.re_authenticate(caller, None)
    return refused.value.code


@pytest.mark.parametrize("fva", [[0, -1], [8, -1], [0, 0], [8, 3], [3, 8]], ids=str)
def test_what_was_proved_lately_is_enough(comes: Comes, accounts: AccountService, fva: list[int]) -> None:
    accounts.re_authenticate(comes(fva=fva), None)


@pytest.mark.parametrize(
    "fva",
    [
        [10, -1],
        [20_000, -1],
        [-1, -1],
        [-1, 0],
        # A second factor is part of logging in, for whoever has one.
        [0, 10],
        [10, 0],
        # What says nothing clearly says nothing.
        None,
        [],
        [0],
        [0, 0, 0],
        [False, False],
        [0.5, -1],
        ["0", "-1"],
        "00",
        0,
        {"0": 0},
        [10**30, -1],
    ],
    ids=str,
)
def test_a_log_in_that_is_old_there_is_not_fresh_because_we_see_it_for_the_first_time(
    comes: Comes, accounts: AccountService, fva: object
) -> None:
    assert refused(accounts, comes(fva=fva)) == "log_in_again"


def test_minutes_go_on_after_the_token_was_made(
    comes: Comes, accounts: AccountService, clock: SetClock
) -> None:
    caller = comes(fva=[8, -1])
    clock.advance(seconds=60)
    accounts.re_authenticate(caller, None)
    clock.advance(seconds=1)
    assert refused(accounts, caller) == "log_in_again"


def test_proving_it_again_makes_the_same_log_in_fresh(
    comes: Comes, accounts: AccountService, clock: SetClock
) -> None:
    assert refused(accounts, comes(fva=[600, -1])) == "log_in_again"
    clock.advance(minutes=1)
    again = comes(fva=[0, -1])
    accounts.re_authenticate(again, None)
    # Each token speaks for itself: one that somebody copied before gets no better by it.
    assert refused(accounts, comes(fva=[601, -1])) == "log_in_again"


def test_one_that_was_ended_here_proves_nothing(
    comes: Comes, accounts: AccountService, process: Process
) -> None:
    caller = comes(fva=[0, -1])
    process.auth.log_out(caller)
    assert refused(accounts, caller) == "log_in_again"
