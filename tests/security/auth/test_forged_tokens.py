"""Tokens that this server did not sign, or not for this."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from backend.auth.tokens import TokenSigner
from backend.config import Settings
from tests.conftest import Account

pytestmark = pytest.mark.security

Forge = Callable[[dict[str, Any], Settings], str]


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def secret_of(settings: Settings) -> str:
    return settings.secret_key.get_secret_value()


def unsigned(claims: dict[str, Any], _settings: Settings) -> str:
    return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded(claims)}."


def unsigned_in_capitals(claims: dict[str, Any], _settings: Settings) -> str:
    return f"{encoded({'alg': 'NONE', 'typ': 'JWT'})}.{encoded(claims)}."


def stronger_algorithm_same_key(claims: dict[str, Any], settings: Settings) -> str:
    key = OctKey.import_key(secret_of(settings).encode().ljust(64, b"\0"))
    return jwt.encode({"alg": "HS512"}, claims, key, algorithms=["HS512"])


def signed_with_a_pair_of_keys(claims: dict[str, Any], _settings: Settings) -> str:
    return jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048), algorithms=["RS256"])


def bringing_its_own_key(claims: dict[str, Any], _settings: Settings) -> str:
    key = OctKey.generate_key(256)
    return jwt.encode({"alg": "HS256", "jwk": key.as_dict(private=True)}, claims, key, algorithms=["HS256"])


def pointing_to_a_key(claims: dict[str, Any], _settings: Settings) -> str:
    header = {"alg": "HS256", "kid": "../../dev/null", "jku": "https://evil.example/keys"}
    return jwt.encode(header, claims, OctKey.generate_key(256), algorithms=["HS256"])


def signed_with_another_secret(claims: dict[str, Any], _settings: Settings) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.generate_key(256), algorithms=["HS256"])


def with_changed_claims(claims: dict[str, Any], settings: Settings) -> str:
    key = OctKey.import_key(secret_of(settings))
    header, _, signature = jwt.encode({"alg": "HS256"}, {**claims, "sub": "0" * 24}, key).split(".")
    return f"{header}.{encoded(claims)}.{signature}"


def from_another_issuer(claims: dict[str, Any], settings: Settings) -> str:
    return jwt.encode(
        {"alg": "HS256"}, {**claims, "iss": "elsewhere"}, OctKey.import_key(secret_of(settings))
    )


def demanding_what_we_do_not_know(claims: dict[str, Any], settings: Settings) -> str:
    header = {"alg": "HS256", "crit": ["b64"], "b64": False}
    key = OctKey.import_key(secret_of(settings))
    signed = jwt.encode({"alg": "HS256"}, claims, key).split(".")
    return ".".join([encoded(header), *signed[1:]])


FORGERIES: list[Forge] = [
    unsigned,
    unsigned_in_capitals,
    stronger_algorithm_same_key,
    signed_with_a_pair_of_keys,
    bringing_its_own_key,
    pointing_to_a_key,
    signed_with_another_secret,
    with_changed_claims,
    from_another_issuer,
    demanding_what_we_do_not_know,
]


@pytest.fixture
def genuine(register: Callable[..., Account], settings: Settings) -> dict[str, Any]:
    """The claims of somebody's good token."""
    ada = register()
    claims = jwt.decode(ada.tokens["access_token"], OctKey.import_key(secret_of(settings))).claims
    assert ada.get("/users/me").status_code == 200
    return claims


def code_for(client: FlaskClient, token: str) -> str:
    answer = client.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    return answer.get_json()["code"]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_token_opens_nothing(
    client: FlaskClient, genuine: dict[str, Any], settings: Settings, forge: Forge
) -> None:
    assert code_for(client, forge(genuine, settings)) == "unauthenticated"


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "not an id"},
        {"sub": {"$ne": None}},
        {"sid": None},
        {"exp": "never"},
        {"typ": "refresh"},
        {"typ": None},
    ],
    ids=repr,
)
def test_even_signed_nonsense_opens_nothing(
    client: FlaskClient, genuine: dict[str, Any], settings: Settings, claims: dict[str, Any]
) -> None:
    token = jwt.encode({"alg": "HS256"}, {**genuine, **claims}, OctKey.import_key(secret_of(settings)))
    assert code_for(client, token) == "unauthenticated"


def test_an_expired_token_says_so(client: FlaskClient, genuine: dict[str, Any], settings: Settings) -> None:
    user, log_in = ObjectId(genuine["sub"]), ObjectId(genuine["sid"])
    old = TokenSigner(settings).access_token(user, log_in, datetime.now(UTC) - timedelta(minutes=16))
    assert code_for(client, old) == "token_expired"


def test_a_log_in_speaks_for_its_own_user_only(
    client: FlaskClient, register: Callable[..., Account], genuine: dict[str, Any], settings: Settings
) -> None:
    mixed = TokenSigner(settings).access_token(
        ObjectId(register("Bo").id), ObjectId(genuine["sid"]), datetime.now(UTC)
    )
    assert code_for(client, mixed) == "unauthenticated"


def test_a_token_for_a_log_in_that_never_was(
    client: FlaskClient, genuine: dict[str, Any], settings: Settings
) -> None:
    token = TokenSigner(settings).access_token(ObjectId(genuine["sub"]), ObjectId(), datetime.now(UTC))
    assert code_for(client, token) == "unauthenticated"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Token x", "Bearer a b", "Bearer " + "x" * 5000]
)
def test_headers_that_carry_no_token(client: FlaskClient, header: str) -> None:
    answer = client.get("/api/v1/users/me", headers={"Authorization": header})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_in_the_address_is_not_looked_at(
    client: FlaskClient, register: Callable[..., Account]
) -> None:
    token = register().tokens["access_token"]
    assert client.get(f"/api/v1/users/me?access_token={token}").status_code == 401
    client.set_cookie("access_token", token)
    assert client.get("/api/v1/users/me").status_code == 401
