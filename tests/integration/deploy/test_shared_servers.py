"""One set of data servers for all processes of a test run."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import psutil

from deploy.local.options import REPOSITORY
from deploy.local.shared import SharedServers

HOLD = """
import sys
from deploy.local.shared import SharedServers
shared = SharedServers.create()
print(shared.folder, shared.urls().redis_url, flush=True)
sys.stdin.read()
"""


def processes_of(folder: Path) -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(p.info["cmdline"] or ())]


def wait_until_gone(folder: Path) -> None:
    deadline = monotonic() + 30
    while folder.exists() or processes_of(folder):
        assert monotonic() < deadline, "the servers outlive the run"
        sleep(0.05)


def test_whoever_asks_first_starts_them_and_all_get_the_same() -> None:
    main = SharedServers.create()
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = set(pool.map(lambda _: SharedServers.attach(main.folder).urls(), range(8)))
        assert answers == {main.urls()}
        assert len([p for p in processes_of(main.folder) if "mongod" in p.info["cmdline"][0]]) == 1
    finally:
        main.close()
    wait_until_gone(main.folder)


def test_nothing_is_started_when_nobody_asks() -> None:
    main = SharedServers.create()
    SharedServers.attach(main.folder).close()
    assert main.folder.exists()
    main.close()
    assert not main.folder.exists()


def test_they_end_with_a_main_process_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as main:
        assert main.stdout
        folder = Path(main.stdout.readline().split()[0])
        assert processes_of(folder)
        os.kill(main.pid, signal.SIGKILL)
    wait_until_gone(folder)
