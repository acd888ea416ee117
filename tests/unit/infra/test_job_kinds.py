"""Every kind of job says how long it may take, how often it is tried, and how long it is known."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from backend.infra import jobs
from backend.infra.jobs import QUEUES, JobKind
from worker.cron import RECURRING

KINDS = [value for value in vars(jobs).values() if isinstance(value, JobKind)]
DAY = 24 * 3600


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
class TestKinds:
    def test_it_ends(self, kind: JobKind) -> None:
        assert 0 < kind.timeout_seconds <= 12 * 3600

    def test_it_is_tried_again_later_and_later(self, kind: JobKind) -> None:
        waits = list(kind.retry_after_seconds)
        assert waits == sorted(waits)
        assert waits
        assert kind.retry is not None
        assert kind.retry.max == len(waits)

    def test_it_is_forgotten(self, kind: JobKind) -> None:
        assert 0 < kind.result_ttl_seconds <= 7 * DAY
        assert DAY <= kind.failure_ttl_seconds <= 30 * DAY

    def test_its_queue_is_worked_off(self, kind: JobKind) -> None:
        assert kind.queue in QUEUES

    def test_its_function_takes_plain_values_only(self, kind: JobKind) -> None:
        module, _, name = kind.path.rpartition(".")
        parameters = inspect.signature(getattr(import_module(module), name)).parameters.values()
        assert {parameter.annotation for parameter in parameters} <= {"str", "int", "bool"}


def test_no_two_kinds_share_a_name() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("row", RECURRING, ids=lambda row: row.name)
def test_what_recurs_is_called_with_its_period_and_says_when_it_is_done(row: object) -> None:
    module, _, name = row.kind.path.rpartition(".")
    function = getattr(import_module(module), name)
    assert list(inspect.signature(function).parameters) == ["period"]
    assert "with turn_of(" in inspect.getsource(function)
