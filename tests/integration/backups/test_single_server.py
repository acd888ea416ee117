"""A MongoDB without a replica set cannot be backed up, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.embedded import EmbeddedMongo
from tests.set_clock import SetClock
from worker.backups.errors import BackupError
from worker.backups.making import make_backup
from worker.backups.vault import Vault


class SingleMongo(EmbeddedMongo):
    """The same server, on its own."""

    def _command(self) -> list[str]:
        command = super()._command()
        place = command.index("--replSet")
        return command[:place] + command[place + 2 :]

    def _is_ready(self) -> bool:
        try:
            with MongoClient[dict[str, object]](self._uri(), serverSelectionTimeoutMS=500) as client:
                return bool(client.admin.command("ping"))
        except PyMongoError:
            return False


@pytest.fixture
def client(tmp_path: Path) -> Iterator[MongoClient[dict[str, object]]]:
    with (
        SingleMongo(tmp_path / "mongo", tmp_path) as server,
        MongoClient[dict[str, object]](server.uri) as client,
    ):
        yield client


def test_a_single_server_is_told_what_it_lacks(
    client: MongoClient[dict[str, object]], vault: Vault, clock: SetClock
) -> None:
    client.dindin.people.insert_one({})
    with pytest.raises(BackupError, match="backups need a replica set"):
        make_backup(client.dindin, vault, clock)
    assert vault.complete() == []
