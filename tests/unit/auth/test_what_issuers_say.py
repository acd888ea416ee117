"""What issuers publish and tell, without a network: keys, names, addresses, and how long they are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey
from pydantic import ValidationError

from backend.auth.issuers.jwks import KeyRing, NotGenuine
from backend.auth.issuers.kept import Kept
from backend.auth.issuers.outgoing import IssuerAway
from backend.auth.issuers.told import address_told, friendly_name, identity_told, name_told
from backend.auth.oidc.providers import providers_of
from backend.config import Settings
from backend.users.names import clean_display_name
from tests.set_clock import SetClock


def settings(**changed: Any) -> Settings:
    """Settings that would do."""
    return Settings(
        _env_file=None,
        **{"mongodb_uri": "mongodb://x", "redis_url": "redis://x", "secret_key": "k" * 40, **changed},
    )


class Source:
    """Something published. `value` None: nobody answers."""

    def __init__(self) -> None:
        self.value: int | None = 1
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        if self.value is None:
            raise IssuerAway("away")
        return self.value


@pytest.fixture
def clock() -> SetClock:
    """What time it is."""
    return SetClock()


def kept(fetch: Callable[[], int], clock: SetClock) -> Kept[int]:
    """Good for a minute; asked for every five seconds at most."""
    return Kept(fetch, clock, fresh=timedelta(minutes=1), pause=timedelta(seconds=5))


def test_what_is_fresh_is_not_asked_for_again(clock: SetClock) -> None:
    source = Source()
    one = kept(source, clock)
    for seconds, asked in ((0, 1), (59, 1), (1, 2), (59, 2), (-3600, 3)):
        clock.advance(seconds=seconds)
        assert one.get() == 1
        assert source.asked == asked


def test_old_values_are_good_while_nobody_answers(clock: SetClock) -> None:
    source = Source()
    one = kept(source, clock)
    one.get()
    source.value = None
    clock.advance(days=1)
    assert [one.get() for _ in range(3)] == [1, 1, 1]
    assert source.asked == 2
    with pytest.raises(IssuerAway):
        one.get_newer()
    source.value = 2
    clock.advance(seconds=6)
    assert (one.get_newer(), one.get(), source.asked) == (2, 2, 3)


def test_nobody_waits_for_somebody_else_who_asks(clock: SetClock) -> None:
    asking, answered = Event(), Event()
    source = Source()
    one = kept(source, clock)
    one.get()
    clock.advance(minutes=2)

    def slowly() -> int:
        asking.set()
        assert answered.wait(10)
        return 2

    one._fetch = slowly
    first = Thread(target=one.get)
    first.start()
    assert asking.wait(10)
    assert one.get() == 1
    answered.set()
    first.join()
    assert one.get() == 2


def ring(*keys: dict[str, Any]) -> KeyRing:
    """Published keys."""
    return KeyRing(lambda: {"keys": list(keys)}, SetClock())


def test_elliptic_curves_are_understood_and_one_key_needs_no_name() -> None:
    key = ECKey.generate_key("P-256", {"kid": "e"}, private=True)
    token = jwt.encode({"alg": "ES256"}, {"sub": "x"}, key)
    public = key.as_dict(private=False)
    assert ring(public).read(token).claims == {"sub": "x"}
    other = ECKey.generate_key("P-256", {"kid": "other"}, private=True).as_dict(private=False)
    with pytest.raises(NotGenuine, match="unknown key"):
        ring(public, other).read(token)


def test_a_key_is_for_its_own_algorithm_and_has_a_proper_length() -> None:
    key = RSAKey.generate_key(2048, {"kid": "r"}, private=True)
    public = key.as_dict(private=False)
    token = jwt.encode({"alg": "RS256", "kid": "r"}, {}, key, algorithms=["RS256"])
    assert ring(public).read(token).header["alg"] == "RS256"
    with pytest.raises(NotGenuine, match="another algorithm"):
        ring({**public, "alg": "RS512"}).read(token)
    with pytest.raises(NotGenuine):
        ring(public).read(token, {"ES256"})
    with pytest.raises(NotGenuine, match="too long"):
        ring(public).read(token + "A" * 20_000)
    with pytest.warns(SecurityWarning):
        short = RSAKey.generate_key(1024, {"kid": "r"}, private=True)
    published = short.as_dict(private=False)
    with pytest.raises(NotGenuine, match="unknown key"):
        ring(published).read(token)


@pytest.mark.parametrize("published", [{}, {"keys": None}, {"keys": "x"}, {"keys": [{"kty": "oct"}]}])
def test_a_key_set_without_keys_is_an_empty_one(published: dict[str, Any]) -> None:
    key = ECKey.generate_key("P-256", {"kid": "e"}, private=True)
    with pytest.raises(NotGenuine):
        KeyRing(lambda: published, SetClock()).read(jwt.encode({"alg": "ES256", "kid": "e"}, {}, key))


@given(
    st.dictionaries(
        st.sampled_from(["name", "given_name", "nickname"]), st.text() | st.none() | st.integers()
    )
)
def test_whatever_a_name_is_it_fits_other_peoples_screens(claims: dict[str, Any]) -> None:
    name = name_told(claims)
    assert name == "" or clean_display_name(name) == name
    chosen = identity_told("https://issuer.example", "x", claims).display_name
    assert clean_display_name(chosen) == chosen


def test_a_friendly_name_is_a_good_name() -> None:
    assert all(clean_display_name(name) == name for name in (friendly_name() for _ in range(50)))


def test_names_are_mended_rather_than_refused() -> None:
    assert name_told({"name": "  Ada\u202e \tLovelace\n"}) == "Ada Lovelace"
    assert name_told({"name": "A" * 60}) == "A" * 40
    assert name_told({"name": "\u200b", "nickname": "Ada"}) == "Ada"
    assert name_told({"name": "ada@example.com", "preferred_username": "ada@example.com"}) == ""


@pytest.mark.parametrize(
    "raw", [None, 7, "", "ada", "ada@", {"$ne": ""}, ["ada@example.com"], "a" * 300 + "@example.com"]
)
def test_what_is_no_address_is_none(raw: object) -> None:
    assert address_told(raw) == ""


@pytest.mark.parametrize(
    ("verified", "taken"), [(True, True), (False, False), (None, False), ("true", False), (1, False)]
)
def test_only_a_plain_yes_makes_an_address_verified(verified: object, taken: bool) -> None:
    identity = identity_told("i", "s", {"email": "ada@example.com", "email_verified": verified})
    assert (identity.email_verified, identity.email == "ada@example.com") == (taken, taken)


def test_issuers_are_reached_by_https_or_on_this_machine_while_developing() -> None:
    here = "http://127.0.0.1:9400"
    assert settings().trusts(here)
    assert settings().trusts("http://[::1]:9400/x")
    assert settings().trusts("https://login.example/x?y")
    for address in ("http://login.example", "ftp://127.0.0.1", "https://", "https://[", "//x", "", None, 7):
        assert not settings().trusts(address)
    with pytest.raises(ValidationError, match="OIDC_ISSUER: must start with https://"):
        settings(
            app_env="production",
            public_url="https://dinner.example",
            metrics_token="m",
            secret_key="aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3",
            oidc_issuer=here,
            oidc_client_id="c",
            oidc_client_secret="s",
        )


def test_facebook_is_told_what_its_document_leaves_out() -> None:
    offered = providers_of(settings(facebook_client_id="f", facebook_client_secret="s"))
    facebook = offered["facebook"]
    assert facebook.discovery_address == "https://www.facebook.com/.well-known/openid-configuration/"
    assert facebook.left_out["token_endpoint"] == "https://graph.facebook.com/oauth/access_token"
