"""Lines of the log: each in a process of its own, for logging is set up once and for all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
USER = "6" * 24
BEGIN = """
import logging, sys, structlog
from backend.config import Settings
from backend.infra import logs
settings = Settings(
    _env_file=None,
    mongodb_uri="mongodb://nowhere/",
    redis_url="redis://nowhere/",
    secret_key="s" * 40,
    ledger_key="l" * 40,
)
logs.configure(settings, "test")
log = structlog.stdlib.get_logger("backend.test")
"""


def said(code: str, **environment: str) -> str:
    """What a process wrote that runs this code, with these settings."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "APP_ENV": "test", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def lines(code: str, **environment: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said(code, **environment).splitlines()]


def test_a_user_is_a_pseudonym_and_the_same_one_each_time() -> None:
    one, two, three = lines(f"""
log.warning("one", user_id="{USER}")
log.warning("two", user_id="{USER}", by_user_id="another")
log.warning("three")
""")
    assert one["user"] == two["user"]
    assert two["by"] not in {two["user"], "another"}
    assert len(one["user"]) == 12
    assert not {"user", "user_id", "by"} & set(three)


def test_what_belongs_together_says_so() -> None:
    about, bare = lines(f"""
structlog.contextvars.bind_contextvars(request_id="r1", session_id="{"5" * 24}", user_id="{USER}")
log.info("swiped")
structlog.contextvars.clear_contextvars()
log.info("later")
""")
    assert (about["request_id"], about["session_id"], len(about["user"])) == ("r1", "5" * 24, 12)
    assert not {"request_id", "session_id", "user", "user_id"} & set(bare)


def test_what_rq_says_of_a_job_names_nobody() -> None:
    [told, failed] = lines(f"""
logging.getLogger("rq.worker").info("Job OK (dindin-send_account_mail-confirm-{USER})")
log.error("job_failed", job_id="dindin-send_account_mail-confirm-{USER}")
""")
    assert told["event"].startswith("Job OK (dindin-send_account_mail-confirm-")
    assert failed["job_id"].startswith("dindin-send_account_mail-confirm-")
    assert USER not in json.dumps([told, failed])


CRASH = """
try:
    {}["somebody@example.com"]
except KeyError:
    log.exception("failed")
"""


@pytest.mark.parametrize(("environment", "in_words"), [("test", False), ("development", True)])
def test_only_at_home_does_an_error_tell_what_it_said(environment: str, in_words: bool) -> None:
    [line] = lines(CRASH, APP_ENV=environment)
    assert "KeyError" in line["exception"]
    assert 'File "<string>"' in line["exception"]
    assert ("somebody@example.com" in line["exception"]) is in_words


SAY_ALL = """
for name in ("backend.sessions.commit", "backend.audit", "pymongo.command", "werkzeug", "rq.worker"):
    for level in ("debug", "info", "warning", "error"):
        getattr(logging.getLogger(name), level)(level)
"""


def levels(**environment: str) -> dict[str, str]:
    """From which level on each module is heard."""
    heard: dict[str, str] = {}
    for line in lines(SAY_ALL, **environment):
        heard.setdefault(line["logger"], line["event"])
    return heard


def test_others_say_no_more_than_warnings_whatever_the_level() -> None:
    assert levels(LOG_LEVEL="DEBUG") == {
        "backend.sessions.commit": "debug",
        "backend.audit": "debug",
        "rq.worker": "debug",
        "pymongo.command": "warning",
        "werkzeug": "warning",
    }


def test_single_modules_have_levels_of_their_own() -> None:
    assert levels(LOG_LEVELS="backend.sessions=debug, werkzeug=ERROR,rq=WARNING") == {
        "backend.sessions.commit": "debug",
        "backend.audit": "info",
        "rq.worker": "warning",
        "pymongo.command": "warning",
        "werkzeug": "error",
    }


def test_readable_lines_into_a_pipe_have_no_colours() -> None:
    told = said('log.warning("hello", name="value")', LOG_FORMAT="console")
    assert "hello" in told
    assert "\x1b" not in told


def test_without_a_choice_a_pipe_gets_json() -> None:
    assert lines('log.warning("hello")', APP_ENV="development")[0]["event"] == "hello"


def test_at_a_terminal_lines_are_readable_and_coloured() -> None:
    wrote = terminal_of('log.warning("hello")', APP_ENV="development")
    assert "hello" in wrote
    assert "\x1b[" in wrote
    assert "{" not in wrote


def test_whoever_wants_no_colours_has_none() -> None:
    assert "\x1b" not in terminal_of('log.warning("hello")', APP_ENV="development", NO_COLOR="1")


def terminal_of(code: str, **environment: str) -> str:
    """What a terminal gets, whose standard error is one."""
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal, os.fdopen(theirs, "wb") as end:
        subprocess.run(
            [sys.executable, "-c", BEGIN + code],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **environment},
            stderr=end,
            check=True,
        )
        return terminal.read(4096).decode()


def test_errors_go_into_a_file_as_well(tmp_path: Path) -> None:
    file = tmp_path / "errors.log"
    code = CRASH + 'log.warning("fine")\nlogging.getLogger("gunicorn").error("theirs")'
    everything = lines(code, LOG_ERROR_FILE=str(file))
    kept = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["event"] for line in kept] == ["failed", "theirs"]
    assert [line["event"] for line in everything] == ["failed", "fine", "theirs"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "errors.log"
    move = f'import os; os.rename("{file}", "{file}.1")'
    said(f'log.error("one")\n{move}\nlog.error("two")', LOG_ERROR_FILE=str(file))
    assert '"one"' in Path(f"{file}.1").read_text()
    assert '"two"' in file.read_text()
