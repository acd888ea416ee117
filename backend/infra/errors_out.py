"""Error reports to Sentry, where a DSN is set."""

from __future__ import annotations

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration

from backend.config import Settings


def init(settings: Settings, process: str) -> None:
    """Report unexpected errors of this process; without a DSN, do nothing. Bodies and addresses are never sent."""
    dsn = settings.sentry_dsn.get_secret_value()
    if dsn:
        sentry_sdk.init(
            dsn=dsn,
            environment=settings.app_env,
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
            traces_sample_rate=0.2,
            # Unexpected errors are reported where they are caught, with their traceback; log lines are not.
            integrations=[LoggingIntegration(event_level=None)],
        )
        sentry_sdk.set_tag("process", process)


def report(error: BaseException) -> None:
    """Report an error that nobody expected; nothing happens where `init` found no DSN."""
    sentry_sdk.capture_exception(error)
