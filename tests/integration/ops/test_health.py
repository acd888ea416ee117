"""Health: what answers is said, what does not is named, addresses are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import svcs
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.config import Settings
from backend.http.access import init_access
from backend.http.edge import init_edge
from backend.http.limits import init_limits
from backend.http.problems import init_problems
from backend.infra import mongo, valkey
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Valkey
from backend.ops import readiness
from backend.ops.health import health_api
from deploy.local.embedded import EmbeddedValkey


def test_a_healthy_server(client: FlaskClient) -> None:
    assert client.get("/health/live").get_json() == {"status": "ok"}
    assert client.get("/health/ready").get_json() == {"status": "ok"}
    assert client.get("/health").get_json() == {"status": "ok", "parts": {"mongodb": "ok", "valkey": "ok"}}


def test_probes_are_not_limited(client: FlaskClient) -> None:
    assert "X-RateLimit-Limit" not in client.get("/health/ready").headers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A Valkey of this test's own, to be stopped."""
    with EmbeddedValkey(tmp_path / "valkey", tmp_path) as server:
        yield server


@pytest.fixture
def mortal(
    settings: Settings, services: svcs.Container, server: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    """A client of an API whose Valkey is `server`; it asks the databases at every look."""
    monkeypatch.setattr(readiness, "_CACHE_SECONDS", 0.0)
    own = Settings(_env_file=None, **{**settings.model_dump(), "redis_url": server.uri})
    registry = svcs.Registry()
    registry.register_value(MongoDatabase, services.get(MongoDatabase), ping=mongo.ping)
    registry.register_value(Valkey, valkey.connect(own), ping=lambda v: v.ping())
    app = OpenAPI("backend")
    svcs.flask.init_app(app, registry=registry)
    init_problems(app)
    init_edge(app, own)
    init_access(app, lambda _token: pytest.fail("health asks nobody for a token"))
    init_limits(app, own)
    app.register_api(health_api)
    return app.test_client()


def test_without_valkey_it_lives_but_is_not_ready_and_says_why(
    mortal: FlaskClient, server: EmbeddedValkey
) -> None:
    assert mortal.get("/health/ready").status_code == 200
    server.stop()
    assert mortal.get("/health/live").status_code == 200
    refused = mortal.get("/health/ready")
    assert refused.status_code == 503
    assert refused.content_type == "application/problem+json"
    body = refused.get_json()
    assert (body["code"], body["detail"]) == ("not_ready", "Not ready: valkey not answering.")
    assert refused.headers["Retry-After"] == "2"
    detail = mortal.get("/health")
    assert detail.status_code == 200
    assert detail.get_json() == {"status": "degraded", "parts": {"mongodb": "ok", "valkey": "away"}}
    for answer in (refused, detail):
        assert "sock" not in answer.text
        assert "://" not in answer.text
    server.start()
    assert mortal.get("/health/ready").status_code == 200
