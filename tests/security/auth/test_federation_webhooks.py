"""Messages that nobody we know has sent, or that were sent before."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import svcs

from tests.conftest import Account
from tests.federated_app import Process
from tests.signed_messages import BILLING, BILLING_SECRET, CLERK, CLERK_SECRET, post, send, signed

pytestmark = pytest.mark.security


@pytest.fixture
def process(services: svcs.Container) -> Iterator[Process]:
    """An API process that takes both senders' messages."""
    process = Process(
        services,
        clerk_issuer="https://clerk.example",
        clerk_webhook_secret=CLERK_SECRET,
        billing_webhook_secret=BILLING_SECRET,
    )
    yield process
    process.close()


def payment(user_id: str) -> bytes:
    """What makes somebody pro."""
    return json.dumps({"type": "subscription.active", "data": {"user_id": user_id}}).encode()


def refused(answer: Any) -> bool:
    """Whether the signature was found wanting."""
    return (answer.status_code, answer.get_json()["code"]) == (403, "signature_not_valid")


def test_nobody_is_made_pro_without_a_good_signature(
    process: Process, register: Callable[..., Account]
) -> None:
    ada = register("Ada")
    body = payment(ada.id)
    good = signed(body, BILLING_SECRET, "msg_1")
    foreign = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
    v1 = good["webhook-signature"].removeprefix("v1,")
    for headers in (
        {},
        {**good, "webhook-signature": ""},
        {**good, "webhook-signature": "v1,"},
        {**good, "webhook-signature": v1},
        {**good, "webhook-signature": f"v2,{v1}"},
        {**good, "webhook-signature": f"v1a,{v1}"},
        {**good, "webhook-signature": f"v1,{v1},{v1}"},
        {**good, "webhook-signature": f"v1,{v1[:-4]}AAA="},
        {**good, "webhook-signature": "v1,ü"},
        {**good, "webhook-signature": "v1,%%%"},
        {**good, "webhook-id": "msg_2"},
        {**good, "webhook-id": ""},
        {**good, "webhook-id": "m" * 300},
        {**good, "webhook-timestamp": str(int(good["webhook-timestamp"]) + 1)},
        {**good, "webhook-timestamp": "now"},
        {**good, "webhook-timestamp": "nan"},
        {**good, "webhook-timestamp": "1e999"},
        {**good, "webhook-timestamp": "-1"},
        {**good, "webhook-timestamp": ""},
        signed(body, foreign, "msg_1"),
        signed(body, CLERK_SECRET, "msg_1"),
        signed(payment("0" * 24), BILLING_SECRET, "msg_1"),
        {f"svix-{name.removeprefix('webhook-')}": "x" for name in good},
        {"webhook-id": good["webhook-id"], "svix-timestamp": good["webhook-timestamp"]},
    ):
        assert refused(post(process, BILLING, body, headers)), headers
    assert ada.get("/users/me").get_json()["tier"] == "free"
    assert post(process, BILLING, body, good).status_code == 204
    assert ada.get("/users/me").get_json()["tier"] == "pro"


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24, 60 * 24])
def test_a_message_from_another_time_is_refused(process: Process, minutes: int) -> None:
    body = payment("0" * 24)
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert refused(post(process, BILLING, body, signed(body, BILLING_SECRET, "msg_old", at)))


def test_a_message_that_somebody_recorded_does_nothing_a_second_time(
    process: Process, register: Callable[..., Account]
) -> None:
    ada = register("Ada")
    body = payment(ada.id)
    recorded = signed(body, BILLING_SECRET, f"msg_{ada.id}")
    assert post(process, BILLING, body, recorded).status_code == 204
    ended = {"type": "subscription.ended", "data": {"user_id": ada.id}}
    assert send(process, BILLING, ended).status_code == 204
    assert post(process, BILLING, body, recorded).status_code == 204
    svix = {name.replace("webhook", "svix"): value for name, value in recorded.items()}
    assert post(process, BILLING, body, svix).status_code == 204
    assert ada.get("/users/me").get_json()["tier"] == "free"


def test_one_senders_secret_is_no_others(process: Process) -> None:
    body = json.dumps({"type": "user.deleted", "data": {"id": "user_1"}}).encode()
    assert refused(post(process, CLERK, body, signed(body, BILLING_SECRET, "msg_1")))
    assert post(process, CLERK, body, signed(body, CLERK_SECRET, "msg_1")).status_code == 204


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"7", b'"text"', b"{", b"\xff\xfe", b"[" * 50_000, b'{"a":1}{"b":2}', b"NaN"],
)
def test_the_signature_is_looked_at_before_the_body(process: Process, body: bytes) -> None:
    assert refused(post(process, CLERK, body, {"webhook-id": "x", "webhook-timestamp": "1"}))
    try:
        headers = signed(body, CLERK_SECRET, "msg_1")
    except UnicodeDecodeError:
        return  # nobody can sign what is no text
    answer = post(process, CLERK, body, headers)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_json")


def test_the_body_may_say_that_it_is_anything_and_be_only_so_long(process: Process) -> None:
    body = json.dumps({"type": "nothing"}).encode()
    answer = process.somebody().post(
        CLERK, data=body, headers=signed(body, CLERK_SECRET, "msg_text"), content_type="text/plain"
    )
    assert answer.status_code == 204
    huge = b'{"a":"' + b"x" * 2**20 + b'"}'
    assert post(process, CLERK, huge, signed(huge, CLERK_SECRET, "msg_huge")).status_code == 413


def test_no_token_opens_a_webhook(process: Process, register: Callable[..., Account]) -> None:
    answer = process.somebody().post(CLERK, json={"type": "x"}, headers=register("Ada").headers)
    assert refused(answer)
