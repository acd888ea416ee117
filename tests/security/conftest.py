"""Attackers come from many addresses; and what the database is asked can be counted."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from pymongo import monitoring

from backend.config import Settings
from backend.infra.valkey import Valkey
from tests.addresses import somebody


class Commands(monitoring.CommandListener):
    """Counts the commands that the thread that asks for it sends to MongoDB."""

    def __init__(self) -> None:
        self._counting = threading.local()

    @contextmanager
    def counted(self) -> Iterator[Counter[str]]:
        """The commands sent inside, by name and collection."""
        sent: Counter[str] = Counter()
        self._counting.sent = sent
        try:
            yield sent
        finally:
            self._counting.sent = None

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Count one."""
        sent = getattr(self._counting, "sent", None)
        if sent is not None:
            sent[f"{event.command_name} {event.command.get(event.command_name)}"] += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to do."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to do."""


COMMANDS = Commands()
monitoring.register(COMMANDS)  # for all clients that are made from now on: before any fixture makes one


@pytest.fixture
def client(app: OpenAPI) -> FlaskClient:
    """An anonymous client from an address of its own."""
    return somebody(app)


@pytest.fixture
def forget_counts(valkey: Valkey, settings: Settings) -> Callable[[], None]:
    """Forgets how often anybody has called."""

    def forget() -> None:
        keys = list(valkey.scan_iter(f"*{settings.redis_prefix}limit/*", count=1000))
        if keys:
            valkey.delete(*keys)

    return forget
