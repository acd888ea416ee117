"""A WebSocket client that costs as little as possible, so that a thousand of them leave the machine to the server.

It speaks only what the benchmark needs: text frames below 64 KiB, no fragments. Its masking key is zero, which RFC 6455
allows and which saves masking.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_ZERO_MASK = b"\x00\x00\x00\x00"
_SHORT, _LONG = 126, 127


class SocketClient(asyncio.Protocol):
    """One live socket. Calls `on_text` with the bytes of each text frame, `on_close` with the close code."""

    def __init__(self, host: str, on_text: Callable[[bytes], None], on_close: Callable[[int], None]) -> None:
        self._host = host
        self._on_text = on_text
        self._on_close = on_close
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.close_code, self.close_reason = 1006, ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /api/v1/live HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened.done():
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            self._buffer = rest
            status = head.split(b"\r\n", 1)[0]
            if b" 101 " not in status:
                self.opened.set_exception(ConnectionError(status.decode()))
                return
            self.opened.set_result(None)
        self._take_frames()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("closed before it was open"))
        self._on_close(self.close_code)

    def send(self, text: bytes) -> None:
        """Send one text frame."""
        self._send(_TEXT, text)

    def abort(self) -> None:
        """Hang up without a word."""
        if self._transport is not None:
            self._transport.abort()

    def _send(self, opcode: int, payload: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        size = len(payload)
        head = (
            bytes((0x80 | opcode, 0x80 | size))
            if size < _SHORT
            else bytes((0x80 | opcode, 0x80 | _SHORT)) + size.to_bytes(2, "big")
        )
        self._transport.write(head + _ZERO_MASK + payload)

    def _take_frames(self) -> None:
        buffer, at, end = self._buffer, 0, len(self._buffer)
        while end - at >= 2:
            opcode, size, start = buffer[at] & 0x0F, buffer[at + 1] & 0x7F, at + 2
            if size == _SHORT:
                size, start = int.from_bytes(buffer[start : start + 2], "big"), start + 2
            elif size == _LONG:
                size, start = int.from_bytes(buffer[start : start + 8], "big"), start + 8
            if end < start + size:
                break
            self._handle(opcode, buffer[start : start + size])
            at = start + size
        self._buffer = buffer[at:]

    def _handle(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT:
            self._on_text(payload)
        elif opcode == _PING:
            self._send(_PONG, payload)
        elif opcode == _CLOSE:
            self.close_code, self.close_reason = int.from_bytes(payload[:2], "big"), payload[2:].decode()
            if self._transport is not None:
                self._transport.close()
