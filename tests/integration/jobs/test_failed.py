"""Jobs that failed for good: operators see them, without anybody's data, and try them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import svcs
from bson import ObjectId
from redis import Redis

from backend.config import Settings
from backend.infra.jobs import SEND_MAIL, JobQueue
from backend.roles import Role
from backend.users.accounts import Accounts
from tests.commands import run
from tests.conftest import Account
from tests.dead_letters import ERROR, fail_a_job
from tests.environment import environment_of

ADDRESS = "somebody.in.particular@example.com"
Register = Callable[..., Account]


@pytest.fixture
def operator(register: Register, services: svcs.Container) -> Account:
    account = register("Olga")
    services.get(Accounts).set_role(ObjectId(account.id), Role.OPERATOR)
    return account


def failed(operator: Account) -> dict[str, dict[str, Any]]:
    answer = operator.get("/admin/jobs/failed").get_json()
    assert answer["total"] >= len(answer["items"])
    return {job["id"]: job for job in answer["items"]}


def test_it_is_listed_until_it_is_tried_again(operator: Account, services: svcs.Container) -> None:
    job_id = fail_a_job(services)
    shown = failed(operator)[job_id]
    assert (shown["kind"], shown["queue"], shown["error"]) == ("run_retention", "bulk", ERROR.split("\n")[1])
    dead, waiting = services.get(JobQueue).dead()["bulk"], services.get(JobQueue).waiting()["bulk"]
    assert f'jobs_dead{{queue="bulk"}} {dead}.0' in operator.http.get("/metrics").text
    assert operator.post(f"/admin/jobs/{job_id}/retry").status_code == 202
    assert job_id not in failed(operator)
    assert services.get(JobQueue).waiting()["bulk"] == waiting + 1
    assert services.get(JobQueue).dead()["bulk"] == dead - 1
    again = operator.post(f"/admin/jobs/{job_id}/retry")
    assert (again.status_code, again.get_json()["code"]) == (404, "job_not_found")


def test_the_newest_come_first(operator: Account, services: svcs.Container) -> None:
    ids = [fail_a_job(services) for _ in range(3)]
    listed = [job_id for job_id in failed(operator) if job_id in ids]
    assert listed == ids[::-1]


@pytest.mark.security
def test_what_an_error_said_is_kept_nowhere(
    operator: Account, services: svcs.Container, settings: Settings, valkey: Redis
) -> None:
    at_once = replace(SEND_MAIL, retry_after_seconds=())
    services.get(JobQueue).enqueue(at_once, "one", about="confirm_address", user_id=ADDRESS)
    done = run("worker", "run", "--burst", env=environment_of(settings))
    assert done.returncode == 0
    job_id = next(job_id for job_id, job in failed(operator).items() if job["kind"] == "send_account_mail")
    shown = failed(operator)[job_id]
    assert shown["error"].rpartition(".")[2] in {"InvalidId", "ValueError"}
    assert shown["attempts"] == 1
    stored = [entry for _, entry in valkey.xrange(f"rq:results:{job_id}")]
    assert stored
    assert ADDRESS not in done.stderr + str(stored) + operator.get("/admin/jobs/failed").text
