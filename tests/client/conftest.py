"""A whole server for the tests that go all the way."""

from __future__ import annotations

import pytest

from deploy.local.stack import LocalStack


@pytest.fixture(scope="module")
def server(stack: LocalStack) -> str:
    """The address of a server."""
    return stack.base_url
