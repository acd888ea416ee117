"""Structured logs: one line for each thing that happened, with the request that caused it. No personal data, no tokens.

What belongs together says so in each line, wherever it runs: `request_id` from the HTTP request or the live socket to
the job that it asked for, `session_id` where it is about a session, and `user`, a pseudonym: lines about one user can
be told to belong together, and lead to nobody once that user's id is gone (docs/product.md P2).
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor

from backend.config import Settings
from backend.infra import error_reports
from backend.infra.pseudonyms import AN_ID, Pseudonyms
from backend.infra.tracebacks import without_words

_STANDARD_ERROR = 2
# What code calls a user's id, and what the line calls the pseudonym in its place.
_PEOPLE = {"user_id": "user", "by_user_id": "by"}
# Whose lines follow LOG_LEVEL. Others say below WARNING what ours say already, or what must not be said: queries,
# headers, addresses.
_OURS = ("backend", "worker", "deploy", "__main__", "rq")


def configure(settings: Settings, process: str) -> None:
    """Send structlog and the standard library's logging to standard error in one form.

    Args:
        process: short name of this kind of process (`api`, `worker`, `cron`), part of every line.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _origin(process),
        _nobody_by_id(Pseudonyms.of_settings(settings)),
        _report,
        structlog.processors.format_exc_info if settings.app_env == "development" else _place_of_error,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = list(_handlers(settings, shared))
    root.setLevel(max(logging.WARNING, logging.getLevelName(settings.log_level)))
    for name, level in {**dict.fromkeys(_OURS, settings.log_level), **settings.log_levels}.items():
        logging.getLogger(name).setLevel(level)


def _handlers(settings: Settings, shared: list[Processor]) -> Iterable[logging.Handler]:
    json = structlog.processors.JSONRenderer()
    readable = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty() and "NO_COLOR" not in os.environ)
    standard_error = _StandardError(sys.stderr)
    standard_error.setFormatter(_formatter(readable if _is_read_by_people(settings) else json, shared))
    yield standard_error
    if settings.log_error_file is not None:
        errors = _ErrorFile(settings.log_error_file, encoding="utf-8")
        errors.setLevel(logging.ERROR)
        errors.setFormatter(_formatter(json, shared))
        yield errors


def _is_read_by_people(settings: Settings) -> bool:
    if settings.log_format == "auto":
        return settings.app_env != "production" and sys.stderr.isatty()
    return settings.log_format == "console"


def _formatter(renderer: Processor, shared: list[Processor]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes lines, also the one that a signal's handler logs while another line is being written.

    Python's buffered streams refuse to be entered twice by one thread; such a line goes past the buffer.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        if isinstance(sys.exc_info()[1], RuntimeError):
            os.write(_STANDARD_ERROR, (self.format(record) + self.terminator).encode())
        else:
            super().handleError(record)


class _ErrorFile(WatchedFileHandler):
    """A file of several processes: each line is appended whole, and a file that was moved away is begun anew."""

    def __init__(self, path: Path, encoding: str) -> None:
        super().__init__(path, encoding=encoding)

    def _open(self) -> TextIOWrapper:
        opened = super()._open()
        Path(self.baseFilename).chmod(0o600)
        return opened


def _origin(process: str) -> Processor:
    def add(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["process"] = process
        event["pid"] = os.getpid()
        return event

    return add


def _nobody_by_id(pseudonyms: Pseudonyms) -> Processor:
    """Put pseudonyms in place of users' ids; also of any id within a job's, or in what RQ says of jobs."""

    def without_ids(text: str) -> str:
        return AN_ID.sub(lambda found: pseudonyms.of(found[0]), text)

    def replace(_logger: object, _method: str, event: EventDict) -> EventDict:
        for name, shown_as in _PEOPLE.items():
            if name in event:
                event[shown_as] = pseudonyms.of(str(event.pop(name)))
        if "job_id" in event:
            event["job_id"] = without_ids(str(event["job_id"]))
        if not event.get("_from_structlog", True):
            event["event"] = without_ids(str(event["event"]))
        return event

    return replace


def _report(_logger: object, method: str, event: EventDict) -> EventDict:
    """Errors that somebody logged because nothing else could be done with them are reported."""
    if method in {"error", "exception", "critical"} and (error := _error_of(event)) is not None:
        error_reports.send(error)
    return event


def _place_of_error(_logger: object, _method: str, event: EventDict) -> EventDict:
    error = _error_of(event)
    event.pop("exc_info", None)
    if error is not None:
        event["exception"] = without_words(error)
    return event


def _error_of(event: EventDict) -> BaseException | None:
    """The error that a line is about, in whichever form `exc_info` names it."""
    told = event.get("exc_info")
    if isinstance(told, BaseException):
        return told
    if isinstance(told, tuple):
        found = told[1]
        return found if isinstance(found, BaseException) else None
    return sys.exc_info()[1] if told else None
