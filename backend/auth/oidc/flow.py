"""What is remembered between the start of a log-in elsewhere and its end. In Valkey: any process may go on with it."""

from __future__ import annotations

import hmac
import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, cast

from backend.auth.oidc.relying_party import Secrets
from backend.infra.valkey import Valkey

# What the keys begin with, REDIS_PREFIX taken off.
FLOW_KEYS = "oidc:flow:"
CODE_KEYS = "oidc:code:"
FLOW_SECONDS = 600
_CODE_SECONDS = 60
_SECRET_BYTES = 32
_BROWSER = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class AppRequest:
    """What the app asked for.

    Attributes:
        return_to: the app's own address on the person's machine.
        state: the app's, handed back to it.
        challenge: S256 of a verifier that only the app knows.
    """

    return_to: str
    state: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A log-in that is under way in a browser."""

    provider: str
    secrets: Secrets
    app: AppRequest


@dataclass(frozen=True, slots=True)
class LogInEnded:
    """Whose log-in has ended well.

    Attributes:
        proved_at: as of a `LogInThere`.
    """

    user_id: str
    proved_at: int | None


class Flows:
    """Log-ins under way, and the one-time codes that they end with. Each can be taken once."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._flows = f"{prefix}{FLOW_KEYS}"
        self._codes = f"{prefix}{CODE_KEYS}"

    def begin(self, provider: str, app: AppRequest, browser: str) -> Flow:
        """Remember a log-in for FLOW_SECONDS, for this browser only."""
        fresh = Secrets(state=new_secret(), nonce=new_secret(), verifier=new_secret())
        flow = Flow(provider, fresh, app)
        self._put(self._flows, fresh.state, FLOW_SECONDS, {**asdict(flow), "browser": _digest(browser)})
        return flow

    def take(self, state: str, browser: str) -> Flow | None:
        """The log-in that this browser began; None where it did not, or where it took too long."""
        kept = self._take(self._flows, state)
        if kept is None or not hmac.compare_digest(str(kept["browser"]), _digest(browser)):
            return None
        return Flow(kept["provider"], Secrets(**kept["secrets"]), AppRequest(**kept["app"]))

    def issue_code(self, user_id: str, challenge: str, proved_at: int | None = None) -> str:
        """A code that is good once, for a minute, and only together with the app's verifier."""
        code, ended = new_secret(), LogInEnded(user_id, proved_at)
        self._put(self._codes, code, _CODE_SECONDS, {**asdict(ended), "challenge": challenge})
        return code

    def redeem(self, code: str, verifier: str) -> LogInEnded | None:
        """What the code was issued for; None where it is not good. Trying it with a wrong verifier uses it up."""
        kept = self._take(self._codes, code)
        if kept is None or not hmac.compare_digest(str(kept["challenge"]), s256(verifier)):
            return None
        return LogInEnded(kept["user_id"], kept.get("proved_at"))

    def _put(self, keys: str, secret: str, seconds: int, kept: Mapping[str, object]) -> None:
        self._valkey.set(_key(keys, secret), json.dumps(kept), ex=seconds)

    def _take(self, keys: str, secret: str) -> dict[str, Any] | None:
        kept = self._valkey.getdel(_key(keys, secret))
        return json.loads(cast(bytes, kept)) if kept else None


def browser_of(cookie: str | None) -> str:
    """The browser's secret: the one that it has, so that several log-ins may be under way in it, or a new one."""
    return cookie if cookie and _BROWSER.fullmatch(cookie) else new_secret()


def new_secret() -> str:
    """43 characters that nobody guesses."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def s256(verifier: str) -> str:
    """The challenge of a verifier (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii", "replace")).digest()).rstrip(b"=").decode()


def _key(keys: str, secret: str) -> str:
    """Whoever can read Valkey's keys learns no secret that is still good."""
    return f"{keys}{_digest(secret)}"


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
