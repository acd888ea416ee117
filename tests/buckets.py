"""A store that speaks S3, on this machine, over real HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from botocore.session import Session
from moto.server import ThreadedMotoServer

_BUCKET = "dindin"


@pytest.fixture(scope="module")
def s3_server() -> Iterator[ThreadedMotoServer]:
    """The store."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def s3_endpoint(s3_server: ThreadedMotoServer) -> str:
    """The address of the store; it has one bucket."""
    host, port = s3_server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    Session().create_client("s3", region_name="us-east-1", endpoint_url=endpoint, **keys).create_bucket(
        Bucket=_BUCKET
    )
    return endpoint


@pytest.fixture(scope="module")
def in_bucket(s3_endpoint: str) -> dict[str, str]:
    """Settings of an installation whose storage is a folder of its own in the bucket."""
    return {
        "storage_url": f"s3://{_BUCKET}/{secrets.token_hex(4)}",
        "s3_endpoint": s3_endpoint,
        "s3_region": "us-east-1",
        "s3_access_key": "key",
        "s3_secret_key": "secret",
    }
