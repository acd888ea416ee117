"""Every field of every body with what breaks programs: each gets a clear answer, and the server stands."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask_openapi3 import OpenAPI

from tests.security.http.attempts import WITH_BODY, Attempts
from tests.security.http.world import World

pytestmark = pytest.mark.security

# As JSON writes them; what a field may be at all, no field may be all of these.
VALUES = {
    "nothing": "null",
    "lone surrogate": '"\\ud800"',
    "zero byte": '"a\\u0000b"',
    "direction mark": '"a\\u202eb"',
    "very long": json.dumps("x" * 10_001),
    "very long in UTF-8": json.dumps("🍕" * 10_001),
    "huge number": "9" * 400,
    "huge exponent": "1e999",
    "tiny": "-1e308",
    "not a number": "NaN",
    "minus infinity": "-Infinity",
    "negative": "-1",
    "half": "0.5",
    "true": "true",
    "deep list": "[" * 500 + "]" * 500,
    "deep object": '{"a":' * 500 + "1" + "}" * 500,
    "many entries": json.dumps(["x"] * 5000),
    "long key": json.dumps({"k" * 5000: 1}),
}


@pytest.mark.parametrize("name", WITH_BODY)
def test_no_field_makes_the_server_stumble(
    name: str, app: OpenAPI, world: World, forget_counts: Callable[[], None]
) -> None:
    attempts = Attempts(name, app, world, forget_counts)
    for field in attempts.fields:
        rest = json.dumps({key: value for key, value in attempts.good.items() if key != field})[1:-1]
        for what, value in VALUES.items():
            text = f'{{{rest}{"," if rest else ""}"{field}":{value}}}'
            answer = attempts.send_text(text.encode())
            assert answer.status_code < 500, (field, what, answer.text)
            if answer.status_code >= 400:
                assert answer.content_type == "application/problem+json", (field, what)
            if what in {
                "lone surrogate",
                "very long in UTF-8",
                "deep object",
                "huge exponent",
                "not a number",
            }:
                assert answer.status_code in {400, 422}, (field, what, answer.text)


@pytest.mark.parametrize("name", WITH_BODY)
def test_bodies_that_are_none(
    name: str, app: OpenAPI, world: World, forget_counts: Callable[[], None]
) -> None:
    attempts = Attempts(name, app, world, forget_counts)
    for text, status in {
        b"": 422,
        b"[]": 400,
        b'"text"': 400,
        b"\xff\xfe{}": 400,
        b'{"a": "\xc3\x28"}': 400,
        b"[" * 50_000: 400,
        b'{"a":' * 50_000: 400,
        b"{" + b" " * (1024 * 1024) + b"}": 413,
    }.items():
        answer = attempts.send_text(text)
        optional = not text and answer.status_code != 415 and not attempts.good
        assert optional or answer.status_code == status, (text[:20], answer.text)
        assert answer.content_type == "application/problem+json"
