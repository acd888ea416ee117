"""Error reports to Sentry, where a DSN is set.

Sentry's library is loaded only there: it takes a quarter of a second of each process, and few set a DSN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backend.config import Settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

# What reports an error: nothing, until `begin` finds a DSN.
_REPORTING: set[Callable[[BaseException], object]] = set()


def begin(settings: Settings, process: str) -> None:
    """Report unexpected errors of this process; without a DSN, do nothing.

    Bodies and addresses are never sent, those of people and those of requests alike: the links of mails carry tokens,
    those of invitations let in. Which route it was is the transaction's name.
    """
    dsn = settings.sentry_dsn.get_secret_value()
    if dsn:
        import sentry_sdk  # noqa: PLC0415  # see above
        from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415  # see above

        sentry_sdk.init(
            dsn=dsn,
            environment=settings.app_env,
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
            before_send=_without_address,
            before_send_transaction=_without_address,
            traces_sample_rate=0.2,
            # Unexpected errors are reported where they are caught, with their traceback; log lines are not.
            integrations=[LoggingIntegration(event_level=None)],
        )
        sentry_sdk.set_tag("process", process)
        _REPORTING.add(sentry_sdk.capture_exception)


def send(error: BaseException) -> None:
    """Report an error that nobody expected; nothing happens where `begin` found no DSN."""
    for report in _REPORTING:
        report(error)


def _without_address(event: Event, _hint: Hint) -> Event:
    request = event.get("request", {})
    for part in ("url", "query_string"):
        request.pop(part, None)
    return event
