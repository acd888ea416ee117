"""Fixtures over real servers: one MongoDB and one Valkey per run, one database and key prefix per test process."""

from __future__ import annotations

import gc
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pyrage
import pytest
import svcs
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.app import create_app
from backend.catalog.service import CatalogService
from backend.config import Settings
from backend.infra.indexes import ensure_indexes
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Valkey
from backend.key_format import new_key
from backend.users.consent_texts import CURRENT_TEXTS, ConsentKind
from backend.wiring import build_registry
from deploy.local.shared import ServerUrls, SharedServers
from tests.places import unregistered
from tests.post_office import PostOffice

# A busy machine is slow at times; how long an example takes says nothing here.
hypothesis.settings.register_profile("dindin", deadline=None)
hypothesis.settings.load_profile("dindin")

pytest_plugins = ("tests.stacks",)

_FOLDER = "DINDIN_TEST_SERVERS"
_SERVERS = pytest.StashKey[SharedServers]()


def pytest_configure(config: pytest.Config) -> None:
    """Have one set of servers ready for all processes of this run; it starts when the first test asks."""
    if hasattr(config, "workerinput"):
        config.stash[_SERVERS] = SharedServers.attach(Path(os.environ[_FOLDER]))
    else:
        config.stash[_SERVERS] = SharedServers.create()
        os.environ[_FOLDER] = str(config.stash[_SERVERS].folder)


@pytest.hookimpl(trylast=True)  # after the modules were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that mostly wait, and those that mostly compute, take turns, the longest of each first.

    So that processors are seldom idle, and all test processes end about together.
    """
    tests = Counter(item.path for item in items)
    waiting, long = (
        {item.path for item in items if any(map(item.get_closest_marker, names))}
        for names in (("e2e", "browser"), ("long",))
    )
    longest_first = sorted(tests, key=lambda path: (path not in long, -tests[path]))
    turns: dict[bool, Iterator[int]] = {True: count(0), False: count(0)}
    place = {path: next(turns[path in waiting]) for path in longest_first}
    items.sort(key=lambda item: (place[item.path], item.path not in waiting, str(item.path)))


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and not in what has just been imported: it took half of the time of the screens."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers with the run."""
    config.stash[_SERVERS].close()


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> ServerUrls:
    """The real MongoDB and Valkey of this run."""
    return pytestconfig.stash[_SERVERS].urls()


@pytest.fixture(scope="session")
def settings(servers: ServerUrls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an API under test, in a database and under a key prefix of its own."""
    unique = secrets.token_hex(4)
    return Settings(
        _env_file=None,
        app_env="test",
        mongodb_uri=servers.mongodb_uri,
        database_name=f"test_{unique}",
        redis_url=servers.redis_url,
        redis_prefix=f"t{unique}:",
        cache_timeout_milliseconds=2000,  # a busy machine is slow at times
        secret_key=secrets.token_urlsafe(36),
        data_keys=new_key("k1"),
        ledger_key=secrets.token_urlsafe(36),
        backup_keys=str(pyrage.x25519.Identity.generate()),
        data_dir=tmp_path_factory.mktemp("data"),
        allowed_origins="https://app.example",
        erasure_settle_seconds=0,  # tests of erasure itself set it
        password_hash_mib=1,  # enough to show that it is hashed; hundreds of accounts are made
        api_rate_limit=100_000,
        log_level="WARNING",
    )


@pytest.fixture(scope="session")
def registry(settings: Settings) -> Iterator[svcs.Registry]:
    """Every service of a process, on real databases, the catalogue seeded."""
    with build_registry(settings) as registry:
        ensure_indexes()
        with svcs.Container(registry) as services:
            services.get(CatalogService).seed()
            yield registry
            forgotten = unregistered(services, settings)
            services.get(MongoDatabase).client.drop_database(settings.database_name)
    assert forgotten == [], "put these into backend/compliance/register, or into EXEMPT there"


@pytest.fixture(scope="session")
def app(settings: Settings, registry: svcs.Registry) -> OpenAPI:
    """The API, whole; its background threads run."""
    return create_app(settings, registry)


@pytest.fixture
def services(registry: svcs.Registry, app: OpenAPI) -> Iterator[svcs.Container]:  # noqa: ARG001  # the app adds services
    """Services of the app under test."""
    with svcs.Container(registry) as container:
        yield container


@pytest.fixture
def valkey(services: svcs.Container) -> Valkey:
    """The real Valkey."""
    return services.get(Valkey)


@pytest.fixture
def post_office(services: svcs.Container, settings: Settings) -> PostOffice:
    """Delivers and reads mails."""
    office = PostOffice(services, settings)
    office.waiting()  # those of other tests
    return office


@pytest.fixture
def client(app: OpenAPI) -> FlaskClient:
    """An anonymous HTTP client."""
    return app.test_client()


@dataclass(frozen=True)
class Account:
    """A registered user and a client that speaks for them."""

    id: str
    email: str
    password: str
    tokens: dict[str, Any]
    http: FlaskClient

    @property
    def headers(self) -> dict[str, str]:
        """What proves who is calling."""
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    def get(self, path: str, **more: Any) -> Any:
        """GET below /api/v1."""
        return self.http.get(f"/api/v1{path}", headers=self.headers, **more)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """POST JSON below /api/v1."""
        return self.http.post(f"/api/v1{path}", headers=self.headers, json=body or {})

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """PUT JSON below /api/v1."""
        return self.http.put(f"/api/v1{path}", headers=self.headers, json=body)

    def agree(self, kind: str = "special_category") -> Any:
        """Agree to one of the texts; by default to having diet and allergies kept."""
        version = CURRENT_TEXTS[ConsentKind(kind)].version
        return self.put("/compliance/consents", {"kind": kind, "version": version, "given": True})

    def eats(self, **preferences: Any) -> Any:
        """Save preferences, and agree before to having diet and allergies kept."""
        assert self.agree().status_code == 200
        return self.put("/users/me/preferences", preferences)


@pytest.fixture
def register(app: OpenAPI) -> Callable[..., Account]:
    """Register a user through the front door."""

    def register(name: str = "Ada") -> Account:
        http = app.test_client()
        # Registering is limited per address; each user of the tests comes from one of their own.
        http.environ_base["REMOTE_ADDR"] = str(ip_address(0x7F000000 + secrets.randbits(24)))
        email, password = f"{name.lower()}.{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(12)
        answer = http.post(
            "/api/v1/auth/register", json={"email": email, "password": password, "display_name": name}
        )
        assert answer.status_code == 201, answer.text
        tokens = answer.get_json()
        return Account(tokens["user"]["id"], email, password, tokens, http)

    return register
