"""What a broken, foreign or hostile server could say, below and above the WebSocket layer. Random, given a seed."""

from __future__ import annotations

import copy
import json
import struct
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.client.net.examples import EVENTS, EXAMPLES, event, welcome

TEXT, BINARY, CLOSE, PING, PONG, MORE = 0x1, 0x2, 0x8, 0x9, 0xA, 0x0
_FINAL_CLOSE_CODES = {1000, 4400, 4401, 4403, 4409}
_ANYTHING: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    1e308,
    2**80,
    "",
    "x" * 300,
    [],
    {},
    [[[]]],
    {"a": {"b": None}},
)

Chunks = Iterator[bytes]
"""What goes over the line, piece by piece."""


def frame(
    opcode: int,
    payload: bytes,
    *,
    final: bool = True,
    reserved: int = 0,
    length: int | None = None,
    mask: bytes = b"",
) -> bytes:
    """One WebSocket frame (RFC 6455, section 5.2), right or wrong; `length` is what it says of its payload."""
    said = len(payload) if length is None else length
    head = bytes([(final << 7) | (reserved << 4) | opcode])
    masked = 0x80 if mask else 0
    if said < 126:
        head += bytes([masked | said])
    elif said < 2**16:
        head += struct.pack("!BH", masked | 126, said)
    else:
        head += struct.pack("!BQ", masked | 127, said)
    return head + mask + payload


def text(content: object) -> bytes:
    """A text message with JSON in it."""
    return frame(TEXT, json.dumps(content).encode())


def _rubbish(chance: Random) -> Chunks:
    yield chance.randbytes(chance.randrange(1, 2000))


def _text_that_is_no_json(chance: Random) -> Chunks:
    for content in (
        b"",
        b"{",
        b"nonsense",
        b"[" * 100_000,
        b"9" * 100_000,
        b'{"type":' * 50_000,
        b"\xff\xfe\x00",
    ):
        if chance.random() < 0.5:
            yield frame(TEXT, content)


def _wrong_types(chance: Random) -> Chunks:
    for _ in range(20):
        damaged = copy.deepcopy(
            chance.choice([*EVENTS, EXAMPLES["welcome"], EXAMPLES["batch"], *EXAMPLES["refusals"]])
        )
        spot: Any = damaged
        while True:
            key = chance.choice(list(spot) if isinstance(spot, dict) else range(len(spot)))
            if not (isinstance(spot[key], dict | list) and spot[key]) or chance.random() < 0.3:
                break
            spot = spot[key]
        spot[key] = chance.choice(_ANYTHING)
        yield text(damaged)


def _events_out_of_order(chance: Random) -> Chunks:
    for _ in range(20):
        yield text(event(chance.choice([-1, 0, 1, 2, 3, 5, 2**53, chance.randrange(40)])))


def _answers_to_nothing(chance: Random) -> Chunks:
    for number in range(50):
        error = {"code": "busy", "detail": "Later.", "retry_after": chance.choice([0, -5, 1e15, 2**52])}
        yield text({"re": f"{number:026d}", "ok": False, "error": error})
        yield text({"re": f"{number:026d}", "ok": True, "data": chance.choice(_ANYTHING)})


def _second_welcomes(chance: Random) -> Chunks:
    yield text(welcome(seq=chance.randrange(10), epoch="2"))
    yield text(EXAMPLES["welcome_to_inbox"])
    yield text(EXAMPLES["welcome_resumed"])


def _compressed(chance: Random) -> Chunks:
    yield frame(TEXT, chance.randbytes(50), reserved=chance.choice([1, 2, 4, 7]))


def _unknown_opcode(chance: Random) -> Chunks:
    yield frame(chance.choice([3, 4, 5, 6, 7, 0xB, 0xC, 0xF]), b"what is this")


def _wrong_control_frames(chance: Random) -> Chunks:
    yield chance.choice(
        [
            frame(PING, bytes(126)),
            frame(PING, b"in two", final=False),
            frame(PONG, bytes(100_000)),
            frame(CLOSE, b"\x03"),
            frame(CLOSE, struct.pack("!H", 0) + b"\xff\xfe"),
            frame(CLOSE, bytes(126)),
        ]
    )


