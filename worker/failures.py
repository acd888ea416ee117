"""What is kept of a failed job: where in the program it failed, never what was said (`backend.infra.tracebacks`)."""

from __future__ import annotations

from backend.infra import tracebacks
from backend.jobs.own import RefusedJob


def without_words(error: BaseException) -> str:
    """The traceback of `error` without messages; but for those of a refused job, whose words are about nobody."""
    return tracebacks.without_words(error, harmless=(RefusedJob,))
