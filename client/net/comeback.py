"""Notices that this device is back, after a sleep or on another network, so that nobody waits for the next attempt."""

from __future__ import annotations

import socket
from collections.abc import Callable

from client.net.clock import Clock, SleepDetector, SystemClock

_FAR_AWAY = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses that nobody has (RFC 5737, RFC 3849): only the way there is looked up, and nothing is sent."""
_DISCARD_PORT = 9


def own_addresses() -> frozenset[str]:
    """The addresses that this device would send from to the world outside; none without a network."""
    found = set()
    for family, address in _FAR_AWAY:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((address, _DISCARD_PORT))
                found.add(str(probe.getsockname()[0]))
        except OSError:
            # No way out in this family.
            continue
    return frozenset(found)


class Comeback:
    """Ask it every second or two; costs no more than a look at the clock and at the table of routes."""

    def __init__(
        self, clock: Clock | None = None, addresses: Callable[[], frozenset[str]] = own_addresses
    ) -> None:
        self._sleep = SleepDetector(clock or SystemClock())
        self._look = addresses
        self._addresses = addresses()

    def noticed(self) -> bool:
        """Whether the device has slept, or come to a network or to another one, since this was last asked."""
        before, self._addresses = self._addresses, self._look()
        return self._sleep.has_slept() or bool(self._addresses - before)
