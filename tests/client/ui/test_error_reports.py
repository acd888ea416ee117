"""A screen of the real app fails, in a process of its own: what Sentry gets to know of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.client.ui.failing_app import ADDRESS, PASSWORD
from tests.sentry import sentry_server
from tests.waiting import eventually

ROOT = Path(__file__).parents[3]
NOWHERE = "http://127.0.0.1:9"


def test_an_error_of_a_screen_arrives_and_names_nobody(tmp_path: Path) -> None:
    home = tmp_path / "kanari-at-home"
    with sentry_server() as sentry:
        settings = {"DINDIN_HOME": str(home), "DINDIN_SERVER": NOWHERE, "DINDIN_SENTRY_DSN": sentry.dsn}
        app = subprocess.Popen(
            [sys.executable, "-m", "tests.client.ui.failing_app"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            eventually(lambda: sentry.events or app.poll() is not None, 60)
        finally:
            app.terminate()
            said, _ = app.communicate(timeout=60)
    assert app.returncode == 0, said  # it went on, until it was asked to end
    [event] = sentry.events
    error = event["exception"]["values"][-1]
    assert (error["type"], error["stacktrace"]["frames"][-1]["function"]) == ("RuntimeError", "break_off")
    assert event["tags"]["where"] == "welcome"
    assert "CommandStarted(name=restore)" in [crumb["message"] for crumb in event["breadcrumbs"]["values"]]
    told = json.dumps(sentry.everything)
    for private in (ADDRESS, PASSWORD, "kanari", str(tmp_path), str(ROOT), NOWHERE):
        assert private not in told
