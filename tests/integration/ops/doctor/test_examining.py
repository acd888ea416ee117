"""Carrying out checks, and the command that prints what they find."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
import svcs
from bson import ObjectId
from flask.testing import FlaskClient
from pymongo.errors import ServerSelectionTimeoutError
from redis.exceptions import ConnectionError as ValkeyConnectionError

from backend.config import Settings
from backend.ops.doctor.examining import LOOKING, TRYING, examine, worst
from backend.ops.doctor.findings import Check, Finding, Level, fail, ok, warn
from backend.roles import Role
from backend.users.accounts import Accounts
from tests.commands import run, run_from_nothing
from tests.conftest import Account
from tests.environment import environment_of


def raising(error: Exception) -> Check:
    def check(_services: svcs.Container) -> Iterator[Finding]:
        yield ok("half", "way")
        raise error

    return check


def test_one_that_hangs_hides_no_other_and_order_is_kept() -> None:
    go_on = threading.Event()

    def hang(_services: svcs.Container) -> list[Finding]:
        go_on.wait(30)
        return []

    checks: list[tuple[str, Check]] = [("slow", hang), ("quick", lambda _services: [ok("quick", "fine")])]
    found = examine(svcs.Registry(), checks, limit_seconds=0.2)
    go_on.set()
    assert [(finding.level, finding.part) for finding in found] == [(Level.FAIL, "slow"), (Level.OK, "quick")]
    assert found[0].said == "not checked: it takes longer than 0 s"


def test_what_a_check_could_not_look_at_is_said() -> None:
    away, off = ServerSelectionTimeoutError("db.internal:27017"), ValkeyConnectionError("cache.internal")
    checks = [
        ("mongodb", raising(away)),
        ("schema", raising(away)),
        ("valkey", raising(off)),
        ("worker", raising(off)),
        ("mail", raising(ValueError("a mistake of ours"))),
    ]
    found = examine(svcs.Registry(), checks)
    assert [finding.level.value for finding in found] == ["fail", "warn", "fail", "warn", "warn"]
    assert all("not checked" in finding.said for finding in found if finding.level is Level.WARN)
    assert not any("internal" in finding.said for finding in found)
    assert all(finding.to_do for finding in found)


def test_the_worst_decides() -> None:
    a, b, c = ok("a", ""), warn("b", "", ""), fail("c", "", "")
    assert [worst(some) for some in ([], [a], [a, b], [c, a, b])] == [
        Level.OK,
        Level.OK,
        Level.WARN,
        Level.FAIL,
    ]


def test_the_command_says_what_is_wrong_and_ends_with_1(settings: Settings, services: svcs.Container) -> None:  # noqa: ARG001  # the database is prepared
    told = run("backend", "doctor", env=environment_of(settings, PORT="9"))
    assert told.returncode == 1
    lines = told.stdout.splitlines()
    parts = {line[6:].split("  ")[0].strip(): line[:5].strip() for line in lines if line[:1] != " "}
    for name, _ in (*LOOKING, *TRYING):
        assert name in parts, told.stdout
    assert (parts["mongodb"], parts["valkey"], parts["indexes"], parts["storage"]) == ("ok",) * 4
    assert (parts["websocket"], parts["worker"]) == ("fail",) * 2
    assert lines[-1].endswith(" wrong")
    assert "Traceback" not in told.stderr


def test_settings_that_cannot_be_used_are_all_named(settings: Settings) -> None:
    told = run_from_nothing("backend", "doctor", env=environment_of(settings, SECRET_KEY="", PORT="0"))
    assert told.returncode == 1
    assert (
        "fail  settings       SECRET_KEY: missing" in told.stdout
        or "fail  settings       PORT:" in told.stdout
    )
    assert "Nothing else was checked" in told.stdout


def test_databases_that_are_away(settings: Settings) -> None:
    away = {
        "MONGODB_URI": "mongodb://127.0.0.1:9/?directConnection=true",
        "MONGODB_SERVER_SELECTION_SECONDS": "1",
        "REDIS_URL": "redis://127.0.0.1:9",
    }
    told = run("backend", "doctor", env=environment_of(settings, **away))
    assert told.returncode == 1
    assert "fail  mongodb        MongoDB does not answer as it should" in told.stdout
    assert "fail  valkey         Valkey does not answer as it should" in told.stdout
    assert "warn  schema         not checked: MongoDB" in told.stdout
    assert "ok    storage" in told.stdout


@pytest.mark.security
def test_operators_are_told_and_nobody_else(
    register: Callable[..., Account], services: svcs.Container, client: FlaskClient
) -> None:
    operator, user = register(), register()
    services.get(Accounts).set_role(ObjectId(operator.id), Role.OPERATOR)
    path = "/health/detailed"
    told = client.get(path, headers=operator.headers)
    assert told.status_code == 200
    body = told.get_json()
    assert body["status"] == "fail"  # no worker is there
    found = {one["part"]: one["level"] for one in body["findings"]}
    assert (found["mongodb"], found["valkey"], found["worker"]) == ("ok", "ok", "fail")
    assert not {"websocket", "storage", "mail"} & found.keys()
    assert "://" not in told.text
    assert client.get(path).status_code == 401
    assert client.get(path, headers=user.headers).status_code == 403
