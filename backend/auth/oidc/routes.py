"""/auth/providers and /auth/oidc: log in through others. The browser goes there and back, the app gets the tokens."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import svcs
from flask import Response, jsonify, make_response, redirect, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.audit.requests import audited, note
from backend.auth.oidc.flow import FLOW_SECONDS, AppRequest, browser_of
from backend.auth.oidc.schemas import (
    CallbackQuery,
    CodeExchange,
    ProviderList,
    ProviderPath,
    StartQuery,
    providers_out,
)
from backend.auth.oidc.service import Callback, Federation
from backend.auth.schemas import Tokens, tokens
from backend.config import Settings
from backend.http.access import Access, access
from backend.http.edge import for_browsers, never_compressed
from backend.http.limits import SECRET_TOKENS, rate
from backend.http.problems import Problem
from backend.http.schemas import json_of

federated_api = APIBlueprint(
    "federated",
    __name__,
    url_prefix="/api/v1/auth",
    abp_tags=[Tag(name="auth", description="Accounts and tokens.")],
)


@federated_api.get("/providers", responses={200: ProviderList})
@access(Access.PUBLIC)
def list_providers() -> dict[str, Any]:
    """Through whom one can log in here; empty where this server was not set up for it."""
    return providers_out([(provider.name, provider.label) for provider in _federation().providers])


@federated_api.get("/oidc/<name>/start", responses={302: None, 403: Problem})
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
@for_browsers
def start(path: ProviderPath, query: StartQuery) -> Response:
    """For a browser: go and log in there. 404 `provider_not_offered`; 422 for a `return_to` off this machine."""
    browser = browser_of(request.cookies.get(_cookie_name()))
    app = AppRequest(query.return_to, query.state, query.challenge)
    response = _send_to(_federation().start(path.name, app, browser, fresh=query.fresh))
    response.set_cookie(
        _cookie_name(),
        browser,
        max_age=FLOW_SECONDS,
        path="/",  # what __Host- asks for
        secure=_is_https(),
        httponly=True,
        samesite="Lax",
    )
    return response


@federated_api.get("/oidc/<name>/callback", responses={302: None, 403: Problem})
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
@audited("auth.returned_from_elsewhere", routine=True)
@for_browsers
def finish(path: ProviderPath, query: CallbackQuery) -> Response:
    """For a browser that comes back: on to the app, with `code` or `error`, and its `state`. 403 `log_in_expired`."""
    came = Callback(state=query.state, code=query.code, error=query.error, issuer=query.iss)
    browser = browser_of(request.cookies.get(_cookie_name()))
    return _send_to(_federation().finish(path.name, came, browser))


@federated_api.post("/oidc/token", responses={200: Tokens, 401: Problem, 403: Problem})
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
@audited("auth.log_in")
def redeem(body: CodeExchange) -> Response:
    """Trade the one-time code for tokens: once, within a minute, by the app that asked. 401 `code_not_valid`."""
    logged_in = _federation().redeem(body.code, body.verifier, request.user_agent.string)
    note(who=logged_in.user.id)
    return never_compressed(jsonify(json_of(tokens(logged_in))))


def _federation() -> Federation:
    return svcs.flask.get(Federation)


def _is_https() -> bool:
    return svcs.flask.get(Settings).base_url.startswith("https://")


def _cookie_name() -> str:
    """With https a name that no neighbouring domain can set (RFC 6265bis, section 4.1.3.2)."""
    return "__Host-dindin-log-in" if _is_https() else "dindin-log-in"


def _send_to(address: str) -> Response:
    response = make_response(redirect(address, HTTPStatus.FOUND))
    response.headers["Cache-Control"] = "no-store"
    return never_compressed(response)
