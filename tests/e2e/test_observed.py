"""What a whole stack tells of itself at its most talkative: enough to follow a request, and nothing about anybody."""

from __future__ import annotations

import json
import re
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from redis import Redis

from backend.infra.jobs import BUILD_EXPORT, JobQueue
from backend.users.consent_texts import CURRENT_TEXTS, ConsentKind
from deploy.local.stack import LocalStack
from deploy.monitoring import dashboard
from tests.e2e import evening
from tests.e2e.person import Person
from tests.sentry import SentryServer, sentry_server
from tests.stacks import StackLog
from tests.waiting import eventually

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy" / "monitoring" / "alerts.yml"
DIET, ALLERGEN = "halal", "sesame"
EXPORT_REQUEST = "export-of-the-canary"
SOCKETS_REQUEST = "socket-of-the-canary"


@pytest.fixture(scope="module")
def sentry() -> Iterator[SentryServer]:
    with sentry_server() as server:
        yield server


@pytest.fixture(scope="module")
def stack_env(sentry: SentryServer) -> dict[str, str]:
    """All that can be said is said, and reported."""
    return {"LOG_LEVEL": "DEBUG", "SENTRY_DSN": sentry.dsn, "SENTRY_TRACES_SAMPLE_RATE": "1"}


class Canary:
    """Somebody with a mark in everything they write."""

    def __init__(self, person: Callable[[str], Person], stack: LocalStack) -> None:
        self.mark = f"kanari{secrets.token_hex(6)}"
        self.person = person(self.mark)
        self._stack = stack
        self._more: list[str] = []

    def secrets(self) -> list[str]:
        """What may be in no line."""
        one = self.person
        tokens = [one.tokens["access_token"], one.tokens["refresh_token"]]
        return [self.mark, one.password, one.id, one.tokens["user"]["email"], *tokens, *self._more]

    def settle_in(self) -> None:
        """Diet, address, a note of food: what is kept about them alone."""
        one, mark = self.person, self.mark
        version = CURRENT_TEXTS[ConsentKind("special_category")].version
        consent = {"kind": "special_category", "version": version, "given": True}
        assert one.http.put("/compliance/consents", json=consent).is_success
        diet = {
            "dietary": [DIET],
            "allergies": [ALLERGEN],
            "home_location": {"lat": 33.748123, "lon": -84.387456},
        }
        assert one.http.put("/users/me/preferences", json=diet).is_success
        one.post("/users/me/shopping-list/items", {"name": f"beans {mark}"})
        group = one.post("/groups", {"name": f"Kitchen of {mark}"})
        self._more += ["33.748123", "84.387456", group["invite_link"].rpartition("/")[2]]

    def go_wrong(self) -> None:
        """What is refused, with the mark in whatever may be quoted: address, body, header, query."""
        one, mark, http = self.person, self.mark, self.person.http
        assert (
            http.post("/auth/login", json={"email": f"{mark}@x.example", "password": mark}).status_code == 401
        )
        assert http.post("/auth/login", content=f'{{"email": "{mark}', headers=_JSON).status_code == 400
        assert http.get(f"/sessions/{mark}").status_code in {404, 422}
        assert http.get(f"/{mark}", params={"q": mark}).status_code == 404
        assert http.get("/users/me", headers={"Authorization": f"Bearer {mark}"}).status_code == 401
        with socket.create_connection(("127.0.0.1", one.http.base_url.port)) as wire:
            wire.sendall(f"{mark} is no request\r\n\r\n".encode())
            assert b"400" in wire.recv(4096)
        page = one.http.get(f"{self._stack.base_url}/account/confirm?token={mark}")
        assert page.status_code < 500

    def renew(self) -> None:
        """Other tokens in place of the first; the first ones are secret still."""
        one = self.person
        self._more += [one.tokens["access_token"], one.tokens["refresh_token"]]
        one.tokens = one.post("/auth/refresh", {"refresh_token": one.tokens["refresh_token"]})
        one.http.headers["Authorization"] = f"Bearer {one.tokens['access_token']}"

    def get_mail(self) -> None:
        """Ask for a new password; the link in the mail holds a token."""
        one = self.person
        email = one.tokens["user"]["email"]
        assert one.http.post("/auth/password/forgot", json={"email": email}).is_success
        outbox = Path(self._stack.settings["DATA_DIR"]) / "outbox"

        def tokens() -> set[str]:
            mails = [path.read_text() for path in outbox.glob("*.eml")]
            own = "".join(mail.replace("=\n", "") for mail in mails if email in mail)
            return set(re.findall(r"token=(?:3D)?([\w.-]{20,})", own))

        eventually(lambda: bool(tokens()), seconds=30)
        self._more += tokens()

    def take_everything_home(self) -> None:
        """An export, asked for by a request with a known id."""
        one = self.person
        answer = one.http.post(
            "/compliance/exports", json={"password": one.password}, headers={"X-Request-ID": EXPORT_REQUEST}
        )
        path = f"/compliance/exports/{answer.json()['id']}"
        eventually(lambda: one.get(path)["status"] == "done", seconds=60)

    def break_a_job(self) -> None:
        """A job that fails, and says so in words that quote what it was given."""
        with closing(Redis.from_url(self._stack.settings["REDIS_URL"])) as valkey:
            jobs = JobQueue(valkey, "dindin:")
            jobs.enqueue(BUILD_EXPORT, self.mark[-8:], self.person.id, export_id=f"no id: {self.mark}")


_JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """What the evening left for the tests after it."""
    return {}


