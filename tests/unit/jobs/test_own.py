"""The list of jobs that a worker may run is whole: nobody adds a job that is refused then."""

from __future__ import annotations

import inspect
from importlib import import_module
from pkgutil import iter_modules

import worker.jobs
from backend.infra import jobs
from backend.infra.jobs import JOB_KINDS, JobKind
from worker.cron import RECURRING


def test_it_has_every_kind_that_there_is() -> None:
    kinds = {one for one in vars(jobs).values() if isinstance(one, JobKind)}
    assert set(JOB_KINDS) == kinds
    assert {row.kind for row in RECURRING} <= kinds


def test_each_names_a_function_of_its_own() -> None:
    paths = {kind.path for kind in JOB_KINDS}
    assert len(paths) == len(JOB_KINDS)
    found = set()
    for module in iter_modules(worker.jobs.__path__, "worker.jobs."):
        if module.name != "worker.jobs.context":
            loaded = import_module(module.name)
            functions = inspect.getmembers(loaded, inspect.isfunction)
            found |= {
                f"{module.name}.{name}"
                for name, one in functions
                if one.__module__ == module.name and not name.startswith("_")
            }
    assert found == paths
