"""A whole server for the tests that go all the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.local.stack import LocalStack
from tests.environment import CROWDED
from tests.unmeasured import UNMEASURED


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the test module's own."""
    folder = tmp_path_factory.mktemp("stack")
    environment = {**CROWDED, **UNMEASURED}
    with LocalStack(data_dir=folder, port=0, env=environment, show=lambda *_: None) as stack:
        yield stack.base_url
