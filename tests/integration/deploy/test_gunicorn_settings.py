"""gunicorn's settings file, read by gunicorn itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.options import REPOSITORY

READ = """
import json
from gunicorn.app.wsgiapp import WSGIApplication
config = WSGIApplication("%(prog)s").cfg
names = ["workers", "worker_connections", "graceful_timeout", "forwarded_allow_ips", "control_socket_disable"]
values = {name: config.settings[name].get() for name in names}
print(json.dumps({**values, "address": config.address, "worker": config.worker_class.__name__}))
"""


def gunicorn_reads(tmp_path: Path, **environment: str) -> dict[str, object]:
    kept = {
        name: value for name, value in os.environ.items() if name not in {"HOST", "PORT", "WEB_CONCURRENCY"}
    }
    answer = subprocess.run(
        [sys.executable, "-c", READ, "-c", "deploy/gunicorn.conf.py", "wsgi:app"],
        cwd=REPOSITORY,
        env=kept | {"DATA_DIR": str(tmp_path)} | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    values: dict[str, object] = json.loads(answer.stdout)
    return values


def test_it_serves_with_gevent_and_trusts_no_header(tmp_path: Path) -> None:
    assert gunicorn_reads(tmp_path) == {
        "address": [["127.0.0.1", 8000]],
        "worker": "GeventWorker",
        "workers": 2,
        "worker_connections": 12_000,
        "graceful_timeout": 30,
        "forwarded_allow_ips": [],
        "control_socket_disable": True,
    }


@pytest.mark.parametrize(("host", "address"), [("::1", ["::1", 9001]), ("0.0.0.0", ["0.0.0.0", 9001])])  # noqa: S104 - read, never bound
def test_address_and_processes_come_from_the_environment(
    tmp_path: Path, host: str, address: list[object]
) -> None:
    read = gunicorn_reads(tmp_path, HOST=host, PORT="9001", WEB_CONCURRENCY="5", WEB_GRACEFUL_SECONDS="3")
    assert (read["address"], read["workers"], read["graceful_timeout"]) == ([address], 5, 3)
