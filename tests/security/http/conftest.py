"""Whom attacks are tried on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import svcs
from flask_openapi3 import OpenAPI

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
