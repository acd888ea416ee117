"""Attackers come from many addresses."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from tests.addresses import somebody


@pytest.fixture
def client(app: OpenAPI) -> FlaskClient:
    """An anonymous client from an address of its own."""
    return somebody(app)
