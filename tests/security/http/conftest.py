"""Attacks need many attempts: what a test has counted towards rate limits can be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import svcs
from flask_openapi3 import OpenAPI

from backend.config import Settings
from backend.infra.valkey import Valkey
from tests.security.http.world import World


@pytest.fixture
def world(app: OpenAPI, services: svcs.Container) -> World:
    """Somebody with things of their own, friends and strangers."""
    return World(app, services)


@pytest.fixture(scope="module")
def shared_world(app: OpenAPI, registry: svcs.Registry) -> Iterator[World]:
    """The same, one for all tests of a module: for attempts that must change nothing."""
    with svcs.Container(registry) as services:
        yield World(app, services)


@pytest.fixture
def forget_counts(valkey: Valkey, settings: Settings) -> Callable[[], None]:
    """Forgets how often anybody has called."""

    def forget() -> None:
        keys = list(valkey.scan_iter(f"*{settings.redis_prefix}limit/*", count=1000))
        if keys:
            valkey.delete(*keys)

    return forget
