"""Logging in through an OpenID provider, from the app's wish to its tokens (docs/decisions/0011)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import structlog
from bson import ObjectId

from backend.auth.accounts import FRESH_LOG_IN
from backend.auth.issuers.jwks import NotGenuine
from backend.auth.issuers.outgoing import IssuerAway, IssuerClient
from backend.auth.oidc.flow import AppRequest, Flow, Flows
from backend.auth.oidc.providers import Provider, providers_of
from backend.auth.oidc.relying_party import RelyingParty
from backend.auth.service import AuthService, LoggedIn
from backend.config import Settings
from backend.errors import Busy, Forbidden, NotFound, Unauthenticated
from backend.infra.clock import Clock
from backend.infra.valkey import Valkey
from backend.users.accounts import Accounts
from backend.users.service import UserService

_log = structlog.stdlib.get_logger(__name__)

# What the app is told when nobody is logged in; words of RFC 6749, section 4.1.2.1.
_DENIED = "access_denied"
_AWAY = "temporarily_unavailable"
_FAILED = "server_error"


@dataclass(frozen=True, slots=True)
class Callback:
    """What the provider made the browser bring back. Nothing of it is checked yet.

    Attributes:
        issuer: who says that it answers (RFC 9207); empty where it does not say.
    """

    state: str
    code: str
    error: str
    issuer: str


class Federation:
    """The providers of this server, and the log-ins through them."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        users: UserService,
        auth: AuthService,
        client: IssuerClient,
        clock: Clock,
        valkey: Valkey,
        settings: Settings,
    ) -> None:
        self._accounts = accounts
        self._users = users
        self._auth = auth
        self._flows = Flows(valkey, settings.redis_prefix)
        self._parties = {
            name: RelyingParty(provider, client, clock, settings)
            for name, provider in providers_of(settings).items()
        }

    @property
    def providers(self) -> list[Provider]:
        """Through whom one can log in here."""
        return [party.provider for party in self._parties.values()]

    def start(self, name: str, app: AppRequest, browser: str, *, fresh: bool = False) -> str:
        """Where the browser must go to log in; back to the app with an error where the provider cannot be reached.

        Args:
            browser: a secret that this browser alone has.
            fresh: whether the provider must not just remember them: it is to prove who they are once more.

        Raises:
            NotFound: `provider_not_offered`.
        """
        party = self._party(name)
        flow = self._flows.begin(name, app, browser)
        try:
            return party.authorization_url(flow.secrets, FRESH_LOG_IN if fresh else None)
        except IssuerAway:
            return _back_to_app(flow, {"error": _AWAY})

    def finish(self, name: str, callback: Callback, browser: str) -> str:
        """Where the browser goes with what came of it: back to the app, with a one-time code or an error.

        Raises:
            NotFound: `provider_not_offered`.
            Forbidden: `log_in_expired`: this browser has no such log-in under way, so there is nobody to tell.
        """
        party = self._party(name)
        flow = self._flows.take(callback.state, browser)
        if flow is None or flow.provider != name:
            raise Forbidden(
                "This log-in took too long, was finished already, or began elsewhere. "
                "Go back to the app and log in once more.",
                code="log_in_expired",
            )
        return _back_to_app(flow, self._outcome(party, flow, callback))

    def redeem(self, code: str, verifier: str, user_agent: str) -> LoggedIn:
        """Tokens for a one-time code, if the app that asked for it does so.

        Raises:
            Unauthenticated: `code_not_valid`: unknown, used, too old, or another app's.
        """
        ended = self._flows.redeem(code, verifier)
        try:
            if ended is not None:
                user = self._users.by_id(ObjectId(ended.user_id))
                return self._auth.open_session(user, user_agent, ended.proved_at)
        except NotFound:  # deleted within the minute
            pass
        _log.warning("one_time_code_refused")
        raise Unauthenticated("This code is no longer good. Log in once more.", code="code_not_valid")

    def _outcome(self, party: RelyingParty, flow: Flow, callback: Callback) -> dict[str, str]:
        if callback.error or not callback.code:
            return {"error": _DENIED if callback.error == _DENIED else _FAILED}
        try:
            if callback.issuer not in {"", party.provider.issuer}:
                raise NotGenuine("another issuer answers")  # noqa: TRY301  # one place says what comes of it
            there = party.log_in_there(callback.code, flow.secrets)
            user = self._accounts.by_identity(there.identity)
        except NotGenuine as refused:
            _log.warning("identity_refused", provider=flow.provider, reason=str(refused))
            return {"error": _FAILED}
        except (IssuerAway, Busy) as away:
            _log.warning("identity_unavailable", provider=flow.provider, reason=str(away))
            return {"error": _AWAY}
        return {"code": self._flows.issue_code(str(user.id), flow.app.challenge, there.proved_at)}

    def _party(self, name: str) -> RelyingParty:
        party = self._parties.get(name)
        if party is None:
            raise NotFound("This server offers no log-in through that provider.", code="provider_not_offered")
        return party


def _back_to_app(flow: Flow, outcome: dict[str, str]) -> str:
    """`return_to` was checked when the log-in began; it has neither query nor fragment."""
    return f"{flow.app.return_to}?{urlencode({**outcome, 'state': flow.app.state})}"
