"""Tokens that look like Clerk's and are not."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import svcs
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import OctKey, RSAKey

from tests.federated_app import Process
from tests.issuer import Issuer, clerk_token, new_key, sign, unsigned
from tests.set_clock import SetClock

pytestmark = pytest.mark.security

KEYS = "/.well-known/jwks.json"


@pytest.fixture
def clock() -> SetClock:
    """What time it is."""
    return SetClock()


@pytest.fixture
def process(services: svcs.Container, issuer: Issuer, clock: SetClock) -> Iterator[Process]:
    """An API process."""
    parties = ("https://app.example",)
    process = Process(services, clock, clerk_issuer=issuer.url, clerk_authorized_parties=parties)
    yield process
    process.close()


@pytest.fixture
def make(issuer: Issuer, clock: SetClock) -> Callable[..., str]:
    """A token that would be good, but for what a test changes."""
    who = f"user_{secrets.token_hex(6)}", f"sess_{secrets.token_hex(6)}"

    def make(**claims: Any) -> str:
        return clerk_token(issuer, clock.now().timestamp(), *who, **claims)

    return make


def tried(process: Process, token: str) -> tuple[int, str]:
    """What comes of a token: status and code."""
    answer = process.somebody().get("/api/v1/auth/verify", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, (answer.get_json() or {}).get("code", "")


def claims_of(token: str) -> dict[str, Any]:
    """What a token says."""
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


REFUSED = (401, "unauthenticated")


def test_the_token_would_be_good(process: Process, make: Callable[..., str]) -> None:
    assert tried(process, make())[0] == 200
    assert tried(process, make(azp=None))[0] == 200, "native apps have no origin"
    assert tried(process, make(sts=None))[0] == 200, "older instances do not tell"


@pytest.mark.parametrize(
    "wrong",
    [
        {"sid": None},
        {"sid": ""},
        {"sid": 7},
        {"sid": ["sess_1"]},
        {"sid": "sess 1"},
        {"sid": "s" * 300},
        {"sub": None},
        {"sub": ""},
        {"sub": {"$ne": None}},
        {"azp": "https://evil.example"},
        {"azp": "https://app.example.evil.example"},
        {"azp": "HTTPS://APP.EXAMPLE"},
        {"azp": ""},
        {"azp": ["https://app.example"]},
        {"sts": "pending"},
        {"sts": ""},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": True},
        {"iat": None},
        {"nbf": 9_999_999_999},
        {"iat": 9_999_999_999},
    ],
    ids=str,
)
def test_a_claim_that_is_wrong_or_missing_is_not_made_up_for(
    process: Process, make: Callable[..., str], wrong: dict[str, Any]
) -> None:
    status, code = tried(process, make(**wrong))
    assert (status, code) == REFUSED


@pytest.mark.parametrize("spelling", ["{}/", "{}x", "{}?", "https://clerk.evil.example", "", " {}"])
def test_another_issuer_is_nobody(
    process: Process, make: Callable[..., str], issuer: Issuer, spelling: str
) -> None:
    assert tried(process, make(iss=spelling.format(issuer.url))) == REFUSED


def test_the_public_key_signs_nothing(process: Process, make: Callable[..., str], issuer: Issuer) -> None:
    claims = claims_of(make())
    for public in (issuer.key.as_pem(private=False), json.dumps(issuer.key.as_dict(private=False)).encode()):
        for algorithm in ("sha256", "sha384", "sha512"):
            header = {"alg": algorithm.upper().replace("SHA", "HS")}
            token = assembled(claims, header, hmac_seal(public, algorithm))
            assert tried(process, token) == REFUSED


def test_no_algorithm_is_no_signature(process: Process, make: Callable[..., str]) -> None:
    good = make()
    assert tried(process, unsigned(claims_of(good))) == REFUSED
    head, body, _ = good.split(".")
    assert tried(process, f"{head}.{body}.") == REFUSED


def test_our_own_secret_signs_nothing_in_clerks_name(process: Process, make: Callable[..., str]) -> None:
    key = OctKey.import_key(process.settings.secret_key.get_secret_value())
    claims = {**claims_of(make()), "typ": "access"}
    assert tried(process, sign(claims, key, alg="HS256", kid="first")) == REFUSED


def test_clerks_key_signs_nothing_in_our_name(
    process: Process, make: Callable[..., str], issuer: Issuer
) -> None:
    claims = {**claims_of(make()), "iss": "dindin", "typ": "access", "sub": "0" * 24, "sid": "0" * 24}
    assert tried(process, sign(claims, issuer.key)) == REFUSED


def test_a_foreign_key_is_no_key_whatever_it_calls_itself(
    process: Process, make: Callable[..., str], issuer: Issuer
) -> None:
    claims = claims_of(make())
    foreign = new_key("first")
    assert tried(process, sign(claims, foreign)) == REFUSED
    public = foreign.as_dict(private=False)
    for header in (
        {"jwk": public},
        {"jku": f"{issuer.url}/mine.json"},
        {"x5u": f"{issuer.url}/mine.pem"},
        {"x5c": ["MIIB"]},
        {"kid": None, "jwk": public},
        {"kid": ""},
        {"kid": "../../etc/passwd"},
        {"kid": "' OR 1=1 --"},
        {"kid": ["first"]},
        {"kid": 1},
        {"crit": ["exp"]},
        {"crit": ["unheard-of"], "unheard-of": 1},
        {"b64": False, "crit": ["b64"]},
    ):
        assert tried(process, assembled(claims, header, rsa_seal(foreign))) == REFUSED, header
    assert issuer.asked["/mine.json"] == issuer.asked["/mine.pem"] == 0


def test_critical_headers_that_nobody_knows_spoil_a_good_signature(
    process: Process, make: Callable[..., str], issuer: Issuer
) -> None:
    claims = claims_of(make())
    assert tried(process, assembled(claims, {}, rsa_seal(issuer.key)))[0] == 200
    assert tried(process, assembled(claims, {"crit": ["x"], "x": 1}, rsa_seal(issuer.key))) == REFUSED


def test_unknown_keys_do_not_make_us_bother_the_issuer(
    process: Process, make: Callable[..., str], issuer: Issuer, clock: SetClock
) -> None:
    assert tried(process, make())[0] == 200
    clock.advance(seconds=6)
    claims, foreign = claims_of(make()), new_key("foreign")
    for number in range(20):
        assert tried(process, sign(claims, foreign, kid=f"k{number}")) == REFUSED
    assert issuer.asked[KEYS] == 2
    for algorithm in ("HS256", "none", "RS1", "", None, ["RS256"], {"RS256": 1}):
        clock.advance(seconds=6)
        token = assembled(claims_of(make()), {"alg": algorithm, "kid": "other"}, rsa_seal(foreign))
        assert tried(process, token) == REFUSED
    assert issuer.asked[KEYS] == 2, "for an algorithm that is out of the question nobody is asked"


def test_published_keys_that_are_weak_or_not_for_signing_are_not_used(
    process: Process, make: Callable[..., str], issuer: Issuer
) -> None:
    real = issuer.answer

    def answer(path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        if path != KEYS:
            return real(path, form, authorization)
        shared = {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "kid": "first"}
        return 200, {
            "keys": [
                shared,
                {**issuer.key.as_dict(private=False), "use": "enc"},
                {"kty": "RSA", "kid": "first", "n": "AQAB", "e": "AQAB"},
                {"kty": "EC", "kid": "first", "crv": "P-256", "x": "AA", "y": "AA"},
                "first",
                None,
            ]
        }

    issuer.answer = answer  # type: ignore[method-assign]  # what the issuer says is the test's to decide
    assert tried(process, make()) == REFUSED
    secret = OctKey.import_key({"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "kid": "first"})
    assert tried(process, sign(claims_of(make()), secret, alg="HS256")) == REFUSED


@pytest.mark.parametrize(
    "token", ["..", "a.b.c", ".e30.", "a" * 20_000, "a." + "b" * 17_000 + ".c", "e30.W10.AA"]
)
def test_rubbish_is_refused_without_noise(process: Process, issuer: Issuer, token: str) -> None:
    assert tried(process, token) == REFUSED
    deep = base64.urlsafe_b64encode(b"[" * 9_000).rstrip(b"=").decode()
    assert tried(process, f"e30.{deep}.AA") == REFUSED
    assert issuer.asked[KEYS] == 0


def test_the_same_session_of_another_person_is_another_log_in(
    process: Process, issuer: Issuer, clock: SetClock
) -> None:
    now = clock.now().timestamp()
    users = []
    for subject in ("user_a", "user_b"):
        token = clerk_token(issuer, now, f"{subject}{secrets.token_hex(4)}", "sess_shared")
        answer = process.somebody().get("/api/v1/auth/verify", headers={"Authorization": f"Bearer {token}"})
        users.append(answer.get_json()["user"]["id"])
    assert users[0] != users[1]


def rsa_seal(key: RSAKey) -> Callable[[bytes], bytes]:
    """Signs as RS256 does."""
    return lambda message: key.raw_value.sign(message, PKCS1v15(), SHA256())


def hmac_seal(secret: bytes, algorithm: str) -> Callable[[bytes], bytes]:
    """Signs as HS256 and its like do."""
    return lambda message: hmac.digest(secret, message, algorithm)


def assembled(claims: dict[str, Any], header: dict[str, Any], seal: Callable[[bytes], bytes]) -> str:
    """A token that no library would make. A header that is None is left out."""
    full = {"alg": "RS256", "kid": "first", "typ": "JWT", **header}
    present = {name: value for name, value in full.items() if value is not None}
    signing_input = f"{encoded(json.dumps(present).encode())}.{encoded(json.dumps(claims).encode())}"
    return f"{signing_input}.{encoded(seal(signing_input.encode()))}"


def encoded(part: bytes) -> str:
    """As tokens have it."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