def play(canary: Canary, bo: Person) -> str:
    """An evening over the socket, with a match, a message and a mistake; the session's id."""
    one, mark = canary.person, canary.mark
    session = one.post("/sessions", {"menu": "both"})
    bo.post("/sessions/join", {"code": session["code"]})
    evening.sit_apart(session["id"], [one], [bo])
    assert one.do("energy", level="high")["ok"]
    deck = evening.start([one, bo])["data"]["deck"]
    assert one.do("chat", text=f"said {mark}")["ok"]
    assert not one.do("react", emoji=mark)["ok"]
    evening.swipe(one, deck[0], "left")
    evening.swipe(one, deck[1], "right")
    evening.swipe(bo, deck[1], "right")
    one.told("matched")
    one.close()
    assert one.connect(session["id"], resume={"epoch": one.welcome["epoch"], "seq": 1})["resumed"]
    return str(session["id"])


@pytest.mark.security
@pytest.mark.compliance
@pytest.mark.timeout(180)
def test_an_evening_can_be_followed_and_names_nobody(
    stack: LocalStack, log: StackLog, person: Callable[[str], Person], sentry: SentryServer
) -> None:
    canary, bo = Canary(person, stack), person("Bo")
    canary.settle_in()
    canary.go_wrong()
    session_id = play(canary, bo)
    canary.renew()
    canary.get_mail()
    canary.take_everything_home()
    canary.break_a_job()
    eventually(lambda: any('"job_failed"' in line for line in log.lines), seconds=30)
    eventually(lambda: bool(sentry.events), seconds=30)

    lines = [json.loads(line) for line in log.lines if line.startswith("{")]
    _can_be_followed(lines, session_id)
    _are_reported(sentry, lines)
    for where, told in (("log", log.lines), ("reports", [json.dumps(one) for one in sentry.everything])):
        for secret in [*canary.secrets(), DIET, ALLERGEN]:
            assert [line for line in told if secret in line] == [], where


def _can_be_followed(lines: list[dict[str, Any]], session_id: str) -> None:
    """From the request for an export into the worker, and from the handshake through a socket's operations."""
    export = [line for line in lines if line.get("request_id") == EXPORT_REQUEST]
    assert {line["process"] for line in export} == {"api", "worker"}
    [who] = {line["user"] for line in export if "user" in line}
    created = [line for line in lines if line["event"] == "session_created"]
    assert {line["user"] for line in created if line["session_id"] == session_id} == {who}
    operations = [line for line in lines if line["event"] == "operation" and line.get("user") == who]
    assert {"energy", "ready", "start", "chat", "swipe"} <= {line["operation"] for line in operations}
    assert {line["session_id"] for line in operations} == {session_id}
    handshakes = {line["request_id"] for line in lines if line.get("endpoint") == "live"}
    assert {line["request_id"] for line in operations} <= handshakes


def _are_reported(sentry: SentryServer, lines: list[dict[str, Any]]) -> None:
    """The job that failed, and nothing else; and how long requests and jobs took."""
    event = sentry.events[0]
    assert {one["tags"]["process"] for one in sentry.events} == {"worker"}
    assert event["exception"]["values"][-1]["type"] == "InvalidId"
    assert (event["tags"]["process"], event["environment"]) == ("worker", "test")
    assert event["user"]["id"] in {line.get("user") for line in lines if line["event"] == "registered"}
    took = {one.get("transaction") for one in sentry.transactions}
    assert {"sessions.create_session", "worker.jobs.exports.build_export"} <= took


def names_in(query: str) -> set[str]:
    """The metrics that a query reads."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(by|on)\s*\([^)]*\)|\"[^\"]*\"", " ", query)
    words = re.findall(r"[a-zA-Z_][a-zA-Z0-9_]*(?!\w)(?!\s*\()", bare)
    return {word for word in words if word not in {"and", "or", "unless"}}


def watched() -> set[str]:
    """Every metric that a rule or the dashboard reads; `up` is Prometheus' own."""
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    expressions = [rule["expr"] for group in groups for rule in group["rules"]]
    queries = [query for row in dashboard.ROWS.values() for panel in row for query in panel.queries.values()]
    return set().union(*map(names_in, [*expressions, *queries])) - {"up"}


def there(stack: LocalStack) -> set[str]:
    """The names of all samples that a page of metrics has."""
    page = httpx.get(f"{stack.base_url}/metrics").text
    return set(re.findall(r"^([a-zA-Z_]\w*)[{ ]", page, re.MULTILINE))


# There once it has happened: a rehearsal, Valkey away, somebody who comes too often, something old.
RARE = {
    "rehearsal_last_success_timestamp_seconds",
    "rate_limit_fallback_total",
    "rate_limited_total",
    "retention_deleted_total",
    "retention_oldest_seconds",
}


@pytest.mark.timeout(180)
def test_all_that_rules_and_dashboard_read_is_there(
    stack: LocalStack, person: Callable[[str], Person]
) -> None:
    names = watched()
    assert len(names) > 30
    host, guest = person("Cy"), person("Di")
    session = host.post("/sessions", {"menu": "recipes"})
    guest.post("/sessions/join", {"code": session["code"]})
    evening.sit_apart(session["id"], [host], [guest])
    deck = evening.start([host, guest])["data"]["deck"]
    for one in (host, guest):
        evening.swipe(one, deck[0], "right")
    host.told("matched")
    eventually(lambda: names - RARE <= there(stack), seconds=60)
    sources = [ROOT / "backend/infra/metrics.py", *(ROOT / "backend/ops").glob("*metrics*.py")]
    declared = "".join(path.read_text() for path in sources)
    assert {name for name in RARE if f'"{name.removesuffix("_total")}' not in declared} == set()
