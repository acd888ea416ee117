"""Providers that say what a test wants them to, and processes that ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import svcs

from tests.federated_app import Process
from tests.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, running_issuer


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """A provider that says what a test wants it to."""
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def start_process(services: svcs.Container, issuer: Issuer) -> Iterator[Callable[..., Process]]:
    """Start API processes that know the provider."""
    started: list[Process] = []

    def start(**changed: Any) -> Process:
        known = {
            "oidc_issuer": issuer.url,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
        }
        started.append(Process(services, **{**known, **changed}))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def process(start_process: Callable[..., Process]) -> Process:
    """One of them."""
    return start_process()
