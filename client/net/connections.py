"""What requests travel over. Loads httpx: see `client.net.late_connections`."""

from __future__ import annotations

from typing import Any, Final

import httpx

UNUSABLE: Final = (ImportError, OSError, ValueError, httpx.InvalidURL)
"""What making connections raises where a setting of the system cannot be used: a kind of proxy, a file."""

# Shorter than servers keep idle connections, so that no request meets one that is just being closed.
_IDLE_SECONDS = 1.0
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Connections(httpx.Client):
    """Can be closed more than once: what was just being connected the first time would stay open."""

    LOST: Final = httpx.RequestError
    """What is raised where no answer came, or not all of it."""

    def __init__(self, base_url: str, headers: dict[str, str], timeout: float, connect: float) -> None:
        # A proxy for the world outside cannot reach a server on this machine.
        mounts: dict[str, Any] = {f"all://{host}": None for host in _LOOPBACK}
        super().__init__(
            base_url=base_url,
            headers=headers,
            timeout=httpx.Timeout(timeout, connect=connect),
            limits=httpx.Limits(keepalive_expiry=_IDLE_SECONDS),
            mounts=mounts,
        )

    def close_again(self) -> None:
        """Close what has come to stand since."""
        for transport in (self._transport, *self._mounts.values()):
            if transport is not None:
                transport.close()
