"""`Idempotency-Key`: a request that creates something may be sent again without creating it twice.

The first answer of a key is kept in Valkey for a day, per user and route, and given again. Only success is kept: what
was refused has changed nothing and may be tried again with the same key. While Valkey is away, and after a process died
in the middle of a request, a repeated request is carried out again: the key is a promise of best effort, and what must
never happen twice is guarded in the database as well (op ids of swipes and messages, one live session of free users).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import TypeVar, cast

import structlog
from flask import Flask, Response, current_app, g, request

from backend.config import Settings
from backend.errors import AppError, Conflict, FieldError, InvalidInput
from backend.http.access import known_caller
from backend.infra.valkey import VALKEY_AWAY, Valkey

_log = structlog.stdlib.get_logger(__name__)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
IDEMPOTENCY_KEYS = "idempotency:"
KEEP_SECONDS = 24 * 3600
_RUNNING_SECONDS = 60  # longer than any request may take
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_ATTRIBUTE = "__idempotent__"
_RETRY_AFTER_SECONDS = 1
_View = TypeVar("_View", bound=Callable[..., object])


def idempotent(view: _View) -> _View:
    """Let a route for users honour `Idempotency-Key`. Goes below the route decorator."""
    setattr(view, _ATTRIBUTE, True)
    return view


def is_idempotent(view: Callable[..., object] | None) -> bool:
    """Whether `view` honours `Idempotency-Key`."""
    return bool(getattr(view, _ATTRIBUTE, False))


class KeyReused(AppError):
    """The key was used before, for something else."""

    code = "idempotency_key_reused"
    status = 422


@dataclass(frozen=True, slots=True)
class _Kept:
    """What Valkey knows of a key.

    Attributes:
        asked: stands for the request; its body is not kept.
        status: of the answer; 0 while there is none yet.
    """

    asked: str
    status: int = 0
    content_type: str = ""
    text: str = ""


class _Memory:
    """The answers of one app."""

    def __init__(self, settings: Settings, valkey: Valkey) -> None:
        self._valkey = valkey
        self._prefix = f"{settings.redis_prefix}{IDEMPOTENCY_KEYS}"
        self._secret = settings.secret_key.get_secret_value().encode()

    def recall(self) -> Response | None:
        """Answer from memory, or note that the request is under way."""
        caller, given = known_caller(), request.headers.get(HEADER)
        if given is None or caller is None or not is_idempotent(_view()):
            return None
        if not _KEY.fullmatch(given):
            raise InvalidInput(
                f"Please check: {HEADER}.",
                errors=[FieldError(HEADER, "Send 1 to 128 visible ASCII characters, for example a UUID.")],
            )
        asked_for = self._digest(caller.user_id, request.endpoint or "", request.path, given)
        name = f"{self._prefix}{keeper_of(caller.user_id, self._secret)}:{asked_for}"
        running = _Kept(self._digest(request.get_data(as_text=True)))
        try:
            if self._valkey.set(name, _dump(running), nx=True, ex=_RUNNING_SECONDS):
                g.idempotency = (name, running)
                return None
            known = cast("bytes | None", self._valkey.get(name))
        except VALKEY_AWAY as away:
            _log.warning("idempotency_unknown", error=type(away).__name__)
            return None
        return _again(_load(known) if known else running, running)

    def remember(self, response: Response) -> Response:
        """Keep the answer of a request that succeeded; free the key of one that did not."""
        name, running = g.get("idempotency", (None, None))
        if name is None:
            return response
        try:
            if _may_be_kept(response):
                answer = _Kept(
                    running.asked,
                    response.status_code,
                    response.content_type,
                    response.get_data(as_text=True),
                )
                self._valkey.set(name, _dump(answer), ex=KEEP_SECONDS)
            else:
                self._valkey.delete(name)
        except VALKEY_AWAY as away:
            _log.warning("idempotency_forgotten", error=type(away).__name__)
        return response

    def _digest(self, *parts: str) -> str:
        said = "\0".join(parts).encode(errors="surrogatepass")
        return hmac.new(self._secret, said, hashlib.sha256).hexdigest()


def keeper_of(user_id: str, secret: bytes) -> str:
    """What stands for a user in the names of the kept answers, so that theirs are found when they are erased."""
    return hmac.new(secret, b"keeper\0" + user_id.encode(), hashlib.sha256).hexdigest()[:32]


def init_idempotency(app: Flask, settings: Settings, valkey: Valkey) -> None:
    """Honour `Idempotency-Key` where routes declare it. Call after `init_access`: keys are users' own."""
    memory = _Memory(settings, valkey)
    app.before_request(memory.recall)
    app.after_request(memory.remember)


def _again(known: _Kept, asked_now: _Kept) -> Response:
    if known.asked != asked_now.asked:
        raise KeyReused(
            f"This {HEADER} was used for another request. Use a new one for each thing to create."
        )
    if not known.status:
        raise Conflict(
            "The same request is under way. Ask again in a moment.",
            code="idempotency_key_in_use",
            retry_after=_RETRY_AFTER_SECONDS,
        )
    answer = Response(known.text, status=known.status, content_type=known.content_type)
    answer.headers[REPLAYED] = "true"
    return answer


def _may_be_kept(response: Response) -> bool:
    """Only success is; tokens and other secrets are for whoever gets them first (`never_compressed`)."""
    succeeded = HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES
    return succeeded and "no-transform" not in response.headers.get("Cache-Control", "")


def _view() -> Callable[..., object] | None:
    return current_app.view_functions.get(request.endpoint or "")


def _dump(kept: _Kept) -> str:
    return json.dumps(asdict(kept))


def _load(text: bytes) -> _Kept:
    return _Kept(**json.loads(text))
