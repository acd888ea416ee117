"""`python -m deploy.local operate`, as `make rotate-keys` and `make backup` call it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from deploy.local.claim import FolderClaim
from deploy.local.embedded import EmbeddedMongo, EmbeddedValkey
from deploy.local.options import REPOSITORY

SETTINGS = {"MONGODB_URI", "REDIS_URL", "REDIS_HOST", "SECRET_KEY", "DATA_KEYS", "LEDGER_KEY", "APP_ENV"}
SAID = "k1 is the newest key. Wrapped again: 0. Wrapped by it now: 0.\n"


def operate(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", "operate", *arguments],
        cwd=REPOSITORY,
        env=own | {"DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_where_nothing_runs_the_data_servers_run_for_as_long_as_it_takes(tmp_path: Path) -> None:
    done = operate(tmp_path, "backend", "rotate-keys")
    assert (done.returncode, done.stdout) == (0, SAID), done.stderr
    with EmbeddedMongo(tmp_path / "mongo", tmp_path / "run") as free_again:
        assert free_again.pid


def test_beside_those_that_run_it_uses_them_and_leaves_them(tmp_path: Path) -> None:
    with (
        EmbeddedMongo(tmp_path / "mongo", tmp_path / "run") as mongo,
        EmbeddedValkey(tmp_path / "valkey", tmp_path / "run") as valkey,
    ):
        done = operate(tmp_path, "backend", "rotate-keys")
        assert (done.returncode, done.stdout) == (0, SAID), done.stderr
        assert mongo.pid
        assert valkey.pid


def test_beside_another_that_has_started_them_it_refuses(tmp_path: Path) -> None:
    other = FolderClaim(tmp_path / "run" / "commands", "A command")
    other.take()
    done = operate(tmp_path, "backend", "rotate-keys")
    other.release()
    assert (done.returncode, "Another command uses" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr
    assert operate(tmp_path, "backend", "rotate-keys").returncode == 0


def test_what_the_command_ends_with_is_what_it_ends_with(tmp_path: Path) -> None:
    done = operate(tmp_path, "backend", "user", "nobody@example.com")
    assert done.returncode == 1
    assert "Nobody has confirmed nobody@example.com." in done.stderr
