"""Error reports that leave the device, received by a small server that speaks Sentry's protocol."""

from __future__ import annotations

import json
import logging
import re
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import RELEASE, VERSION, error_reports
from client.error_reports import MOST_WAITING, reported
from client.report_contents import chosen
from client.reporting import MOST_ACTIONS, LoggedReports, Trail
from client.store import actions
from tests.sentry import SentryServer, sentry_server
from tests.waiting import eventually

ROOT = Path(__file__).parents[3]
AT_LEISURE = (
    60.0  # seconds: on a busy machine Sentry's library alone may take longer to load than the app would wait
)
LOADS_THE_APP = """
import sys
import client.main, client.config, client.error_reports, client.store.client
from client.reporting import Trail
with client.error_reports.reported("", Trail()) as start_shown:
    start_shown(1.0)
print(*(name for name in sys.modules if name.startswith(("sentry_sdk", "urllib3"))))
"""


@pytest.fixture
def sentry(monkeypatch: pytest.MonkeyPatch) -> Iterator[SentryServer]:
    monkeypatch.setattr(error_reports, "FLUSH_SECONDS", AT_LEISURE)
    monkeypatch.setattr(error_reports, "TRACES_SAMPLE_RATE", 0.0)
    with sentry_server() as server:
        yield server


def fail(words: str) -> Exception:
    with pytest.raises(RuntimeError) as caught:
        _break_off(words)
    return caught.value


def _break_off(password: str) -> None:
    raise RuntimeError(password)


def test_what_a_screen_reports_goes_out_with_the_last_fifty_actions_and_nothing_private(
    sentry: SentryServer,
) -> None:
    trail = Trail()
    for number in range(MOST_ACTIONS + 5):
        trail.note(actions.CommandStarted(f"step_{number}"))
    trail.note(actions.Invited("K7MQ4P"))
    with reported(sentry.dsn, trail):
        LoggedReports(trail).report(fail("ana@example.com says s3cret"), "lobby")
    [event] = sentry.events
    [error] = event["exception"]["values"]
    assert (error["type"], error["stacktrace"]["frames"][-1]["function"]) == ("RuntimeError", "_break_off")
    steps = [crumb["message"] for crumb in event["breadcrumbs"]["values"]]
    assert steps == list(trail.steps())
    assert len(steps) == MOST_ACTIONS
    assert (event["release"], event["tags"]) == (RELEASE, {"where": "lobby", "system": sys.platform})
    assert not {"server_name", "user", "request", "extra", "modules"} & set(event)
    told = json.dumps(sentry.everything)
    for private in ("ana@example.com", "s3cret", "K7MQ4P", str(Path.home()), str(ROOT), "raise RuntimeError"):
        assert private not in told


def test_what_fails_in_the_background_and_what_ends_the_app_is_told_too(sentry: SentryServer) -> None:
    log = logging.getLogger("client.store.runner")

    def app() -> None:
        with reported(sentry.dsn, Trail()):
            log.error("a command failed", exc_info=fail("one"))
            log.error("a line without a traceback is none")
            _break_off("two")

    with pytest.raises(RuntimeError, match="two"):
        app()
    assert [event["tags"]["where"] for event in sentry.events] == ["client.store.runner", "the app"]
    log.error("nobody listens any more", exc_info=fail("three"))
    assert len(sentry.events) == 2


def test_one_start_in_five_is_told_for_how_long_it_took(
    sentry: SentryServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(error_reports, "TRACES_SAMPLE_RATE", 1.0)
    with reported(sentry.dsn, Trail()) as start_shown:
        start_shown(2.5)
    [start] = sentry.transactions
    assert start["transaction"] == "start"
    assert set(start["contexts"]["trace"]) == {"trace_id", "span_id", "op"}


def test_a_service_that_never_answers_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_reports, "FLUSH_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dsn = f"http://key@127.0.0.1:{silent.getsockname()[1]}/1"
        began = time.monotonic()
        with reported(dsn, Trail()):
            for number in range(3 * MOST_WAITING):
                logging.getLogger("client").error(
                    "again", exc_info=type(f"Failure{number}", (Exception,), {})()
                )
        assert time.monotonic() - began < 25  # the library itself would wait for 30


def test_the_library_may_fail_without_the_app(
    sentry: SentryServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "client.error_reports")
    with reported(sentry.dsn, Trail()):
        with monkeypatch.context() as broken:
            broken.setattr(error_reports, "_client", lambda _dsn: 1 / 0)
            logging.getLogger("client").error("once", exc_info=fail("once"))
            eventually(lambda: "could not be reported: ZeroDivisionError" in caplog.text)
        logging.getLogger("client.images").error("twice", exc_info=fail("twice"))
    assert [event["tags"]["where"] for event in sentry.events] == ["client.images"]


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("client/app.py", "client/app.py"),
        ("/home/ana/dindin/client/app.py", "app.py"),
        ("C:\\Users\\Ana\\app.py", "app.py"),
        ("~/secret/app.py", "app.py"),
        ("<string>", "<string>"),
    ],
)
def test_no_folder_of_anybodys_is_named(named: str, told: str) -> None:
    frame = {"filename": named, "abs_path": "/home/ana/app.py", "lineno": 3, "vars": {"name": "Ana"}}
    event = {"exception": {"values": [{"type": "E", "value": "Ana", "stacktrace": {"frames": [frame]}}]}}
    [error] = chosen(event, {})["exception"]["values"]
    assert error["stacktrace"]["frames"] == [{"lineno": 3, "filename": told}]
    assert "value" not in error


def test_without_a_dsn_nothing_of_it_is_loaded() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOADS_THE_APP],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout.split() == []


def test_reports_name_the_version_that_is_packed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    phone = re.search(r"^version = (.+)$", (ROOT / "client" / "buildozer.spec").read_text(), re.MULTILINE)
    assert phone is not None
    assert {project["version"], phone[1]} == {VERSION}
