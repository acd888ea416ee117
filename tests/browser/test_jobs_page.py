"""An operator looks at the jobs with a real browser, and tries a failed one again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import svcs
from bson import ObjectId
from rq.job import Job
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By

from backend.config import Settings
from backend.infra.jobs import SERIALIZER, queue_key
from backend.infra.valkey import Valkey
from backend.roles import Role
from backend.users.accounts import Accounts
from tests.browser.visitor import Visitor
from tests.commands import Command
from tests.conftest import Account
from tests.dead_letters import fail_a_job
from tests.environment import environment_of
from tests.waiting import eventually

pytestmark = pytest.mark.browser

Register = Callable[..., Account]


@pytest.fixture
def inside(visitor: Visitor, register: Register, services: svcs.Container) -> Visitor:
    """An operator whose browser followed the link."""
    olga = register("Olga")
    services.get(Accounts).set_role(ObjectId(olga.id), Role.OPERATOR)
    visitor.follow(olga.post("/admin/jobs/entrance").get_json()["url"])
    eventually(lambda: visitor.chromium.title == "RQ dashboard")
    return visitor


@pytest.fixture
def idle_worker(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """A worker that has done what there was to do."""
    log = tmp_path / "log"
    log.touch()
    with Command("worker", "run", env=environment_of(settings), errors=log) as worker:
        eventually(lambda: b"Listening on" in log.read_bytes(), seconds=30)
        yield
        worker.stop()


def texts(visitor: Visitor, selector: str) -> list[str]:
    """What the elements say; nothing while the page is just drawing them anew."""
    try:
        return [found.text for found in visitor.chromium.find_elements(By.CSS_SELECTOR, selector)]
    except StaleElementReferenceException:
        return []


def test_the_queues_are_shown(inside: Visitor, settings: Settings) -> None:
    names = [queue_key(settings.redis_prefix, name) for name in ("default", "bulk")]
    eventually(lambda: [row.split()[0] for row in texts(inside, "#queues tbody tr")] == names)


def test_a_failed_job_is_looked_at_and_tried_again(
    inside: Visitor, services: svcs.Container, settings: Settings, valkey: Valkey
) -> None:
    job_id, queue = fail_a_job(services), queue_key(settings.redis_prefix, "bulk")
    inside.open(f"/admin/jobs/0/view/jobs/{queue}/failed/8/dsc/1")
    row = f"tr[data-job-id='{job_id}']"
    eventually(lambda: texts(inside, row))
    assert "pymongo.errors.AutoReconnect" in inside.read(row)
    inside.find(f"{row} [data-role='requeue-job-btn']").click()
    job = Job.fetch(job_id, valkey, serializer=SERIALIZER)
    eventually(lambda: job.get_status() == "queued")


@pytest.mark.usefixtures("idle_worker")
def test_the_workers_are_shown(inside: Visitor) -> None:
    inside.open("/admin/jobs/0/view/workers")
    eventually(lambda: any("idle" in row for row in texts(inside, "#workers tbody tr")), seconds=30)
