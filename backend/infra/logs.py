"""Structured logs: one JSON object a line, with the request id of whatever caused it. No personal data, no tokens.

Who it was about is a pseudonym: lines about one user can be told to belong together, and lead to nobody once that
user's id is gone (docs/product.md P2).
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TextIO

import structlog
from structlog.typing import Processor

from backend.config import Settings
from backend.infra.keys import Ledger, ledger_of

_STANDARD_ERROR = 2
# What code calls a user's id, and what the line calls the pseudonym in its place.
_PEOPLE = {"user_id": "user", "by_user_id": "by"}
_PSEUDONYM_DIGITS = 12


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
        _pseudonyms(ledger_of(settings)),
        structlog.processors.format_exc_info,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _StandardError(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    # These say at INFO what our own request line says already, or what nobody asks for.
    for noisy in ("werkzeug", "pymongo", "urllib3", "asyncio", "httpx"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes lines, also the one that a signal's handler logs while another line is being written.

    Python's buffered streams refuse to be entered twice by one thread; such a line goes past the buffer.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        if isinstance(sys.exc_info()[1], RuntimeError):
            os.write(_STANDARD_ERROR, (self.format(record) + self.terminator).encode())
        else:
            super().handleError(record)


def _origin(process: str) -> Processor:
    def add(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["process"] = process
        event["pid"] = os.getpid()
        return event

    return add


def pseudonym(ledger: Ledger, user_id: str) -> str:
    """Who a line of the log is about."""
    return ledger.digest("log", user_id.encode()).hex()[:_PSEUDONYM_DIGITS]


def _pseudonyms(ledger: Ledger) -> Processor:
    def replace(
        _logger: object, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        for name, shown_as in _PEOPLE.items():
            if name in event:
                event[shown_as] = pseudonym(ledger, str(event.pop(name)))
        return event

    return replace
