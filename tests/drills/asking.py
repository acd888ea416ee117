"""A plain HTTP client beside the sockets, which repeats nothing: what fails for it, failed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import cycle

import httpx

from tests.performance.scene import Seat

_PER_SECOND = 10
_PATIENCE_SECONDS = 10.0
_READS = ("/sessions/{session}", "/sessions/{session}/deck", "/users/me")


class Asking:
    """Reads something ten times a second, each time as somebody else, whether or not earlier answers have come.

    Attributes:
        asked: how many requests.
        failed: by status, or by the error's class.
    """

    def __init__(self, base_url: str, seats: Sequence[Seat]) -> None:
        self.asked = 0
        self.failed: Counter[str] = Counter()
        self._base_url = base_url
        self._seats = seats

    async def go_on(self) -> None:
        """Ask until cancelled, then wait for the answers that are due."""
        async with (
            httpx.AsyncClient(base_url=f"{self._base_url}/api/v1", timeout=_PATIENCE_SECONDS) as http,
            asyncio.TaskGroup() as asking,
        ):
            try:
                for seat, path in zip(cycle(self._seats), cycle(_READS), strict=False):
                    asking.create_task(self._ask(http, seat, path))
                    await asyncio.sleep(1 / _PER_SECOND)
            except asyncio.CancelledError:
                return

    async def _ask(self, http: httpx.AsyncClient, seat: Seat, path: str) -> None:
        self.asked += 1
        try:
            answer = await http.get(
                path.format(session=seat.session_id), headers={"Authorization": f"Bearer {seat.token}"}
            )
        except httpx.TransportError as error:
            self.failed[type(error).__name__] += 1
            return
        if not answer.is_success:
            self.failed[str(answer.status_code)] += 1
