"""Exports in a bucket: built by a worker, handed out by two API processes under gevent, over real HTTP."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from moto.server import ThreadedMotoServer

from backend.config import Settings
from deploy.local.stack import LocalStack
from tests.e2e.person import Person
from tests.places import unregistered_files
from tests.processes import api_children, held
from tests.stacks import StackLog
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.compliance]
pytest_plugins = ("tests.buckets",)

_DOWNLOADS = 12


@pytest.fixture(scope="module")
def stack_env(in_bucket: dict[str, str]) -> dict[str, str]:
    """A stack whose storage is a bucket."""
    return {name.upper(): value for name, value in in_bucket.items()}


@pytest.mark.timeout(120)
def test_two_api_processes_hand_out_what_the_worker_put_into_the_bucket(
    stack: LocalStack, log: StackLog, person: Callable[[str], Person], s3_server: ThreadedMotoServer
) -> None:
    ada = person("Ada")
    export = ada.post("/compliance/exports", {"password": ada.password})
    path = f"/compliance/exports/{export['id']}"
    eventually(lambda: ada.get(path)["status"] == "done", seconds=40)

    def download(_: int) -> bytes:
        url, password = f"{stack.base_url}/api/v1{path}/download", {"password": ada.password}
        answer = httpx.post(url, headers=ada.http.headers, json=password, timeout=30)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store, no-transform"
        return answer.content

    with ThreadPoolExecutor(8) as pool:
        copies = set(pool.map(download, range(_DOWNLOADS)))
    (copy,) = copies
    with zipfile.ZipFile(io.BytesIO(copy)) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("profile.json"))["records"][0]["id"] == ada.id

    def handed_out_by() -> set[int]:
        lines = [line for line in log.lines if line.startswith("{") and "export_downloaded" in line]
        return {json.loads(line)["pid"] for line in lines}

    serving = api_children(stack)
    assert len(serving) == 2
    for elsewhere in serving:
        with held(elsewhere):  # the kernel gives it to the other
            assert download(0) == copy
    eventually(lambda: handed_out_by() == serving)

    s3_server.stop()
    refused = ada.http.post(f"{path}/download", json={"password": ada.password})
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert refused.headers["Retry-After"]
    assert httpx.get(f"{stack.base_url}/health/ready").status_code == 200


def test_every_file_of_a_whole_stack_is_in_the_register(stack: LocalStack) -> None:
    own = {name.lower(): value for name, value in stack.settings.items()}
    settings = Settings(_env_file=None, **own)
    assert (settings.data_dir / "logs").is_dir()
    assert unregistered_files(settings) == []
