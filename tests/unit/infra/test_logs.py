"""Lines of the log name nobody: in a process of its own, for logging is set up once and for all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
USER = "6" * 24
WRITE = f"""
import logging, structlog
from backend.config import Settings
from backend.infra import logs
settings = Settings(
    _env_file=None,
    app_env="test",
    mongodb_uri="mongodb://nowhere/",
    redis_url="redis://nowhere/",
    secret_key="s" * 40,
    log_format="json",
)
logs.configure(settings, "test")
log = structlog.stdlib.get_logger("test")
log.warning("one", user_id="{USER}")
log.warning("two", user_id="{USER}", by_user_id="another")
log.warning("three")
"""


def test_a_user_is_a_pseudonym_and_the_same_one_each_time() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITE],
        cwd=ROOT,
        env={**os.environ, "LEDGER_KEY": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert USER not in done.stderr
    one, two, three = map(json.loads, done.stderr.splitlines())
    assert one["user"] == two["user"]
    assert two["by"] not in {two["user"], "another"}
    assert len(one["user"]) == 12
    assert not {"user", "user_id", "by"} & set(three)
