"""Log-ins elsewhere with the real stack: two API processes under gunicorn, a socket, a restart half-way."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import websocket

from backend.auth.oidc.flow import new_secret, s256
from deploy.local.stack import LocalStack
from tests.e2e.person import Person
from tests.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, clerk_token, running_issuer
from tests.signed_messages import CLERK, CLERK_SECRET, signed
from tests.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.e2e]

_REQUESTS_THAT_REACH_BOTH = 12


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """An OpenID provider and a Clerk instance in one."""
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def stack_env(issuer: Issuer) -> dict[str, str]:
    """The stack knows it as both."""
    return {
        "OIDC_ISSUER": issuer.url,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "CLERK_ISSUER": issuer.url,
        "CLERK_AUTHORIZED_PARTIES": "https://app.example",
        "CLERK_WEBHOOK_SECRET": CLERK_SECRET,
    }


def test_somebody_from_clerk_plays_on_until_their_log_in_ends_there(
    stack: LocalStack, issuer: Issuer, person: Callable[[str], Person]
) -> None:
    subject, log_in = f"user_{secrets.token_hex(6)}", f"sess_{secrets.token_hex(6)}"
    grace = person("Grace")  # her account here is not used: she comes with Clerk's token
    grace.tokens["access_token"] = clerk_token(issuer, time.time(), subject, log_in)
    grace.http.headers["Authorization"] = f"Bearer {grace.tokens['access_token']}"
    seen = {grace.get("/auth/verify")["user"]["id"] for _ in range(_REQUESTS_THAT_REACH_BOTH)}
    assert len(seen) == 1
    session = grace.post("/sessions", {"menu": "both"})
    welcome = grace.connect(session["id"])
    assert welcome["snapshot"]["host_id"] in seen

    body = json.dumps({"type": "session.revoked", "data": {"id": log_in, "user_id": subject}}).encode()
    headers = {**signed(body, CLERK_SECRET, "msg_e2e"), "Content-Type": "application/json"}
    assert httpx.post(stack.base_url + CLERK, content=body, headers=headers).status_code == 204
    with pytest.raises(websocket.WebSocketConnectionClosedException):
        grace.wait(lambda _frame: False)
    assert {grace.http.get("/auth/verify").status_code for _ in range(_REQUESTS_THAT_REACH_BOTH)} == {401}


def test_a_log_in_goes_on_after_every_process_was_restarted(stack: LocalStack, issuer: Issuer) -> None:
    verifier = new_secret()
    query = {"return_to": "http://127.0.0.1:49152/", "challenge": s256(verifier), "state": "app"}
    with httpx.Client(base_url=f"{stack.base_url}/api/v1/auth", timeout=15) as browser:
        begun = browser.get("/oidc/oidc/start", params=query)
        address = issuer.log_in(begun.headers["Location"], "somebody", name="Grace")
        restart(stack)
        parts = urlsplit(address)
        back = browser.get(f"{stack.base_url}{parts.path}?{parts.query}")
        assert back.headers["Location"].startswith("http://127.0.0.1:49152/?")
        heard = parse_qs(urlsplit(back.headers["Location"]).query)
        restart(stack)
        tokens = browser.post("/oidc/token", json={"code": heard["code"][0], "verifier": verifier})
        assert tokens.json()["user"]["display_name"] == "Grace"


def restart(stack: LocalStack) -> None:
    """Stop all API processes and start others."""
    stack.restart("api")

    def ready() -> bool:
        try:
            return httpx.get(f"{stack.base_url}/health/ready").is_success
        except httpx.TransportError:
            return False

    eventually(ready, seconds=30)
