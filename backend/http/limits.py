"""How often each class of routes may be called: counted in Valkey in a moving window, in memory while it is away.

A route names its class with `@rate(CLASS)`; all routes of a class are counted together. Attempts are counted per user
where one is known and, more generously, per address, so that many people behind one address do not disturb each other.
Where something can be guessed, attempts that failed are counted further: per address, for the account that was tried,
and over everybody, so that guessing from many addresses is slow as well.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TypeVar

from flask import Flask, Response, current_app, g, request
from flask_limiter import HeaderNames, Limit, Limiter, RequestLimit
from pydantic import validate_email
from pydantic_core import PydanticCustomError

from backend.config import Settings
from backend.errors import TooManyRequests
from backend.http.access import known_caller, look_who_calls, reached_its_view
from backend.http.problems import problem_response
from backend.infra.metrics import RATE_LIMIT_FALLBACK, RATE_LIMITED
from backend.infra.valkey import limiter_storage_uri

_View = TypeVar("_View", bound=Callable[..., object])


class By(Enum):
    """Whose attempts are counted together."""

    USER = "user"
    ADDRESS = "address"
    ACCOUNT = "account"  # whose e-mail address the body names, be there such an account or not
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Count:
    """One count of a class.

    Attributes:
        most: how many in which time, as the `limits` library spells it.
        only_failed: only attempts that were refused for being wrong count. Those that are under way at one moment all
            pass, so let another count bound these.
    """

    by: By
    most: str
    only_failed: bool = False


@dataclass(frozen=True, slots=True)
class RateClass:
    """Routes that are counted together."""

    name: str
    counts: tuple[Count, ...] = ()


_PEOPLE_BEHIND_AN_ADDRESS = 10
# Attackers who have many addresses reach this one; so many mistakes are not made by people who mean well.
_WRONG_OVER_EVERYBODY = Count(By.EVERYBODY, "1000 per 10 minutes", only_failed=True)
_GUESSING = (
    Count(By.USER, "20 per minute; 200 per hour"),
    Count(By.ADDRESS, "60 per minute; 1000 per hour"),
    Count(By.ADDRESS, "20 per minute; 200 per hour", only_failed=True),
    _WRONG_OVER_EVERYBODY,
)

# Log-in and whatever else takes a password or a secret token.
PASSWORD_GUESSING = RateClass(
    "password_guessing", (*_GUESSING, Count(By.ACCOUNT, "10 per 15 minutes", only_failed=True))
)
CODE_GUESSING = RateClass("code_guessing", _GUESSING)
# New accounts, guests too. Per account: registering mails somebody, and logs in where the password fits.
REGISTERING = RateClass(
    "registering",
    (
        Count(By.USER, "5 per hour"),
        Count(By.ADDRESS, "20 per minute; 200 per hour"),
        Count(By.ACCOUNT, "5 per hour"),
    ),
)
# Asking for mails. How many one mailbox gets is counted where they are sent, and said to nobody.
MAILING = RateClass(
    "mailing", (Count(By.USER, "5 per hour"), Count(By.ADDRESS, "20 per minute; 100 per hour"))
)
SWIPING = RateClass("swiping", (Count(By.USER, "600 per minute"), Count(By.ADDRESS, "6000 per minute")))
SOCKETS = RateClass("sockets", (Count(By.ADDRESS, "1200 per minute"),))
PICTURES = RateClass("pictures", (Count(By.ADDRESS, "3000 per minute"),))
EXPORTS = RateClass(
    "exports", (Count(By.USER, "10 per hour"), Count(By.ADDRESS, "100 per hour"), _WRONG_OVER_EVERYBODY)
)
# Senders have few addresses and much to say at times; what is not signed costs little.
WEBHOOKS = RateClass("webhooks", (Count(By.ADDRESS, "1200 per minute"),))
UNLIMITED = RateClass("unlimited")

# In this order they are asked where the windows are equally long; the first is the one that headers tell about.
_KINDS = (
    (By.USER, False),
    (By.ADDRESS, False),
    (By.ADDRESS, True),
    (By.ACCOUNT, False),
    (By.ACCOUNT, True),
    (By.EVERYBODY, True),
)
_WRONG = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_IPV6_PREFIX = 64  # what one customer gets at least; to count single addresses would count nobody
_STORAGE_TIMEOUT_SECONDS = 1
_ATTRIBUTE = "__rate__"
_ACCOUNT_PURPOSE = b"rate limit of an account\0"


def rate(rate_class: RateClass) -> Callable[[_View], _View]:
    """Put a route into a class instead of the default one, API_RATE_LIMIT. Goes below the route decorator."""

    def declare(view: _View) -> _View:
        setattr(view, _ATTRIBUTE, rate_class)
        return view

    return declare


def declared_rate(view: Callable[..., object] | None) -> RateClass | None:
    """What `view` declares; None where it has the default."""
    return getattr(view, _ATTRIBUTE, None)


def init_limits(app: Flask, settings: Settings) -> None:
    """Limit every route. Call before `init_access`, so that callers whom that refuses are counted as well."""
    app.before_request(look_who_calls)
    counting = _Counting(settings)
    app.after_request(counting.note_fallback)  # runs after the limiter's own, which asks Valkey once more
    counting.limiter.init_app(app)


class _Counting:
    """The limits of one app."""

    def __init__(self, settings: Settings) -> None:
        amount = settings.api_rate_limit
        self._default = RateClass(
            "default",
            (
                Count(By.USER, f"{amount} per minute"),
                Count(By.ADDRESS, f"{amount * _PEOPLE_BEHIND_AN_ADDRESS} per minute"),
            ),
        )
        self._secret = settings.secret_key.get_secret_value().encode()
        self.limiter = Limiter(
            _address,
            default_limits=[self._limit(by, only_failed) for by, only_failed in _KINDS],
            strategy="moving-window",
            headers_enabled=True,
            # The library says Retry-After on every answer, which tells clients to wait when they need not.
            header_name_mapping={HeaderNames.RETRY_AFTER: "X-RateLimit-Reset-After"},
            storage_uri=limiter_storage_uri(settings),
            # A Valkey that hangs must not hang every request: after this long, limits are kept in memory.
            storage_options={"socket_timeout": _STORAGE_TIMEOUT_SECONDS},
            key_prefix=settings.redis_prefix + "limit",
            in_memory_fallback_enabled=True,
            # Valkey may go away between a question and the note of its answer: that note is lost, not the request.
            swallow_errors=True,
        )

    def note_fallback(self, response: Response) -> Response:
        """Count what was decided without Valkey: each process counts for itself then, so limits are laxer."""
        if self.limiter.current_limits and self.limiter.limiter.storage is not self.limiter.storage:
            RATE_LIMIT_FALLBACK.labels(rate_class=self._class_of_route().name).inc()
        return response

    def _limit(self, by: By, only_failed: bool) -> Limit:
        return Limit(
            partial(self._most, by, only_failed),
            key_function=partial(self._key, by, only_failed),
            scope=lambda _endpoint: self._class_of_route().name,
            shared=True,
            exempt_when=partial(self._is_nobody, by),
            deduct_when=_failed if only_failed else None,
            on_breach=partial(self._refuse, by),
        )

    def _class_of_route(self) -> RateClass:
        return declared_rate(current_app.view_functions.get(request.endpoint or "")) or self._default

    def _most(self, by: By, only_failed: bool) -> str:
        counts = self._class_of_route().counts
        return next((one.most for one in counts if (one.by, one.only_failed) == (by, only_failed)), "")

    def _is_nobody(self, by: By) -> bool:
        """Whether the request has nobody of this kind to count for."""
        return (by is By.USER and known_caller() is None) or (by is By.ACCOUNT and not self._account())

    def _key(self, by: By, only_failed: bool) -> str:
        return f"{by.value}:{'failed:' if only_failed else ''}{self._whose(by)}"

    def _whose(self, by: By) -> str:
        match by:
            case By.USER:
                caller = known_caller()
                return caller.user_id if caller else ""
            case By.ADDRESS:
                return _address()
            case By.ACCOUNT:
                return self._account()
            case By.EVERYBODY:
                return "everybody"

    def _account(self) -> str:
        """Stands for the e-mail address in the body, and tells nobody who reads Valkey what it is; "" for none."""
        if "tried_account" not in g:
            address = _address_in_body()
            said = _ACCOUNT_PURPOSE + address.encode(errors="replace")
            keyed = hmac.new(self._secret, said, hashlib.sha256)
            g.tried_account = keyed.hexdigest() if address else ""
        account: str = g.tried_account
        return account

    def _refuse(self, by: By, limit: RequestLimit) -> Response:
        RATE_LIMITED.labels(rate_class=self._class_of_route().name, counted_by=by.value).inc()
        wait = max(1.0, limit.reset_at - time.time())
        return problem_response(
            TooManyRequests(
                f"That was too often ({limit.limit}). Try again in {round(wait)} s.", retry_after=wait
            )
        )


def _failed(response: Response) -> bool:
    """Whether the route was reached, and said that what was tried is wrong."""
    return reached_its_view() and response.status_code in _WRONG


def _address() -> str:
    """Where the caller is, as the trusted proxies say (TRUSTED_PROXIES); never what the caller says."""
    given = request.remote_addr or "unknown"
    try:
        address = ip_address(given)
    except ValueError:  # a server behind a Unix socket without a proxy that tells
        return given
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address.packed, _IPV6_PREFIX), strict=False))


def _address_in_body() -> str:
    """The e-mail address of the body in one spelling, read as the models read it; "" for none."""
    body = request.get_json(silent=True) if request.is_json else None
    given = body.get("email") if isinstance(body, dict) else None
    if not isinstance(given, str):
        return ""
    try:
        return validate_email(given)[1].casefold()
    except PydanticCustomError:
        return ""
