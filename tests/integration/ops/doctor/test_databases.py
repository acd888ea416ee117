"""What is said of MongoDB, Valkey and the clocks: as they are, and as they should not be."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import svcs
from pymongo import MongoClient

from backend.infra.mongo import BsonDocument, MongoDatabase
from backend.infra.restoring import MARKS
from backend.infra.valkey import Valkey
from backend.migrations.moving import Migrator
from backend.migrations.record import COLLECTION, SchemaRecord
from backend.migrations.steps import STEPS
from backend.ops.doctor import databases
from deploy.local.binaries import mongod_binary
from deploy.local.embedded import EmbeddedValkey
from tests.integration.ops.doctor.conftest import Examine
from tests.set_clock import SetClock


def test_the_real_mongodb(examine: Examine) -> None:
    version, members = examine(databases.mongodb)
    assert version.startswith("ok mongodb: 6.")
    assert members == "ok replica set: rs0, 1 member"
    assert examine(databases.mongodb, app_env="production")[1].startswith("warn replica set: rs0 has one")


def test_a_mongodb_that_is_away(examine: Examine) -> None:
    gone = {"mongodb_uri": "mongodb://127.0.0.1:9/?directConnection=true"}
    assert examine(databases.schema, **gone) == [
        "warn the part: not checked: MongoDB does not answer as it should -> Mend that first."
    ]


@pytest.fixture
def single(tmp_path: Path) -> Iterator[str]:
    """A mongod that is no replica set."""
    data = tmp_path / "db"
    data.mkdir()
    place = tmp_path / "m.sock"
    command = [
        mongod_binary(),
        "--dbpath",
        data,
        "--bind_ip",
        place,
        "--nounixsocket",
        "--port",
        "27017",
        "--quiet",
    ]
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL) as server:
        uri = f"mongodb://{str(place).replace('/', '%2F')}/?directConnection=true"
        with MongoClient[BsonDocument](uri, serverSelectionTimeoutMS=20_000) as client:
            client.admin.command("ping")
        yield uri
        server.kill()


def test_a_mongodb_that_is_no_replica_set(examine: Examine, single: str) -> None:
    _, members = examine(databases.mongodb, mongodb_uri=single)
    assert members.startswith("fail replica set: a single server")
    assert "--replSet" in members


def test_the_indexes(examine: Examine, services: svcs.Container) -> None:
    assert examine(databases.indexes) == ["ok indexes: all there"]
    swipes = services.get(MongoDatabase).groups
    name, wanted = next((n, i) for n, i in swipes.index_information().items() if n != "_id_")
    swipes.drop_index(name)
    try:
        (line,) = examine(databases.indexes)
    finally:
        options = {key: value for key, value in wanted.items() if key not in {"key", "v", "ns"}}
        swipes.create_index(wanted["key"], name=name, **options)
    assert line.startswith(f"fail indexes: missing: groups: {wanted['key'][0][0]}")
    assert "python -m backend prepare" in line
    assert examine(databases.indexes) == ["ok indexes: all there"]


def test_the_schema(examine: Examine, services: svcs.Container) -> None:
    own = {"database_name": f"test_{secrets.token_hex(4)}"}
    client = services.get(MongoDatabase).client
    database = client[own["database_name"]]
    try:
        (line,) = examine(databases.schema, **own)
        assert line.startswith(f"fail schema: behind this version: {STEPS[0].name}")
        Migrator(database, SchemaRecord(database, SetClock())).move()
        assert examine(databases.schema, **own) == [f"ok schema: {STEPS[-1].name}"]
        database[COLLECTION].insert_one({"_id": "9999_from_the_future"})
        (line,) = examine(databases.schema, **own)
        assert line.startswith("fail schema: newer than this version")
        database[MARKS].insert_one(
            {"_id": "restore", "backup": "dindin-20261123T020000Z", "phase": "swapping"}
        )
        (line,) = examine(databases.schema, **own)
        assert line.startswith("fail schema: a restore was interrupted")
    finally:
        client.drop_database(database.name)


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A Valkey of this test's own, to be set up wrongly."""
    with EmbeddedValkey(tmp_path / "valkey", tmp_path) as server:
        yield server


def test_a_valkey_as_it_should_be_and_not(examine: Examine, own_valkey: EmbeddedValkey) -> None:
    own = {"redis_url": own_valkey.uri}
    version, memory, disk = examine(databases.valkey, **own)
    assert version.startswith("ok valkey: Valkey 9.")
    assert (memory, disk) == ("ok valkey memory: noeviction", "ok valkey disk: appendonly")
    client = Valkey.from_url(own_valkey.uri)
    client.config_set("maxmemory-policy", "allkeys-lru")
    client.config_set("appendonly", "no")
    _, memory, disk = examine(databases.valkey, **own)
    assert memory.startswith("fail valkey memory: when it is full it deletes what it likes (allkeys-lru)")
    assert disk.startswith("warn valkey disk: it writes no log")
    client.execute_command("ACL", "SETUSER", "default", "-info")
    assert examine(databases.valkey, **own) == [
        "warn the part: not checked: Valkey does not answer as it should -> Mend that first."
    ]
    client.close()


def test_clocks_that_agree_and_that_do_not(examine: Examine) -> None:
    assert [line.split(":")[0] for line in examine(databases.clocks)] == ["ok clock"] * 2
    clock = SetClock()
    clock.advance(seconds=-3)
    lines = examine(databases.clocks, clock=clock)
    assert [line.split(":")[0] for line in lines] == ["warn clock"] * 2
    assert all("NTP" in line for line in lines)
    clock.advance(seconds=600)
    mongodb, valkey = examine(databases.clocks, clock=clock)
    assert mongodb.startswith("fail clock: 59")
    assert "s from Valkey's" in valkey
