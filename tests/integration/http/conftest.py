"""A small app of the API's own parts, with routes that misbehave on demand."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from flask import Response, jsonify, request
from flask_openapi3 import OpenAPI
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError
from redis.exceptions import ConnectionError as ValkeyConnectionError

from backend.config import Settings
from backend.errors import NotFound, Unauthenticated
from backend.http.access import Access, Caller, access, init_access
from backend.http.edge import init_edge, never_compressed, plain_http
from backend.http.limits import UNLIMITED, By, Count, RateClass, init_limits, rate
from backend.http.problems import init_problems
from backend.roles import Role

AppWith = Callable[..., OpenAPI]

TWICE = RateClass("twice", (Count(By.USER, "2 per minute"), Count(By.ADDRESS, "4 per minute")))
TWICE_WRONG = RateClass(
    "twice_wrong",
    (
        Count(By.ADDRESS, "50 per minute"),
        Count(By.USER, "20 per minute", only_failed=True),
        Count(By.ADDRESS, "2 per minute", only_failed=True),
        Count(By.SITE, "4 per minute", only_failed=True),
        Count(By.EVERYBODY, "5 per minute", only_failed=True),
    ),
)
ACCOUNT_TWICE = RateClass(
    "account_twice",
    (Count(By.ACCOUNT, "6 per minute"), Count(By.ACCOUNT, "2 per minute", only_failed=True)),
)


@access(Access.PUBLIC)
def crash() -> str:
    raise RuntimeError("secret detail of the inside")


@access(Access.PUBLIC)
def mongodb_away() -> str:
    raise ServerSelectionTimeoutError("db.internal:27017: connection refused")


@access(Access.PUBLIC)
def valkey_away() -> str:
    raise ValkeyConnectionError("cache.internal:6379: connection refused")


@access(Access.PUBLIC)
def wrong_query() -> str:
    raise OperationFailure("unknown operator: $wrong")


@access(Access.PUBLIC)
def plenty() -> Response:
    return jsonify(text="dinner " * 500)


@access(Access.PUBLIC)
def a_little() -> Response:
    return jsonify(text="dinner")


@access(Access.PUBLIC)
def tokens() -> Response:
    return never_compressed(jsonify(text="token " * 500))


@access(Access.PUBLIC)
@rate(TWICE)
def twice() -> Response:
    return jsonify(ok=True)


@access(Access.PUBLIC)
@rate(TWICE)
def twice_too() -> Response:
    return jsonify(ok=True)


@access(Access.USER)
@rate(TWICE)
def mine_twice() -> Response:
    return jsonify(ok=True)


@access(Access.PUBLIC)
@rate(TWICE_WRONG)
def guess() -> Response:
    if request.args.get("code") != "right":
        raise NotFound("Wrong.")
    return jsonify(ok=True)


@access(Access.USER)
@rate(TWICE_WRONG)
def guess_as_user() -> Response:
    return guess()


@access(Access.PUBLIC)
@rate(ACCOUNT_TWICE)
def open_account() -> Response:
    if request.get_json()["password"] != "right":
        raise Unauthenticated("Wrong.", code="wrong_credentials")
    return jsonify(ok=True)


@access(Access.USER)
def mine() -> Response:
    return jsonify(ok=True)


@access(Access.PUBLIC)
@rate(UNLIMITED)
@plain_http
def probe() -> Response:
    return jsonify(ok=True)


VIEWS = (
    crash,
    mongodb_away,
    valkey_away,
    wrong_query,
    plenty,
    a_little,
    tokens,
    twice,
    twice_too,
    mine_twice,
    guess,
    guess_as_user,
    mine,
    probe,
)


def identify(token: str) -> Caller:
    """Tokens are user ids here."""
    if token == "nobody":
        raise Unauthenticated("Log in.")
    return Caller(token, "a log-in", 0, Role.USER)


@pytest.fixture
def app_with(settings: Settings) -> AppWith:
    """Build the app with some settings changed."""

    def build(**changed: object) -> OpenAPI:
        prefix = f"t{secrets.token_hex(4)}:"
        own = Settings(_env_file=None, **{**settings.model_dump(), "redis_prefix": prefix, **changed})
        app = OpenAPI("backend")
        init_problems(app)
        init_edge(app, own)
        init_limits(app, own)
        init_access(app, identify)
        for view in VIEWS:
            app.add_url_rule(f"/{view.__name__}", view_func=view)
        app.add_url_rule("/open_account", view_func=open_account, methods=["POST"])
        return app

    return build
