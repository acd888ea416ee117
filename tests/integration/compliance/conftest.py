"""Services on the real databases with a clock that the test moves, and real worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import svcs
from bson import ObjectId
from rq import Queue

from backend.auth.accounts import AccountService
from backend.catalog.service import CatalogService
from backend.compliance.exports.building import ExportBuilder
from backend.compliance.exports.service import ExportService
from backend.compliance.register import REGISTER
from backend.compliance.retention.figures import RetentionFigures
from backend.compliance.retention.service import RetentionService
from backend.config import Settings
from backend.infra.jobs import QUEUES, SERIALIZER, JobQueue, queue_key
from backend.infra.storage import Storage
from backend.infra.valkey import Valkey
from backend.users.service import UserService
from tests.commands import run
from tests.environment import environment_of
from tests.set_clock import SetClock

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def empty_queues(services: svcs.Container, settings: Settings) -> None:
    """What other tests asked for is not built here."""
    for name in QUEUES:
        Queue(
            queue_key(settings.redis_prefix, name), connection=services.get(Valkey), serializer=SERIALIZER
        ).empty()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def exports(services: svcs.Container, settings: Settings, clock: SetClock) -> ExportService:
    return ExportService(
        accounts=services.get(AccountService),
        storage=services.get(Storage),
        jobs=services.get(JobQueue),
        clock=clock,
        settings=settings,
    )


@pytest.fixture
def build(services: svcs.Container, settings: Settings, clock: SetClock) -> Callable[[ObjectId], None]:
    """Build an export here and now."""
    builder = ExportBuilder(
        users=services.get(UserService),
        catalog=services.get(CatalogService),
        storage=services.get(Storage),
        clock=clock,
        settings=settings,
    )
    return lambda export_id: builder.build(services, export_id)


@pytest.fixture
def retention(services: svcs.Container, settings: Settings, clock: SetClock) -> RetentionService:
    """With a clock that the test moves, and therefore without what other tests own, or the app adds to by itself."""
    return RetentionService(
        figures=services.get(RetentionFigures),
        clock=clock,
        settings=settings,
        register=tuple(
            holding for holding in REGISTER if holding.place.name not in {"users", "audit_entries"}
        ),
    )


@pytest.fixture
def worker_environment(settings: Settings, services: svcs.Container) -> Iterator[dict[str, str]]:
    """What a worker of the installation under test is started with; what a killed one leaves half-written goes."""
    yield environment_of(settings)
    services.get(Storage).delete_unfinished("exports", datetime.now(UTC))


@pytest.fixture
def work(worker_environment: dict[str, str]) -> Callable[[], str]:
    """Run a real worker until the queues are empty; returns its log."""

    def work() -> str:
        done = run("worker", "run", "--burst", env=worker_environment)
        assert done.returncode == 0, done.stderr
        return done.stderr

    return work
