"""`python -m backend user` and `audit-verify` as operators type them, and the job that signs checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import svcs
from bson import ObjectId

from backend.audit.reading import Criteria
from backend.audit.trail import AuditTrail
from backend.config import Settings
from backend.infra.jobs import SEAL_AUDIT, JobQueue
from backend.infra.mongo import MongoDatabase
from tests import commands
from tests.conftest import Account
from tests.environment import environment_of
from tests.waiting import eventually

pytestmark = pytest.mark.compliance
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def run(settings: Settings) -> Run:
    """One more process of the installation under test."""

    def run(*command: str, **changed: str) -> CompletedProcess[str]:
        return commands.run(*command, env=environment_of(settings, LOG_LEVEL="WARNING", **changed))

    return run


def test_the_command_that_changes_a_user_is_recorded(
    run: Run, register: Callable[..., Account], services: svcs.Container
) -> None:
    ada = register("Ada")
    assert run("backend", "user", ada.id, "--tier", "pro", "--role", "operator").returncode == 0
    assert run("backend", "user", ada.id).returncode == 0
    found, _ = services.get(AuditTrail).search(Criteria(user_id=ObjectId(ada.id)), None, 10)
    told = {record.action: record for record in found}
    for action in ("users.tier_changed", "users.role_changed", "users.looked_at"):
        assert (told[action].who, told[action].channel) == (None, "command")
        assert told[action].about is not None


def test_verifying_says_that_all_is_well_and_fails_where_it_is_not(
    run: Run, settings: Settings, services: svcs.Container, tmp_path: Path
) -> None:
    """In a database of its own: what is broken here stays broken."""
    own = Settings(
        _env_file=None,
        **{**settings.model_dump(), "database_name": f"{settings.database_name}_v", "data_dir": tmp_path},
    )
    at = {"DATABASE_NAME": own.database_name, "DATA_DIR": str(tmp_path)}
    client = services.get(MongoDatabase).client
    try:
        for _ in range(2):
            assert run("backend", "rotate-keys", **at).returncode == 0
        good = run("backend", "audit-verify", **at)
        assert (good.returncode, good.stdout) == (
            0,
            "2 entries (1 to 2), 0 checkpoints: all as it was written.\n",
        )
        client[own.database_name].audit_entries.delete_one({"seq": 1})
        bad = run("backend", "audit-verify", **at)
        assert (bad.returncode, bad.stdout.splitlines()[0]) == (1, "Entry 1 is missing at the front.")
    finally:
        client.drop_database(own.database_name)


def test_the_job_signs_where_the_log_stands(
    run: Run, register: Callable[..., Account], services: svcs.Container
) -> None:
    register("Ada")
    trail, jobs = services.get(AuditTrail), services.get(JobQueue)
    eventually(lambda: trail.waiting() == 0)
    before = trail.verify().checkpoints
    jobs.enqueue(SEAL_AUDIT, "2026-11-23T12-00Z", period="2026-11-23T12:00Z")
    worked = run("worker", "run", "--burst")
    assert worked.returncode == 0, worked.stderr
    report = trail.verify()
    assert (report.findings, report.checkpoints) == ([], before + 1)
