"""However much there is, it passes through little memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from tests.environment import environment_of
from tests.peak_memory import peak_megabytes
from tests.unmeasured import UNMEASURED

pytestmark = pytest.mark.long

DOCUMENTS = 100_000
# Python with everything that is imported takes up to 140 MB; the documents are 110 MB.
MOST_MEGABYTES = 200


@pytest.fixture
def environment(settings: Settings, database: MongoDatabase, folder: Path) -> dict[str, str]:
    return environment_of(settings, DATABASE_NAME=database.name, BACKUP_URL=str(folder), **UNMEASURED)


def test_a_hundred_thousand_documents(environment: dict[str, str], database: MongoDatabase) -> None:
    filler = "what people wrote " * 60
    for start in range(0, DOCUMENTS, 5_000):
        database.messages.insert_many([{"_id": n, "text": filler} for n in range(start, start + 5_000)])
    assert database.command("collStats", "messages")["size"] > 100e6
    assert peak_megabytes(["backup"], environment) < MOST_MEGABYTES
    other = f"{database.name}_other"
    assert peak_megabytes(["restore", "--into", other], environment) < MOST_MEGABYTES
    assert database.client[other].messages.count_documents({}) == DOCUMENTS
