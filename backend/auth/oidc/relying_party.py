"""The relying party's side of OpenID Connect: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from backend.auth.issuers.jwks import KeyRing, NotGenuine
from backend.auth.issuers.kept import Kept
from backend.auth.issuers.outgoing import IssuerAway, IssuerClient
from backend.auth.issuers.told import identity_told, proved_at_told
from backend.auth.oidc.providers import Provider
from backend.config import Settings
from backend.infra.clock import Clock
from backend.users.accounts import Identity

_log = structlog.stdlib.get_logger(__name__)

_DISCOVERY_IS_FRESH_FOR = timedelta(hours=1)
_PAUSE = timedelta(seconds=5)
_LEEWAY_SECONDS = 10
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OK = 200
_MAX_SUBJECT = 255  # OpenID Connect Core 2


@dataclass(frozen=True, slots=True)
class Secrets:
    """What ties an answer of the provider to one log-in that began here."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class LogInThere:
    """What a provider vouches for.

    Attributes:
        proved_at: seconds since 1970; when they proved there who they are, which may be long ago: a provider remembers
            people. None where it does not say.
    """

    identity: Identity
    proved_at: int | None


@dataclass(frozen=True, slots=True)
class _Endpoints:
    authorization: str
    token: str
    keys: str
    takes_secret_in: str


class RelyingParty:
    """One provider, and how people are sent there and recognised when they come back."""

    def __init__(self, provider: Provider, client: IssuerClient, clock: Clock, settings: Settings) -> None:
        self.provider = provider
        self._client = client
        self._clock = clock
        self._settings = settings
        # From the configured address, never from what a request called this server.
        self._redirect_uri = f"{settings.base_url}/api/v1/auth/oidc/{provider.name}/callback"
        self._endpoints = Kept(self._discover, clock, fresh=_DISCOVERY_IS_FRESH_FOR, pause=_PAUSE)
        self._keys = KeyRing(lambda: client.get(self._endpoints.get().keys), clock)

    def authorization_url(self, secrets: Secrets, proved_within: timedelta | None = None) -> str:
        """Where the browser goes to log in.

        Args:
            proved_within: the provider has to ask again where they proved longer ago who they are, and to say when
                they did (OpenID Connect Core 3.1.2.1, `max_age`); None: it may remember them.

        Raises:
            IssuerAway: the provider's discovery document cannot be had.
        """
        asked = {} if proved_within is None else {"max_age": str(int(proved_within.total_seconds()))}
        url: str = prepare_grant_uri(
            self._endpoints.get().authorization,
            client_id=self.provider.client_id,
            response_type="code",
            redirect_uri=self._redirect_uri,
            scope=self.provider.scope,
            state=secrets.state,
            nonce=secrets.nonce,
            code_challenge=create_s256_code_challenge(secrets.verifier),
            code_challenge_method="S256",
            **asked,
        )
        return url

    def log_in_there(self, code: str, secrets: Secrets) -> LogInThere:
        """Who has logged in there, and when.

        Args:
            code: the authorization code that the browser brought back.

        Raises:
            NotGenuine: the provider does not vouch for it.
            IssuerAway: the provider could not be asked.
        """
        answer = self._exchange(code, secrets.verifier)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotGenuine("no ID token")
        signed = self._keys.read(token)
        claims = self._checked(signed.claims, signed.header, secrets.nonce, answer.get("access_token"))
        identity = identity_told(self.provider.issuer, claims["sub"], claims)
        return LogInThere(identity, proved_at_told(claims))

    def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        endpoints = self._endpoints.get()
        secret = self.provider.client_secret.get_secret_value()
        auth = ClientAuth(self.provider.client_id, secret, endpoints.takes_secret_in if secret else "none")
        form: str = prepare_token_request(
            "authorization_code", redirect_uri=self._redirect_uri, code=code, code_verifier=verifier
        )
        url, headers, form = auth.prepare("POST", endpoints.token, {}, form)
        status, answer = self._client.post_form(url, form, headers)
        if status != _OK:
            _log.warning("code_refused", provider=self.provider.name, status=status)
            raise NotGenuine("the provider refuses the code")
        return answer

    def _checked(
        self, claims: dict[str, Any], header: dict[str, Any], nonce: str, access_token: object
    ) -> dict[str, Any]:
        """OpenID Connect Core 3.1.3.7: issuer, audience, authorized party, times, nonce, at_hash."""
        id_token = CodeIDToken(
            claims,
            header,
            options={
                "iss": {"essential": True, "value": self.provider.issuer},
                "aud": {"essential": True, "value": self.provider.client_id},
            },
            params={
                "nonce": nonce,
                "client_id": self.provider.client_id,
                "access_token": access_token if isinstance(access_token, str) else None,
            },
        )
        try:
            id_token.validate(now=int(self._clock.now().timestamp()), leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError) as error:
            raise NotGenuine(str(error)) from None
        if not 0 < len(claims["sub"]) <= _MAX_SUBJECT:
            raise NotGenuine("sub")
        return claims

    def _discover(self) -> _Endpoints:
        found = self._client.get(self.provider.discovery_address)
        if found.get("issuer") != self.provider.issuer:
            _log.error("issuer_mismatch", configured=self.provider.issuer, published=found.get("issuer"))
            raise IssuerAway("the discovery document is another issuer's")
        document = {**self.provider.left_out, **found}
        for name in _ENDPOINTS:
            if not self._settings.trusts(document.get(name)):
                raise IssuerAway(f"the discovery document has no {name} that could be trusted")
        return _Endpoints(
            authorization=document["authorization_endpoint"],
            token=document["token_endpoint"],
            keys=document["jwks_uri"],
            takes_secret_in=_place_of_secret(document),
        )


def _place_of_secret(document: Mapping[str, Any]) -> str:
    offered = document.get("token_endpoint_auth_methods_supported")
    if isinstance(offered, list) and "client_secret_basic" not in offered and "client_secret_post" in offered:
        return "client_secret_post"
    return "client_secret_basic"  # the default of OpenID Connect Discovery 1.0