def _pings_without_end(_chance: Random) -> Chunks:
    for _ in range(2000):
        yield frame(PING, b"are you there")


def _wrong_fragments(chance: Random) -> Chunks:
    yield chance.choice([frame(MORE, b"of what?"), frame(TEXT, b"{", final=False) + frame(TEXT, b"}")])


def _masked(chance: Random) -> Chunks:
    yield frame(TEXT, b'{"seq":1}', mask=chance.randbytes(4))


def _binary(chance: Random) -> Chunks:
    yield frame(BINARY, chance.randbytes(200))


def _huge_announced(chance: Random) -> Chunks:
    yield frame(TEXT, b"{", length=chance.choice([2**31, 2**62, 2**63 + 1]))


def _huge(_chance: Random) -> Chunks:
    yield frame(TEXT, b"", length=64 * 2**20)
    yield from (bytes(2**16) for _ in range(1024))


def _fragments_without_end(_chance: Random) -> Chunks:
    yield frame(TEXT, b"[", final=False)
    yield from (frame(MORE, b"1," * 2**14, final=False) for _ in range(1024))


def _says_goodbye(chance: Random) -> Chunks:
    code = chance.choice(
        [code for code in (1001, 1011, 1012, 4408, 4429, 4999) if code not in _FINAL_CLOSE_CODES]
    )
    reason = chance.choice(
        [b"", b"{}", b'{"retry_after": 0}', b'{"retry_after": "soon"}', b"\xff", b"[" * 100]
    )
    yield frame(CLOSE, struct.pack("!H", code) + reason) if code != 4429 else frame(CLOSE, b"")


SAID: tuple[Callable[[Random], Chunks], ...] = (
    _rubbish,
    _text_that_is_no_json,
    _wrong_types,
    _events_out_of_order,
    _answers_to_nothing,
    _second_welcomes,
    _compressed,
    _unknown_opcode,
    _wrong_control_frames,
    _pings_without_end,
    _wrong_fragments,
    _masked,
    _binary,
    _huge_announced,
    _huge,
    _fragments_without_end,
    _says_goodbye,
)
"""What is said on a connection that stands."""


def _http(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


def _no_http(chance: Random) -> Chunks:
    yield chance.randbytes(500) + b"\n"


def _wrong_upgrade(chance: Random) -> Chunks:
    upgrade = ("Upgrade: websocket", "Connection: Upgrade")
    yield chance.choice(
        [
            _http("101 Switching Protocols"),
            _http("101 Switching Protocols", *upgrade),
            _http("101 Switching Protocols", *upgrade, "Sec-WebSocket-Accept: bm8="),
            _http("101 Switching Protocols", *upgrade, "no header at all"),
            _http("200 OK", "Content-Length: 5") + b"hello",
            _http("302 Found", "Location: ws://127.0.0.1:9/"),
            _http("500 Oh", "Content-Length: -1"),
            _http("503 Later", "Retry-After: soon", "Content-Length: many"),
            b"HTTP/1.1\r\n\r\n",
            b"HTTP/1.1 10^1 What\r\n\r\n",
        ]
    )


def _headers_without_end(_chance: Random) -> Chunks:
    yield b"HTTP/1.1 101 Switching Protocols\r\n"
    yield from (f"X-{number}: {'x' * 1000}\r\n".encode() for number in range(20_000))


def _line_without_end(_chance: Random) -> Chunks:
    yield b"HTTP/1.1 101 "
    yield from (b"x" * 2**16 for _ in range(1024))


def _body_without_end(_chance: Random) -> Chunks:
    yield _http("502 Bad Gateway", f"Content-Length: {2**40}")
    yield from (bytes(2**16) for _ in range(1024))


INSTEAD_OF_AN_UPGRADE: tuple[Callable[[Random], Chunks], ...] = (
    _no_http,
    _wrong_upgrade,
    _headers_without_end,
    _line_without_end,
    _body_without_end,
)
"""What is said before the connection stands."""
