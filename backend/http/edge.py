"""What every request passes on its way in and out: ids, versions, sizes, compression, headers, one log line."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog
from flask import Flask, Response, current_app, g, request
from flask_compress import Compress
from flask_cors import CORS
from flask_talisman import Talisman
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix

from backend.config import Settings
from backend.errors import MalformedJson, UnsupportedMediaType
from backend.http.access import Access, declared_access
from backend.http.versions import RETIRING, VERSIONS, Retiring, init_versions
from backend.infra.metrics import REQUEST_SECONDS, REQUESTS
from backend.infra.pseudonyms import AN_ID

_log = structlog.stdlib.get_logger(__name__)

_View = TypeVar("_View", bound=Callable[..., object])

_MAX_BODY_BYTES = 1024 * 1024
_COMPRESS_FROM_BYTES = 1024
_REQUEST_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
_HSTS_SECONDS = 365 * 24 * 3600
# Whoever calls chooses the method's name: what is none of these is counted as one, or the counters would have no end.
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_OTHER_METHOD = "other"
_FORM_ATTRIBUTE = "__form__"
_BROWSER_ATTRIBUTE = "__browser__"
_FORM_TYPE = "application/x-www-form-urlencoded"

# Strict: our pages load only what this server sends, and no script at all unless a view says otherwise.
_CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "img-src": "'self' data:",
    "style-src": "'self'",
    "font-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_FORM_CONTENT_SECURITY_POLICY = {**_CONTENT_SECURITY_POLICY, "form-action": "'self'"}
# Swagger's page carries inline script and style; it stays on its own path and talks only to this server.
DOCS_CONTENT_SECURITY_POLICY = {
    **_CONTENT_SECURITY_POLICY,
    "script-src": "'self' 'unsafe-inline'",
    "style-src": "'self' 'unsafe-inline'",
    "connect-src": "'self'",
}
# rq-dashboard's pages carry inline script, and templates that they turn into functions.
DASHBOARD_CONTENT_SECURITY_POLICY = {
    **DOCS_CONTENT_SECURITY_POLICY,
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
}


def init_edge(
    app: Flask,
    settings: Settings,
    versions: Sequence[str] = VERSIONS,
    retiring: Sequence[Retiring] = RETIRING,
) -> None:
    """Wire the conventions of the API's edge into `app`; which versions it has is for tests to change."""
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_BYTES
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # the documented way
    app.before_request(_begin)
    init_versions(app, versions, retiring)
    app.before_request(_check_json)
    app.after_request(_finish)
    _init_headers(app, settings)
    _init_compression(app)


def _init_headers(app: Flask, settings: Settings) -> None:
    https = settings.base_url.startswith("https://")
    Talisman(
        app,
        force_https=https,
        strict_transport_security=https,
        strict_transport_security_max_age=_HSTS_SECONDS,
        content_security_policy=_CONTENT_SECURITY_POLICY,
        frame_options="DENY",
        referrer_policy="no-referrer",
        permissions_policy={"geolocation": "()", "camera": "()", "microphone": "()"},
        session_cookie_secure=https,
    )
    CORS(
        app,
        origins=list(settings.allowed_origins),
        supports_credentials=True,
        methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "API-Version",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
        ],
        expose_headers=[
            "API-Version",
            "Deprecation",
            "Sunset",
            "X-Request-ID",
            "ETag",
            "Link",
            "Retry-After",
            "Idempotent-Replayed",
        ],
        max_age=600,
        always_send=False,
    )
    if settings.allowed_origins:
        app.after_request(_vary_by_origin)


def _init_compression(app: Flask) -> None:
    app.config.update(COMPRESS_MIN_SIZE=_COMPRESS_FROM_BYTES, COMPRESS_REGISTER=False)
    compress = Compress(app)

    def shrink(response: Response) -> Response:
        # Tokens beside text that a stranger may choose must not be compressed together (BREACH).
        if "no-transform" in response.headers.get("Cache-Control", ""):
            return response
        compressed: Response = compress.after_request(response)
        return compressed

    app.after_request(shrink)


def never_compressed(response: Response) -> Response:
    """Mark an answer that holds secrets: kept by nobody, never compressed."""
    response.headers["Cache-Control"] = "no-store, no-transform"
    return response


def plain_http(view: _View) -> _View:
    """Let machines inside the cluster call the route without TLS: probes do not follow redirects."""
    view.talisman_view_options = {"force_https": False}  # type: ignore[attr-defined]  # flask-talisman's way
    return view


def form_page(view: _View) -> _View:
    """Declare that a page has a form: it may be sent to this server, and the view may take it in place of JSON.

    That another site can send such a form as well (CSRF) gains it nothing: browsers keep no cookie that says who
    somebody is, and what the form may do is up to the token in it, which only the receiver of a mail has.
    """
    view.talisman_view_options = {  # type: ignore[attr-defined]  # flask-talisman's way
        "content_security_policy": _FORM_CONTENT_SECURITY_POLICY
    }
    setattr(view, _FORM_ATTRIBUTE, True)
    return view


def for_browsers(view: _View) -> _View:
    """Declare that people's browsers open this address of the API: its problems are pages for them."""
    setattr(view, _BROWSER_ATTRIBUTE, True)
    return view


def is_for_browsers() -> bool:
    """Whether a person may be looking at the answer: anywhere outside of the API, and where a view says so."""
    view = current_app.view_functions.get(request.endpoint or "")
    return not request.path.startswith("/api/") or getattr(view, _BROWSER_ATTRIBUTE, False)


def _vary_by_origin(response: Response) -> Response:
    """What one origin may read must not be served to another from a cache."""
    response.vary.add("Origin")
    return response


def _begin() -> None:
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _may_be_logged(given) else uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _may_be_logged(request_id: str) -> bool:
    """Whether a request's id is short and plain, and holds no user's id: no log does (backend/infra/logs.py)."""
    return _REQUEST_ID.match(request_id) is not None and AN_ID.search(request_id.lower()) is None


def _check_json() -> None:
    """Refuse a body that is not a JSON object, nor a page's form, before any model sees it."""
    if _is_signed() or request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if not (request.content_length or request.data):
        return
    if request.mimetype == _FORM_TYPE and _has_form():
        return
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        body = request.get_json()
    except (BadRequest, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise MalformedJson


def _has_form() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, _FORM_ATTRIBUTE, False)


def _is_signed() -> bool:
    """Whether the route reads the body itself, once its signature is good."""
    view = current_app.view_functions.get(request.endpoint or "")
    return declared_access(view) is Access.SIGNED


def _finish(response: Response) -> Response:
    endpoint = request.endpoint or "unknown"
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if "Authorization" in request.headers:
        response.headers.setdefault("Cache-Control", "no-store")
    method = request.method if request.method in _METHODS else _OTHER_METHOD
    REQUESTS.labels(method=method, endpoint=endpoint, status=response.status_code).inc()
    REQUEST_SECONDS.labels(endpoint=endpoint).observe(seconds)
    if not endpoint.startswith("health."):
        _log.info(
            "request",
            method=method,
            endpoint=endpoint,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
        )
    return response
