"""A Valkey that hangs is waited for once, not call by call."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import TimeoutError as ValkeyTimeoutError

from backend.config import Settings
from backend.infra import valkey
from backend.infra.valkey import Valkey
from deploy.local.embedded import EmbeddedValkey
from tests.waiting import eventually


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A Valkey that a test may stop."""
    with EmbeddedValkey(tmp_path / "data", tmp_path) as running:
        yield running


@pytest.fixture
def client(settings: Settings, server: EmbeddedValkey) -> Valkey:
    """The client that every service has."""
    return valkey.connect(Settings(_env_file=None, **{**settings.model_dump(), "redis_url": server.uri}))


def answers(client: Valkey) -> bool:
    try:
        return bool(client.ping())
    except valkey.VALKEY_AWAY:
        return False


def test_after_one_that_timed_out_the_next_calls_are_refused_at_once(
    client: Valkey, server: EmbeddedValkey
) -> None:
    assert client.ping()
    os.kill(server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(ValkeyTimeoutError):
            client.get("anything")
        for _ in range(20):
            with pytest.raises(ValkeyConnectionError, match="left alone"):
                client.get("anything")
            with pytest.raises(ValkeyConnectionError, match="left alone"):
                client.pipeline().get("anything").execute()
    finally:
        os.kill(server.pid, signal.SIGCONT)
    eventually(lambda: answers(client))


def test_a_pipeline_that_timed_out_counts_as_well(client: Valkey, server: EmbeddedValkey) -> None:
    assert client.ping()
    os.kill(server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(ValkeyTimeoutError):
            client.pipeline().get("anything").execute()
        with pytest.raises(ValkeyConnectionError, match="left alone"):
            client.get("anything")
    finally:
        os.kill(server.pid, signal.SIGCONT)


def test_one_that_is_back_is_asked_at_once(client: Valkey, server: EmbeddedValkey) -> None:
    server.stop()
    assert not answers(client)
    server.start()
    assert answers(client)
