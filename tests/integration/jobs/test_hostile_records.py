"""What somebody who writes to Valkey leaves for operators: their page reads it as JSON, and runs nothing of it."""

from __future__ import annotations

import pickle
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import svcs
from rq.job import Job
from rq_dashboard import web
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from backend.config import Settings
from backend.infra.jobs import queue_key
from backend.infra.valkey import Valkey
from backend.jobs.dashboard import JobsDashboard
from tests.dead_letters import fail_a_job

pytestmark = pytest.mark.security

Ask = Callable[[str, str], Response]
REGISTRIES = {"queued": "queue", "failed": "failed", "started": "wip", "finished": "finished"}
REGISTRIES |= {"deferred": "deferred", "scheduled": "scheduled", "canceled": "canceled"}
VIEWS = (
    "0/view/job/{job}",
    "0/data/job/{job}.json",
    "0/data/workers.json",
    "",
    "0/view/workers",
)
VIEWS += ("0/view/jobs", "0/data/queues.json")
ACTIONS = ("job/{job}/delete", "job/{job}/requeue", "requeue/{queue}", "queue/{queue}/compact")
OF_LISTS = ("0/view/jobs/{queue}/{registry}/8/asc/1", "0/data/jobs/{queue}/{registry}/50/dsc/1.json")
EVERYWHERE = [
    *(("GET", path, "failed") for path in VIEWS),
    *(("POST", path, "failed") for path in ACTIONS),
    *(("GET", path, registry) for path in OF_LISTS for registry in REGISTRIES),
    *(("POST", "queue/{queue}/{registry}/empty", registry) for registry in REGISTRIES),
]


