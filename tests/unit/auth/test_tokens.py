"""Signed tokens: what was signed comes back; nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.errors import Unauthenticated

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
OUR_SECRET = "k7Jx2mQ9vT4wZ1pL8nR5bC3dF6gH0sYa"
USER, AUTH_SESSION = ObjectId(), ObjectId()


def signer(secret: str = OUR_SECRET) -> TokenSigner:
    return TokenSigner(
        Settings(_env_file=None, mongodb_uri="mongodb://x/", redis_url="redis://x/", secret_key=secret)
    )


def test_an_access_token_says_who_and_until_when() -> None:
    claims = signer().read_access(signer().access_token(USER, AUTH_SESSION, NOW), NOW)
    assert (claims.user_id, claims.auth_session_id) == (USER, AUTH_SESSION)
    assert claims.expires_at == int((NOW + timedelta(minutes=15)).timestamp())


def test_a_refresh_token_carries_its_generation() -> None:
    claims = signer().read_refresh(signer().refresh_token(USER, AUTH_SESSION, 7, NOW), NOW)
    assert claims.generation == 7


def test_an_access_token_is_good_until_its_last_second() -> None:
    token = signer().access_token(USER, AUTH_SESSION, NOW)
    assert signer().read_access(token, NOW + timedelta(minutes=14, seconds=59)).user_id == USER
    with pytest.raises(Unauthenticated) as refused:
        signer().read_access(token, NOW + timedelta(minutes=15))
    assert refused.value.code == "token_expired"


def test_neither_kind_stands_in_for_the_other() -> None:
    with pytest.raises(Unauthenticated) as refused:
        signer().read_access(signer().refresh_token(USER, AUTH_SESSION, 0, NOW), NOW)
    assert refused.value.code == "unauthenticated"
    with pytest.raises(Unauthenticated) as refused:
        signer().read_refresh(signer().access_token(USER, AUTH_SESSION, NOW), NOW)
    assert refused.value.code == "unauthenticated"


def test_another_servers_token_is_not_good_here() -> None:
    token = signer("Zq8Wn3Ks6Vb1Xc9Md2Lf5Pj7Rt4Yh0Ga").access_token(USER, AUTH_SESSION, NOW)
    with pytest.raises(Unauthenticated) as refused:
        signer().read_access(token, NOW)
    assert refused.value.code == "unauthenticated"
