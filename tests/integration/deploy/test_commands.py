"""`python -m deploy.local`, as `make run` and `make demo` call it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pymongo import MongoClient
from redis import Redis

from deploy.local.options import REPOSITORY
from deploy.local.stack import LocalStack, free_port, is_ready
from tests.processes import runs
from tests.unmeasured import UNMEASURED

pytestmark = pytest.mark.long

SETTINGS = {
    "MONGODB_URI",
    "REDIS_URL",
    "REDIS_HOST",
    "SECRET_KEY",
    "PORT",
    "HOST",
    "APP_ENV",
    "DISPLAY",
    "WAYLAND_DISPLAY",
}


def environment(data_dir: Path, port: int, **more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return own | {"DATA_DIR": str(data_dir), "PORT": str(port), "WEB_CONCURRENCY": "1"} | more


def command(name: str, env: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.local", name],
        cwd=REPOSITORY,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def running(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    with command("run", environment(tmp_path, free_port())) as process:
        yield process
        process.terminate()


def lines_until(process: "subprocess.Popen[str]", wanted: str) -> list[str]:
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if wanted in line:
            return lines
    raise AssertionError(f"{lines}\n{process.stderr.read() if process.stderr else ''}")


@pytest.mark.e2e
def test_run_says_where_it_is_and_ctrl_c_stops_all_of_it(running: "subprocess.Popen[str]") -> None:
    ready = lines_until(running, "DinDin is ready at ")
    base_url = ready[-1].split()[-1]
    assert [line for line in ready if "SSPL, for trying out only" in line]
    assert is_ready(base_url)
    lines_until(running, "make demo")
    children = psutil.Process(running.pid).children(recursive=True)
    assert {"mongod", "valkey-server"} <= {child.name() for child in children}
    running.send_signal(signal.SIGINT)
    rest, wrong = running.communicate(timeout=40)
    assert (running.returncode, wrong) == (0, "")
    assert rest.splitlines()[-1].endswith("Stopped.")
    assert [child for child in children if runs(child.pid)] == []


@pytest.mark.e2e
def test_a_process_that_dies_ends_the_run_and_is_named(running: "subprocess.Popen[str]") -> None:
    lines_until(running, "DinDin is ready at ")
    children = psutil.Process(running.pid).children(recursive=True)
    next(child for child in children if child.cmdline()[-2:] == ["worker", "cron"]).kill()
    _, wrong = running.communicate(timeout=40)
    assert running.returncode == 1
    assert wrong.startswith("The process cron was killed by signal 9; the last it wrote:")
    assert [child for child in children if runs(child.pid)] == []


@pytest.mark.e2e
def test_a_stack_keeps_its_data_and_secrets_and_replaces_what_is_killed(tmp_path: Path) -> None:
    with LocalStack(tmp_path, port=0, env={"WEB_CONCURRENCY": "1", **UNMEASURED}) as stack:
        assert list(stack.processes) == ["mongodb", "valkey", "api", "worker", "cron"]
        first = stack.settings
        with MongoClient[dict[str, object]](first["MONGODB_URI"]) as client:
            recipes = client.dindin.recipes.count_documents({})
            client.dindin.marks.insert_one({"kept": True})
        assert recipes > 0
        os.kill(stack.processes["valkey"], signal.SIGKILL)
        assert stack.wait().startswith("The embedded Valkey ended with code -9")
        stack.restart("valkey")
        os.kill(stack.processes["worker"], signal.SIGKILL)
        assert stack.wait().startswith("The process worker was killed by signal 9")
        stack.restart("worker")
        assert list(stack.processes) == ["mongodb", "valkey", "api", "cron", "worker"]
    assert "dindin   │ Preparing the database" in stack.log_path.read_text()
    with LocalStack(tmp_path, port=0, env={"WEB_CONCURRENCY": "1", **UNMEASURED}) as stack:
        assert stack.settings["SECRET_KEY"] == first["SECRET_KEY"]
        with MongoClient[dict[str, object]](stack.settings["MONGODB_URI"]) as client:
            assert client.dindin.marks.count_documents({}) == 1
            assert client.dindin.recipes.count_documents({}) == recipes


def test_a_port_in_use_is_one_sentence_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with command("run", environment(tmp_path, port)) as process:
            said, wrong = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said == ""
    assert wrong.startswith(f"Port {port} on 127.0.0.1 is in use by another program")
    assert len(wrong.splitlines()) == 1
    assert not (tmp_path / "mongo").exists()


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    with command("run", environment(tmp_path, 8000) | {"PORT": "eighty"}) as process:
        _, wrong = process.communicate(timeout=30)
    assert process.returncode == 1
    assert wrong == "PORT must be a whole number from 1 to 65535, not 'eighty': change or remove it.\n"


def test_serve_data_prints_what_to_set_and_serves_until_it_is_ended(tmp_path: Path) -> None:
    with command("serve-data", environment(tmp_path, 8000)) as process:
        exports = dict(
            line.removeprefix("export ").split("=", 1) for line in lines_until(process, "REDIS_URL")
        )
        with MongoClient[dict[str, object]](exports["MONGODB_URI"].strip().strip("'")) as client:
            assert client.admin.command("ping")["ok"] == 1
        with Redis.from_url(exports["REDIS_URL"].strip().strip("'")) as valkey:
            assert valkey.ping()
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0
