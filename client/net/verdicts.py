"""What to do after a connection has ended (docs/live-protocol.md, "Close codes"). Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias

from client.net.signals import StopReason
from client.words import _, marked

ENDED = 1000
RESTARTING = 1012
TRY_AGAIN_LATER = 1013
MALFORMED = 4400
UNAUTHENTICATED = 4401
NOT_A_PARTICIPANT = 4403
TAKEN_OVER = 4409
TOO_MANY = 4429

_LONGEST_WAIT = 300.0
_WAIT_WHEN_NOT_TOLD = 5.0


@dataclass(frozen=True, slots=True)
class Retry:
    """Connect again after the usual backoff, and not before `at_least` seconds."""

    at_least: float = 0.0


@dataclass(frozen=True, slots=True)
class RetryWithin:
    """Connect again at a random moment within `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class RenewToken:
    """The server does not take the token any more: get another one, then connect."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Do not connect again; `detail` is a sentence for people."""

    reason: StopReason
    detail: str = ""


Verdict: TypeAlias = Retry | RetryWithin | RenewToken | Stop

_STOPS: dict[int, Stop] = {
    ENDED: Stop("ended", marked("The session is over.")),
    MALFORMED: Stop(
        "refused", marked("This app and the server do not understand each other. Please update the app.")
    ),
    NOT_A_PARTICIPANT: Stop("not_a_participant", marked("You are not part of this session any more.")),
    TAKEN_OVER: Stop("taken_over", marked("You went on with this session on another device.")),
}


def after_close(code: int | None, reason: str) -> Verdict:
    """After a close frame; `code` is None when the connection just broke."""
    if code in _STOPS:
        stop = _STOPS[code]
        return Stop(stop.reason, _(stop.detail))
    if code == UNAUTHENTICATED:
        return RenewToken()
    told = _retry_after(reason)
    if code in {RESTARTING, TRY_AGAIN_LATER}:
        return Retry() if told is None else RetryWithin(told)
    if code == TOO_MANY:
        return Retry(at_least=_WAIT_WHEN_NOT_TOLD if told is None else told)
    return Retry()


def after_refused_upgrade(status: int, retry_after: float | None) -> Retry | Stop:
    """After an HTTP answer in place of the WebSocket."""
    if status == HTTPStatus.FORBIDDEN:
        return Stop("refused", _("The server does not let this app connect."))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Retry(at_least=_bounded(retry_after) or _WAIT_WHEN_NOT_TOLD)
    return Retry()


def sensible_wait(seconds: float | None) -> float:
    """The seconds that somebody asks us to wait: 0 where they did not or make no sense, and five minutes at most."""
    return _bounded(seconds) or 0.0


def _retry_after(reason: str) -> float | None:
    """The seconds in a reason like {"retry_after": 5}, within what makes sense."""
    try:
        content: Any = json.loads(reason)
        return _bounded(float(content["retry_after"]))
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None


def _bounded(seconds: float | None) -> float | None:
    # The comparison is false for NaN, which therefore counts as not told.
    return min(seconds, _LONGEST_WAIT) if seconds is not None and seconds >= 0 else None