class Bomb:
    """Leaves a file behind where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.mark,)


def member(job_id: str, registry: str) -> str:
    """How a registry names a job: those that run, by their attempt as well."""
    return f"{job_id}:attempt" if registry == "started" else job_id


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "executed"


@pytest.fixture
def queue_name(settings: Settings) -> str:
    return queue_key(settings.redis_prefix, "bulk")


@pytest.fixture
def ask(services: svcs.Container) -> Ask:
    dashboard = services.get(JobsDashboard)

    def ask(method: str, path: str) -> Response:
        environ = EnvironBuilder(path=f"/admin/jobs/{path}", method=method).get_environ()
        return dashboard.answer(environ, "/admin/jobs")

    return ask


@pytest.fixture(params=["meta", "data", "result", "everything"])
def planted(
    request: pytest.FixtureRequest, valkey: Valkey, queue_name: str, mark: Path
) -> Iterator[Callable[[str], str]]:
    """Puts a job with a bomb where a registry keeps its jobs; its id."""
    bomb = pickle.dumps(Bomb(mark))
    planted: list[tuple[str, str, str]] = []
    record: dict[str, str | bytes] = {
        "created_at": "2026-11-23T12:00:00.000000Z",
        "data": b'["worker.jobs.retention.run_retention", null, [], {}]',
        "origin": queue_name,
        "description": "x",
        "status": "failed",
    }
    if request.param in {"meta", "data", "result"}:
        record[request.param] = bomb
    else:
        record |= dict.fromkeys(("meta", "data", "result", "exc_info", "webhooks"), bomb)
        record |= {"created_at": "never", "dependency_ids": b"["}

    def plant(registry: str) -> str:
        job_id = f"bomb-{secrets.token_hex(6)}"
        valkey.hset(Job.key_for(job_id), mapping=record)
        valkey.xadd(f"rq:results:{job_id}", {"type": 1, "return_value": b64encode(bomb)})
        key = f"rq:{REGISTRIES[registry]}:{queue_name}"
        planted.append((job_id, registry, key))
        if registry == "queued":
            valkey.lpush(key, job_id)
        else:
            valkey.zadd(key, {member(job_id, registry): 4e9})
        return job_id

    yield plant
    for job_id, registry, key in planted:
        valkey.delete(Job.key_for(job_id), f"rq:results:{job_id}")
        valkey.lrem(f"rq:queue:{queue_name}", 0, job_id)
        if registry != "queued":
            valkey.zrem(key, member(job_id, registry))


@pytest.fixture
def busy_worker(valkey: Valkey, queue_name: str) -> Iterator[Callable[[str], None]]:
    """Lets a worker of ours say that it does a job."""
    name = f"w-{secrets.token_hex(4)}"
    keys = (f"rq:worker:{name}", f"rq:workers:{queue_name}")

    def does(job_id: str) -> None:
        birth = "2026-11-23T12:00:00.000000Z"
        valkey.hset(keys[0], mapping={"birth": birth, "queues": queue_name, "current_job": job_id})
        valkey.sadd("rq:workers", keys[0])

    yield does
    valkey.srem("rq:workers", keys[0])
    valkey.delete(*keys)


def test_the_bomb_is_one(mark: Path) -> None:
    pickle.loads(pickle.dumps(Bomb(mark)))  # noqa: S301  # that it does is the point
    assert mark.exists()


@pytest.mark.parametrize(("method", "path", "listed_in"), EVERYWHERE)
def test_nothing_is_executed_and_the_page_stands(  # noqa: PLR0917  # pytest gives them by name
    ask: Ask,
    planted: Callable[[str], str],
    busy_worker: Callable[[str], None],
    queue_name: str,
    mark: Path,
    method: str,
    path: str,
    listed_in: str,
) -> None:
    job_id = planted(listed_in)
    busy_worker(job_id)
    answer = ask(method, path.format(job=job_id, queue=queue_name, registry=listed_in))
    assert not mark.exists()
    about_the_job = "{job}" in path or path.startswith(("requeue/", "queue/"))
    assert answer.status_code in ({200, 409, 422} if about_the_job else {200})
    assert b"Traceback" not in answer.data


def test_a_list_shows_the_others_beside_it(
    ask: Ask, planted: Callable[[str], str], services: svcs.Container, queue_name: str
) -> None:
    expected = {planted("failed"), fail_a_job(services)}
    listed = ask("GET", f"0/data/jobs/{queue_name}/failed/500/dsc/1.json").get_json()
    assert expected <= {job["id"] for job in listed["jobs"]}


class TestWhatIsNotOurs:
    """Another installation's prefix may begin like ours."""

    @pytest.fixture
    def foreign(self, valkey: Valkey, settings: Settings) -> Iterator[tuple[str, str]]:
        queue = queue_key(f"{settings.redis_prefix}x:", "bulk")
        job_id = f"{settings.redis_prefix.replace(':', '-')}x-run_retention-{secrets.token_hex(4)}"
        record = {"created_at": "2026-11-23T12:00:00.000000Z", "data": "[]", "origin": queue}
        valkey.hset(Job.key_for(job_id), mapping={**record, "status": "failed"})
        valkey.sadd("rq:queues", f"rq:queue:{queue}")
        yield queue, job_id
        valkey.srem("rq:queues", f"rq:queue:{queue}")
        valkey.delete(Job.key_for(job_id))

    @pytest.mark.parametrize("path", ["", "0/view/workers", "0/view/jobs", "0/data/queues.json"])
    def test_it_is_named_nowhere(self, ask: Ask, foreign: tuple[str, str], path: str) -> None:
        answer = ask("GET", path)
        assert answer.status_code == 200
        assert foreign[0].encode() not in answer.data

    def test_it_is_neither_shown_nor_changed(
        self, ask: Ask, foreign: tuple[str, str], valkey: Valkey
    ) -> None:
        queue, job_id = foreign
        asked = [("GET", f"0/view/job/{job_id}"), ("GET", f"0/data/job/{job_id}.json")]
        asked += [("POST", f"job/{job_id}/delete"), ("POST", f"job/{job_id}/requeue")]
        asked += [("POST", f"requeue/{queue}"), ("POST", f"queue/{queue}/failed/empty")]
        asked += [("GET", f"0/data/jobs/{queue}/failed/8/asc/1.json"), ("GET", f"0/view/job/{job_id}:x")]
        assert [ask(*one).status_code for one in asked] == [404] * len(asked)
        assert valkey.exists(Job.key_for(job_id))


def test_rq_dashboard_has_none_of_rqs_own_classes_that_read() -> None:
    """A new version of it may bring others along."""
    reading = {name for name, one in vars(web).items() if getattr(one, "__module__", "").startswith("rq.")}
    assert reading <= {"BaseRegistry", "NoSuchJobError", "get_call_string", "DefaultSerializer"}
