"""What travels in the chaos, and on what: one operation, one connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.e2e.chaos_view import Frame
from tests.performance.socket_client import SocketClient

_CLOSE = 0x8
_NORMAL_CLOSURE = (1000).to_bytes(2, "big")


@dataclass
class Operation:
    """One operation and what the server said to it.

    Attributes:
        copies: how often it was given to the network while the storm lasted.
        reply: the first final one.
    """

    id: str
    name: str
    told: Frame
    answered: asyncio.Future[Frame] = field(repr=False)
    copies: int = 0
    reply: Frame | None = None

    @property
    def text(self) -> bytes:
        """The frame."""
        return json.dumps({"op": self.name, "id": self.id, "data": self.told}).encode()

    @property
    def accepted(self) -> bool:
        """Whether the server said that it was carried out."""
        return self.reply is not None and self.reply["ok"]

    @property
    def refusal(self) -> str:
        """The code of the error that the server answered with; empty where it has none."""
        return self.reply["error"]["code"] if self.reply and not self.reply["ok"] else ""


class Line(SocketClient):
    """One connection. After `cut` nothing that arrives on it counts any more."""

    def __init__(self, host: str, take: Callable[[Line, bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(host, lambda text: take(self, text), self._closed)
        self.welcomed: asyncio.Future[bool] = loop.create_future()
        self.lost: asyncio.Future[int] = loop.create_future()
        self.is_cut = False

    def cut(self, politely: bool) -> None:
        """Hang up, with a close frame or without."""
        self.is_cut = True
        if politely:
            self._send(_CLOSE, _NORMAL_CLOSURE)
        self.abort()

    def _closed(self, code: int) -> None:
        if not self.lost.done():
            self.lost.set_result(code)
        if not self.welcomed.done():
            self.welcomed.set_result(False)
