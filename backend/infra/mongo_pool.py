"""What the pool of connections to MongoDB is at, for /metrics."""

from __future__ import annotations

from pymongo.monitoring import (
    ConnectionCheckedInEvent,
    ConnectionCheckedOutEvent,
    ConnectionCheckOutFailedEvent,
    ConnectionCheckOutStartedEvent,
    ConnectionClosedEvent,
    ConnectionCreatedEvent,
    ConnectionPoolListener,
    ConnectionReadyEvent,
    PoolClearedEvent,
    PoolClosedEvent,
    PoolCreatedEvent,
    PoolReadyEvent,
)

from backend.infra.metrics import MONGO_CONNECTIONS, MONGO_IN_USE, MONGO_REFUSED, MONGO_WAIT


class PoolFigures(ConnectionPoolListener):
    """Counts connections that are open and in use, and how long was waited for one."""

    def connection_created(self, _event: ConnectionCreatedEvent) -> None:
        """One more is being opened."""
        MONGO_CONNECTIONS.inc()

    def connection_closed(self, _event: ConnectionClosedEvent) -> None:
        """One less is open."""
        MONGO_CONNECTIONS.dec()

    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        """Somebody has got one."""
        MONGO_IN_USE.inc()
        MONGO_WAIT.observe(event.duration or 0.0)

    def connection_checked_in(self, _event: ConnectionCheckedInEvent) -> None:
        """Somebody has given one back."""
        MONGO_IN_USE.dec()

    def connection_check_out_failed(self, event: ConnectionCheckOutFailedEvent) -> None:
        """Somebody got none: `timeout`, `poolClosed` or `connectionError`."""
        MONGO_REFUSED.labels(reason=event.reason).inc()

    def connection_check_out_started(self, event: ConnectionCheckOutStartedEvent) -> None:
        """Not counted."""

    def connection_ready(self, event: ConnectionReadyEvent) -> None:
        """Not counted."""

    def pool_created(self, event: PoolCreatedEvent) -> None:
        """Not counted."""

    def pool_ready(self, event: PoolReadyEvent) -> None:
        """Not counted."""

    def pool_cleared(self, event: PoolClearedEvent) -> None:
        """Not counted."""

    def pool_closed(self, event: PoolClosedEvent) -> None:
        """Not counted."""
