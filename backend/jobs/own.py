"""A job's record in Valkey that can bring nothing but one of our jobs to be run.

RQ imports whatever function a job's record names, and calls it; also the functions that a record names for what comes
after, and it sends word to any address that a record gives. Who can write to Valkey could so run anything that can be
imported. Here a record may name a function of `JOB_KINDS`, which alone is imported, and nothing that comes after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from rq.exceptions import DeserializationError
from rq.job import Job

from backend.infra.jobs import JOB_KINDS

_PATHS: Final = tuple(kind.path for kind in JOB_KINDS)


class RefusedJob(Exception):
    """A record names no job of ours. Its words are always the same, so they may be kept and shown."""

    def __init__(self) -> None:
        super().__init__(
            "This names no job of DinDin. Nothing of it was imported or run; who wrote it to Valkey?"
        )


class OwnJob(Job):
    """A job whose function is one of `JOB_KINDS`; any other is refused, and not tried again."""

    @property
    def func(self) -> Callable[..., Any]:
        """The function, imported now.

        Raises:
            RefusedJob: it is none of ours.
        """
        if not self._is_one_of_ours():
            raise RefusedJob
        function: Callable[..., Any] = super().func
        return function

    @property
    def should_retry(self) -> bool:
        """Whether it is tried again after a failure."""
        return super().should_retry and self._is_one_of_ours()

    def restore(self, raw_data: dict[bytes, bytes]) -> None:
        """Take over a record from Valkey, without what it says is to come afterwards: our jobs say nothing of it."""
        super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []

    def _is_one_of_ours(self) -> bool:
        try:
            return self.instance is None and self.func_name in _PATHS
        except DeserializationError:
            return False
