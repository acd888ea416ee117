"""How often each class of routes may be called: counted in Valkey in a moving window, in memory while it is away.

A route names its class with `@rate(CLASS)`; all routes of a class are counted together. Attempts are counted per user
where one is known and, more generously, per address, so that many people behind one address do not disturb each other.
Where something can be guessed, attempts that failed are counted further: per address, for the account that was tried,
and over everybody, so that guessing from many addresses is slow as well. That last count, when it is full, refuses only
callers who have failed themselves: anybody may fill it, and must not be able to keep everybody else out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from flask import Flask, Response, current_app, request
from flask_limiter import HeaderNames, Limit, Limiter, RequestLimit
from limits import parse_many

from backend.config import Settings
from backend.errors import TooManyRequests
from backend.http.access import known_caller, look_who_calls, reached_its_view
from backend.http.callers import account_in_body, address_of_caller, site_of_caller
from backend.http.problems import problem_response
from backend.infra.metrics import RATE_LIMIT_FALLBACK, RATE_LIMITED
from backend.infra.valkey import limiter_storage_uri

_View = TypeVar("_View", bound=Callable[..., object])


class By(Enum):
    """Whose attempts are counted together."""

    USER = "user"
    ADDRESS = "address"
    SITE = "site"  # many addresses' common IPv6 network
    ACCOUNT = "account"  # whose e-mail address the body names, be there such an account or not
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Count:
    """One count of a class.

    Attributes:
        most: how many in which time, as the `limits` library spells it.
        only_failed: only attempts that were refused for being wrong count. Those that are under way at one moment all
            pass, so let another count bound these.

    Over everybody, a count refuses only those who have failed in the longest window that their class counts them by.
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
_GUESSING = (
    Count(By.USER, "20 per minute; 200 per hour"),
    Count(By.ADDRESS, "60 per minute; 1000 per hour"),
    Count(By.ADDRESS, "20 per minute; 200 per hour", only_failed=True),
    Count(By.SITE, "200 per minute; 2000 per hour", only_failed=True),
    # Attackers who have many addresses reach this one; so many mistakes are not made by people who mean well.
    Count(By.EVERYBODY, "1000 per 10 minutes", only_failed=True),
)

# Log-in and whatever else takes a password. All attempts at an account are bounded too: however many are under way at
# one moment, none of them has failed yet.
PASSWORD_GUESSING = RateClass(
    "password_guessing",
    (
        *_GUESSING,
        Count(By.ACCOUNT, "60 per 15 minutes"),
        Count(By.ACCOUNT, "10 per 15 minutes", only_failed=True),
    ),
)
# Join codes, which are short. Users are counted by what failed as well: one may come from many addresses.
CODE_GUESSING = RateClass("code_guessing", (*_GUESSING, Count(By.USER, "200 per hour", only_failed=True)))
# What is signed or has 128 random bits and more: nobody guesses it, so only floods are stopped. A thousand people
# behind one address trade their refresh tokens every quarter of an hour.
SECRET_TOKENS = RateClass("secret_tokens", (Count(By.ADDRESS, "600 per minute; 10000 per hour"),))
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
EXPORTS = RateClass("exports", (Count(By.USER, "10 per hour"), Count(By.ADDRESS, "100 per hour")))
# Each decision is kept for as long as its account.
CONSENTS = RateClass("consents", (Count(By.USER, "20 per hour"), Count(By.ADDRESS, "1000 per hour")))
# Each answer weighs every recipe that there is.
RECOMMENDING = RateClass(
    "recommending", (Count(By.USER, "30 per minute"), Count(By.ADDRESS, "300 per minute"))
)
# Senders have few addresses and much to say at times; what is not signed costs little.
WEBHOOKS = RateClass("webhooks", (Count(By.ADDRESS, "1200 per minute"),))
UNLIMITED = RateClass("unlimited")

# In this order they are asked where the windows are equally long; the first is the one that headers tell about.
_KINDS = (
    (By.USER, False),
    (By.USER, True),
    (By.ADDRESS, False),
    (By.ADDRESS, True),
    (By.SITE, True),
    (By.ACCOUNT, False),
    (By.ACCOUNT, True),
    (By.EVERYBODY, True),
)
_WRONG = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_NOWHERE = "nowhere"
_STORAGE_TIMEOUT_SECONDS = 1
_ATTRIBUTE = "__rate__"


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
        self._prefix = settings.redis_prefix + "limit"
        self.limiter = Limiter(
            address_of_caller,
            # The library would not count requests that no route is there for.
            request_identifier=lambda: request.endpoint or _NOWHERE,
            default_limits=[self._limit(by, only_failed) for by, only_failed in _KINDS],
            strategy="moving-window",
            headers_enabled=True,
            # The library says Retry-After on every answer, which tells clients to wait when they need not.
            header_name_mapping={HeaderNames.RETRY_AFTER: "X-RateLimit-Reset-After"},
            storage_uri=limiter_storage_uri(settings),
            # A Valkey that hangs must not hang every request: after this long, limits are kept in memory.
            storage_options={"socket_timeout": _STORAGE_TIMEOUT_SECONDS},
            key_prefix=self._prefix,
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
            cost=self._weight_over_everybody if by is By.EVERYBODY else 1,
            on_breach=partial(self._refuse, by),
        )

    def _class_of_route(self) -> RateClass:
        return declared_rate(current_app.view_functions.get(request.endpoint or "")) or self._default

    def _most(self, by: By, only_failed: bool) -> str:
        counts = self._class_of_route().counts
        return next((one.most for one in counts if (one.by, one.only_failed) == (by, only_failed)), "")

    def _is_nobody(self, by: By) -> bool:
        """Whether the request has nobody of this kind to count for."""
        return not self._whose(by)

    def _key(self, by: By, only_failed: bool) -> str:
        return f"{by.value}:{'failed:' if only_failed else ''}{self._whose(by)}"

    def _whose(self, by: By) -> str:
        match by:
            case By.USER:
                caller = known_caller()
                return caller.user_id if caller else ""
            case By.ADDRESS:
                return address_of_caller()
            case By.SITE:
                return site_of_caller()
            case By.ACCOUNT:
                return account_in_body(self._secret)
            case By.EVERYBODY:
                return "everybody"

    def _weight_over_everybody(self) -> int:
        """What an attempt weighs: nothing, which fits into a full count too, while it is asked whether to let somebody
        in who has not failed; and one where a failure is noted, whoever failed."""
        return 1 if reached_its_view() or self._has_failed() else 0

    def _has_failed(self) -> bool:
        """Whether the caller's user or address has failed in the longest window that the class counts them by."""
        rate_class = self._class_of_route()
        for count in rate_class.counts:
            if not count.only_failed or count.by not in {By.USER, By.ADDRESS} or self._is_nobody(count.by):
                continue
            longest = max(parse_many(count.most), key=lambda one: one.get_expiry())
            key = (self._prefix, self._key(count.by, True), rate_class.name)
            if self.limiter.limiter.get_window_stats(longest, *key).remaining < longest.amount:
                return True
        return False

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
