"""The embedded data servers are real processes: started, killed, moved and fought over here."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psutil
import pytest
from pymongo import MongoClient
from pymongo.write_concern import WriteConcern
from redis import Redis

from deploy.local.embedded import EmbeddedMongo, EmbeddedServer, EmbeddedValkey
from deploy.local.errors import AlreadyRunningError, LocalError
from deploy.local.options import REPOSITORY

Servers = Callable[..., EmbeddedServer]


def write_mongo(uri: str, value: int) -> None:
    with MongoClient[dict[str, Any]](uri) as client:
        durable = client.kept.get_collection("numbers", write_concern=WriteConcern("majority", j=True))
        durable.insert_one({"value": value})


def read_mongo(uri: str) -> list[int]:
    with MongoClient[dict[str, Any]](uri) as client:
        return [row["value"] for row in client.kept.numbers.find().sort("_id")]


def write_valkey(uri: str, value: int) -> None:
    with closing(Redis.from_url(uri)) as client:
        client.rpush("numbers", value)


def read_valkey(uri: str) -> list[int]:
    with closing(Redis.from_url(uri)) as client:
        return [int(value) for value in client.lrange("numbers", 0, -1)]


KINDS = {
    "mongodb": (EmbeddedMongo, write_mongo, read_mongo),
    "valkey": (EmbeddedValkey, write_valkey, read_valkey),
}
KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from deploy.local import embedded
server = getattr(embedded, sys.argv[1])(Path(sys.argv[2]), Path(sys.argv[3]))
server.start()
print(server.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
both = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Servers]:
    """Make servers on this test's folders; whatever still runs at the end is stopped."""
    made: list[EmbeddedServer] = []

    def one(kind: str, data: str = "kept", run: str = "run") -> EmbeddedServer:
        made.append(KINDS[kind][0](tmp_path / data, tmp_path / run))
        return made[-1]

    yield one
    for server in made:
        server.stop()


@both
def test_it_keeps_its_data_between_runs_and_listens_on_no_network(kind: str, make: Servers) -> None:
    _, write, read = KINDS[kind]
    with make(kind) as server:
        write(server.uri, 1)
        assert listening_ports(server.pid or 0) == []
        assert server.data_dir.stat().st_mode & 0o077 == 0
    assert server.pid is None
    with make(kind) as server:
        write(server.uri, 2)
        assert read(server.uri) == [1, 2]


@both
def test_a_killed_server_comes_back_with_what_it_acknowledged(kind: str, make: Servers) -> None:
    _, write, read = KINDS[kind]
    server = make(kind)
    write(server.start(), 1)
    os.kill(server.pid or 0, signal.SIGKILL)
    server.stop()
    assert read(server.start()) == [1]


@both
def test_a_second_run_on_the_same_folder_is_refused_and_names_the_first(kind: str, make: Servers) -> None:
    _, write, read = KINDS[kind]
    with make(kind) as first:
        with pytest.raises(AlreadyRunningError, match=f"in use by another run .process {os.getpid()}"):
            make(kind, run="other").start()
        write(first.uri, 1)
        assert read(first.uri) == [1]


@both
def test_a_server_that_a_killed_run_left_behind_is_stopped_first(kind: str, make: Servers) -> None:
    server_class, write, read = KINDS[kind]
    server = make(kind)
    run = subprocess.run(
        [sys.executable, "-c", KILLED_RUN, server_class.__name__, server.data_dir, server.log_path.parent],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert run.returncode == -signal.SIGKILL
    left_behind = psutil.Process(int(run.stdout))
    assert left_behind.is_running()
    with server:
        assert not left_behind.is_running() or left_behind.status() == psutil.STATUS_ZOMBIE
        write(server.uri, 2)
        assert read(server.uri) == [2]


@both
def test_a_deep_folder_and_a_moved_folder_both_work(kind: str, make: Servers, tmp_path: Path) -> None:
    _, write, read = KINDS[kind]
    with make(kind, run="deep" * 30) as server:
        write(server.uri, 1)
        short_folder = Path(unquote(server.uri).split("//")[1].partition(".sock")[0]).parent
        assert short_folder.is_dir()
    assert not short_folder.exists()
    (tmp_path / "kept").rename(tmp_path / "moved")
    with make(kind, data="moved", run="elsewhere") as server:
        write(server.uri, 2)
        assert read(server.uri) == [1, 2]


@both
def test_a_folder_with_something_else_in_it_fails_in_one_sentence(
    kind: str, make: Servers, tmp_path: Path
) -> None:
    spoiled = {"mongodb": "journal", "valkey": "appendonlydir"}[kind]
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / spoiled).write_text("nothing that the server knows")
    server = make(kind)
    with pytest.raises(LocalError, match=f"The embedded {server.product} .*the last it wrote: .+"):
        server.start()
    assert server.pid is None


def test_mongodb_is_a_replica_set_with_durable_defaults(make: Servers) -> None:
    with make("mongodb") as server, MongoClient[dict[str, Any]](server.uri) as client:
        hello = client.admin.command("hello")
        assert hello["setName"] == "rs0"
        concern = client.admin.command("getDefaultRWConcern")["defaultWriteConcern"]
        assert concern["w"] == "majority"


def test_mongodbs_log_does_not_quote_slow_queries(make: Servers) -> None:
    with make("mongodb") as server, MongoClient[dict[str, Any]](server.uri) as client:
        client.kept.people.insert_one({"address": "ada@example.com"})
        slow = {"address": "ada@example.com", "$where": "sleep(300) || true"}  # by default, 100 ms are slow
        assert client.kept.people.find_one(slow)
        logged = server.log_path.read_text()
    assert "replSetInitiate" in logged
    assert "ada@example.com" not in logged


def test_valkey_refuses_rather_than_forgets(make: Servers) -> None:
    with make("valkey") as server, closing(Redis.from_url(server.uri)) as client:
        settings = client.config_get("*")
        assert settings["maxmemory-policy"] == "noeviction"
        assert settings["appendonly"] == "yes"
        assert settings["appendfsync"] == "everysec"


def listening_ports(pid: int) -> list[int]:
    """TCP ports that the process `pid` listens on."""
    return [
        c.laddr.port for c in psutil.Process(pid).net_connections("tcp") if c.status == psutil.CONN_LISTEN
    ]
