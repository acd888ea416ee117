"""Error reports to Sentry, where a DSN is set.

Sentry's library is loaded only there: it takes a quarter of a second of each process, and few set a DSN.

What is sent is chosen, not filtered: of an error its class, where in the program it was, and which request, session and
pseudonym (`backend.infra.logs`) it belongs to; of times the names of routes, jobs and kinds of steps. What an error
said, bodies, headers, cookies, addresses, queries, local values: none of it is among that, whatever a later version of
the library may add.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog

from backend.config import Settings
from backend.infra.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

# What reports an error: nothing, until `begin` finds a DSN.
_REPORTING: set[Callable[[BaseException], object]] = set()

_ABOUT_THE_REPORT = (
    "event_id",
    "timestamp",
    "start_timestamp",
    "level",
    "logger",
    "platform",
    "release",
    "environment",
    "server_name",
    "sdk",
    "type",
    "transaction_info",
)
_OF_A_FRAME = (
    "filename",
    "abs_path",
    "function",
    "module",
    "lineno",
    "in_app",
    "pre_context",
    "context_line",
    "post_context",
)
_OF_A_SPAN = (
    "trace_id",
    "span_id",
    "parent_span_id",
    "op",
    "origin",
    "status",
    "start_timestamp",
    "timestamp",
    "same_process_as_parent",
)
_OF_A_MECHANISM = ("type", "handled", "exception_id", "parent_id", "is_exception_group")
_TAGS = ("request_id", "session_id", "job")
# Whose names are the program's own words; else a transaction may be called by an address.
_NAMED_BY_US = frozenset({"route", "component", "task", "custom"})
_UNREPORTED_ROUTES = ("health.", "metrics.")


def begin(settings: Settings, process: str) -> None:
    """Report unexpected errors of this process, and how long some of what it does takes; without a DSN, do nothing."""
    dsn = settings.sentry_dsn.get_secret_value()
    if dsn:
        import sentry_sdk
        from sentry_sdk.integrations.logging import LoggingIntegration

        scrub = _Scrubber(Pseudonyms.of_settings(settings), process)
        sentry_sdk.init(
            dsn=dsn,
            environment=settings.app_env,
            release=settings.release or None,
            max_request_body_size="never",
            max_breadcrumbs=0,
            include_local_variables=False,
            auto_session_tracking=False,
            trace_propagation_targets=[],  # what others are asked by us is not told which request that was for
            before_send=scrub.error,
            before_send_transaction=scrub.transaction,
            traces_sample_rate=settings.sentry_traces_sample_rate,
            # What is worth a report has a traceback, and is reported with it by `backend.infra.logs`.
            integrations=[LoggingIntegration(level=None, event_level=None)],
        )
        _REPORTING.add(sentry_sdk.capture_exception)


def send(error: BaseException) -> None:
    """Report an error that nobody expected; nothing happens where `begin` found no DSN."""
    for report in _REPORTING:
        report(error)


class _Scrubber:
    """Makes of a report one that holds only what may be known elsewhere."""

    def __init__(self, pseudonyms: Pseudonyms, process: str) -> None:
        self._pseudonyms = pseudonyms
        self._process = process

    def error(self, event: Event, _hint: Hint) -> Event | None:
        """A report of an error; None for what is none."""
        told = self._common(event)
        chain = event.get("exception", {}).get("values", [])
        if any(_is_end_of_answer(one) for one in chain):
            return None
        told["exception"] = {"values": [_error(one) for one in chain]}
        return told

    def transaction(self, event: Event, _hint: Hint) -> Event | None:
        """A report of how long something took; None for what machines ask every few seconds."""
        if event.get("transaction", "").startswith(_UNREPORTED_ROUTES):
            return None
        told = self._common(event)
        spans: Any = event.get("spans", [])
        told["spans"] = [_chosen(span, _OF_A_SPAN) for span in spans]
        return told

    def _common(self, event: Event) -> Event:
        context = structlog.contextvars.get_contextvars()
        told: Any = _chosen(event, _ABOUT_THE_REPORT)
        told["tags"] = {"process": self._process, **_chosen(context, _TAGS)}
        if "user_id" in context:
            told["user"] = {"id": self._pseudonyms.of(str(context["user_id"]))}
        contexts: Mapping[str, Any] = event.get("contexts", {})
        told["contexts"] = _chosen(contexts, ("runtime",))
        if "trace" in contexts:
            told["contexts"]["trace"] = _chosen(contexts["trace"], _OF_A_SPAN)
        if event.get("transaction_info", {}).get("source") in _NAMED_BY_US:
            told["transaction"] = event.get("transaction")
        scrubbed: Event = told
        return scrubbed


def _is_end_of_answer(one: Mapping[str, Any]) -> bool:
    """How flask-sock tells gunicorn that a connection is no longer HTTP."""
    return one.get("type") == "StopIteration" and (one.get("mechanism") or {}).get("type") == "wsgi"


def _error(one: Mapping[str, Any]) -> dict[str, Any]:
    """One of a chain of errors: its class, and where it was."""
    told = _chosen(one, ("type", "module", "thread_id"))
    told["mechanism"] = _chosen(one.get("mechanism") or {}, _OF_A_MECHANISM)
    frames = (one.get("stacktrace") or {}).get("frames", [])
    told["stacktrace"] = {"frames": [_chosen(frame, _OF_A_FRAME) for frame in frames]}
    return told


def _chosen(told: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: told[name] for name in names if name in told}
