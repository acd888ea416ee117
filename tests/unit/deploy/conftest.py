"""A folder whose path is short whatever pytest's own temporary folder is."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def short_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dd") as folder:
        yield Path(folder)
