"""Error reports to Sentry, where a DSN is set."""

from __future__ import annotations

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint

from backend.config import Settings


def init(settings: Settings, process: str) -> None:
    """Report unexpected errors of this process; without a DSN, do nothing.

    Bodies, addresses and query strings are never sent: the links of mails carry their tokens in the query.
    """
    dsn = settings.sentry_dsn.get_secret_value()
    if dsn:
        sentry_sdk.init(
            dsn=dsn,
            environment=settings.app_env,
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
            before_send=_without_query,
            before_send_transaction=_without_query,
            traces_sample_rate=0.2,
            # Unexpected errors are reported where they are caught, with their traceback; log lines are not.
            integrations=[LoggingIntegration(event_level=None)],
        )
        sentry_sdk.set_tag("process", process)


def report(error: BaseException) -> None:
    """Report an error that nobody expected; nothing happens where `init` found no DSN."""
    sentry_sdk.capture_exception(error)


def _without_query(event: Event, _hint: Hint) -> Event:
    event.get("request", {}).pop("query_string", None)
    return event
