"""Refresh tokens: each is good once, a copied one ends the log-in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import svcs

from backend.auth.service import REPLACED_TOKEN_GRACE, AuthService, LoggedIn
from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.errors import Unauthenticated
from backend.infra.valkey import Valkey
from backend.users.accounts import Accounts
from backend.users.service import UserService
from tests.conftest import Account
from tests.set_clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def auth(services: svcs.Container, settings: Settings, clock: SetClock) -> AuthService:
    """The service on the real databases, with a clock that the test moves."""
    return AuthService(
        users=services.get(UserService),
        signer=TokenSigner(settings),
        clock=clock,
        valkey=services.get(Valkey),
        settings=settings,
    )


@pytest.fixture
def first(auth: AuthService, services: svcs.Container) -> LoggedIn:
    """Somebody's first pair of tokens."""
    return auth.open_session(services.get(Accounts).open_guest("Ada"), "pytest")


def refusal(auth: AuthService, token: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        auth.refresh(token)
    return refused.value.code


def test_each_refresh_gives_a_pair_that_works(auth: AuthService, first: LoggedIn, clock: SetClock) -> None:
    pair = first
    for _ in range(5):
        clock.advance(minutes=14)
        pair = auth.refresh(pair.refresh_token)
        assert auth.identify(pair.access_token).user_id == str(first.user.id)


def test_an_expired_access_token_is_told_apart(auth: AuthService, first: LoggedIn, clock: SetClock) -> None:
    clock.advance(minutes=15)
    with pytest.raises(Unauthenticated) as refused:
        auth.identify(first.access_token)
    assert refused.value.code == "token_expired"
    assert auth.identify(auth.refresh(first.refresh_token).access_token)


def test_the_token_just_replaced_is_honoured_for_a_moment(
    auth: AuthService, first: LoggedIn, clock: SetClock
) -> None:
    second = auth.refresh(first.refresh_token)
    clock.moment += REPLACED_TOKEN_GRACE
    repeated = auth.refresh(first.refresh_token)
    # Both speak for the same, current generation: either may go on.
    clock.advance(minutes=1)
    assert auth.refresh(repeated.refresh_token)
    assert auth.refresh(second.refresh_token)


@pytest.mark.security
def test_a_replaced_token_used_later_ends_the_log_in(
    auth: AuthService, first: LoggedIn, clock: SetClock
) -> None:
    second = auth.refresh(first.refresh_token)
    clock.moment += REPLACED_TOKEN_GRACE + timedelta(milliseconds=1)
    assert refusal(auth, first.refresh_token) == "unauthenticated"
    assert refusal(auth, second.refresh_token) == "unauthenticated"
    with pytest.raises(Unauthenticated):
        auth.identify(second.access_token)


@pytest.mark.security
def test_a_token_two_generations_old_ends_the_log_in_at_once(auth: AuthService, first: LoggedIn) -> None:
    third = auth.refresh(auth.refresh(first.refresh_token).refresh_token)
    assert refusal(auth, first.refresh_token) == "unauthenticated"
    assert refusal(auth, third.refresh_token) == "unauthenticated"


@pytest.mark.security
def test_reuse_ends_one_log_in_and_not_the_others(
    auth: AuthService, first: LoggedIn, clock: SetClock
) -> None:
    other = auth.open_session(first.user, "another device")
    auth.refresh(first.refresh_token)
    clock.advance(minutes=1)
    refusal(auth, first.refresh_token)
    assert auth.identify(other.access_token)


def test_a_refresh_token_expires(auth: AuthService, first: LoggedIn, clock: SetClock) -> None:
    clock.advance(days=30)
    assert refusal(auth, first.refresh_token) == "token_expired"


def test_refreshing_keeps_a_log_in_alive_past_its_first_end(
    auth: AuthService, first: LoggedIn, clock: SetClock
) -> None:
    clock.advance(days=29)
    second = auth.refresh(first.refresh_token)
    clock.advance(days=29)
    assert auth.identify(auth.refresh(second.refresh_token).access_token)


@pytest.mark.security
def test_a_generation_that_was_never_given_out_is_refused_and_harms_nobody(
    auth: AuthService, first: LoggedIn, settings: Settings, clock: SetClock
) -> None:
    signer = TokenSigner(settings)
    claims = signer.read_refresh(first.refresh_token, clock.now())
    future = signer.refresh_token(claims.user_id, claims.auth_session_id, 5, clock.now())
    assert refusal(auth, future) == "unauthenticated"
    assert auth.identify(first.access_token)


def test_ten_at_once_all_end_in_one_generation(auth: AuthService, first: LoggedIn) -> None:
    with ThreadPoolExecutor(10) as pool:
        pairs = list(pool.map(auth.refresh, [first.refresh_token] * 10))
    assert len({pair.refresh_token for pair in pairs}) == 1
    assert auth.refresh(pairs[0].refresh_token)


def test_refreshing_through_the_front_door(register: Callable[..., Account]) -> None:
    ada = register()
    answer = ada.post("/auth/refresh", {"refresh_token": ada.tokens["refresh_token"]})
    assert answer.status_code == 200
    assert answer.get_json()["user"] == ada.tokens["user"]
    assert answer.get_json()["refresh_token"] != ada.tokens["refresh_token"]
    assert answer.headers["Cache-Control"] == "no-store, no-transform"


@pytest.mark.parametrize("token", ["", "x", "x.y.z", "x" * 2049, None, 5, {"$gt": ""}])
def test_what_is_no_refresh_token(register: Callable[..., Account], token: object) -> None:
    answer = register().post("/auth/refresh", {"refresh_token": token})
    assert answer.status_code in {401, 422}
    assert answer.content_type == "application/problem+json"
