"""`ETag`, `If-Match`, `If-None-Match`: what was read before is not sent again, nor changed if it is another by now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, jsonify, request

from backend.http.edge import never_compressed

_ATTRIBUTE = "__honours_if_match__"
_TAGS = "__tags_its_answer__"
_TAG_LENGTH = 32
_Value = TypeVar("_Value")
_View = TypeVar("_View", bound=Callable[..., object])


def honours_if_match(view: _View) -> _View:
    """Declare that a route asks `only_if_unchanged`. Goes below the route decorator."""
    setattr(view, _ATTRIBUTE, True)
    return view


def is_if_match_honoured(view: Callable[..., object] | None) -> bool:
    """What `view` declares."""
    return bool(getattr(view, _ATTRIBUTE, False))


def has_etag(view: _View) -> _View:
    """Declare that a route's answer has an ETag. Goes below the route decorator; `honours_if_match` says it too."""
    setattr(view, _TAGS, True)
    return view


def is_tagged(view: Callable[..., object] | None) -> bool:
    """What `view` declares."""
    return bool(getattr(view, _TAGS, False)) or is_if_match_honoured(view)


def tagged(answer: dict[str, Any]) -> Response:
    """The JSON answer with an ETag of what it says; a 304 for who reads and knows it already (`If-None-Match`).

    Compression would make another tag of it: it is not compressed.
    """
    response = never_compressed(jsonify(answer))
    response.set_etag(_tag(answer))
    return unless_known(response)


def unless_known(response: Response) -> Response:
    """The answer, which has an ETag; a 304 for who reads and knows it already. Where something is written, the answer.

    `If-Match` asks nothing of who reads; werkzeug's `make_conditional` would refuse them.
    """
    tag, _ = response.get_etag()
    if request.method in {"GET", "HEAD"} and request.if_none_match.contains_weak(str(tag)):
        response.status_code = HTTPStatus.NOT_MODIFIED
    return response


def only_if_unchanged(render: Callable[[_Value], dict[str, Any]]) -> Callable[[_Value], bool] | None:
    """What `If-Match` asks of the value that is there now, which `render` shows as `tagged` did; None: nothing."""
    if "If-Match" not in request.headers:
        return None
    return lambda value: bool(request.if_match.contains(_tag(render(value))))


def _tag(answer: dict[str, Any]) -> str:
    said = json.dumps(answer, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()[:_TAG_LENGTH]
