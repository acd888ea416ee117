"""Builds what shows operators the jobs. Only an API process needs it."""

from __future__ import annotations

import svcs

from backend.auth.service import AuthService
from backend.config import Settings
from backend.infra.valkey import Valkey
from backend.jobs.dashboard import JobsDashboard
from backend.jobs.entrance import JobsEntrance
from backend.jobs.failed import FailedJobs
from backend.users.service import UserService


def open_jobs(registry: svcs.Registry) -> None:
    """Add the services; those that they need are in the registry already."""
    with svcs.Container(registry) as known:
        settings, valkey, auth, users = known.get(Settings, Valkey, AuthService, UserService)
    prefix = settings.redis_prefix
    entrance = JobsEntrance(valkey=valkey, auth=auth, users=users, prefix=prefix)
    for service in (entrance, FailedJobs(valkey, prefix), JobsDashboard(valkey, prefix)):
        registry.register_value(type(service), service)
