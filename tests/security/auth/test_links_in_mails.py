"""Links in mails lead to the address this server is configured with, whatever a request called it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
import svcs
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from bson import ObjectId
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.auth.mails import AccountMails, MailKind
from backend.auth.routes import auth_api
from backend.auth.service import AuthService
from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.groups.routes import groups_api
from backend.http.access import init_access
from backend.http.edge import init_edge
from backend.http.problems import init_problems
from backend.infra.clock import SystemClock
from backend.infra.jobs import JobQueue
from backend.infra.mail import Mailer
from backend.infra.valkey import Valkey
from backend.sessions.routes import sessions_api
from backend.users.accounts import Accounts
from backend.users.service import UserService
from deploy.local.stack import free_port
from tests.addresses import somebody
from tests.post_office import PostOffice

pytestmark = pytest.mark.security

HOME = "https://dindin.example"
POISON = [
    {"Host": "evil.example"},
    {"Host": "dindin.example.evil.example"},
    {"Host": "dindin.example", "X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example, evil.example", "X-Forwarded-Proto": "http"},
    {"Forwarded": "host=evil.example;proto=http"},
    {
        "X-Host": "evil.example",
        "X-Original-URL": "https://evil.example/",
        "X-Forwarded-Server": "evil.example",
    },
    {"Referer": "https://evil.example/", "Origin": "https://evil.example"},
]


class Postbox:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        self.texts.append(mail.get_content())
        return "250 OK"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def own(settings: Settings, postbox: Postbox) -> Iterator[Settings]:
    """Settings with a public address, a proxy in front, and a real SMTP server."""
    server = Controller(postbox, hostname="127.0.0.1", port=free_port())
    server.start()
    changed = {"public_url": HOME, "trusted_proxies": 1, "smtp_url": f"smtp://127.0.0.1:{server.port}"}
    yield Settings(_env_file=None, **{**settings.model_dump(), **changed})
    server.stop()


@pytest.fixture
def mails(own: Settings, services: svcs.Container) -> AccountMails:
    """What a worker sends mails with."""
    return AccountMails(
        users=services.get(UserService),
        accounts=services.get(Accounts),
        signer=services.get(TokenSigner),
        mailer=Mailer(own, services.get(Valkey), SystemClock()),
        jobs=services.get(JobQueue),
        clock=SystemClock(),
        settings=own,
    )


@pytest.fixture
def door(own: Settings, app: OpenAPI, registry: svcs.Registry, services: svcs.Container) -> FlaskClient:  # noqa: ARG001  # the whole app adds services
    """Anonymous, at the API behind its proxy."""
    behind_proxy = OpenAPI("behind_proxy")
    svcs.flask.init_app(behind_proxy, registry=registry)
    init_problems(behind_proxy)
    init_edge(behind_proxy, own)
    init_access(behind_proxy, services.get(AuthService).identify)
    for api in (auth_api, groups_api, sessions_api):
        behind_proxy.register_api(api)
    return somebody(behind_proxy)


@pytest.mark.parametrize("headers", POISON, ids=" ".join)
def test_a_link_begins_with_the_public_address(
    headers: dict[str, str],
    door: FlaskClient,
    mails: AccountMails,
    post_office: PostOffice,
    postbox: Postbox,
) -> None:
    email = f"ada.{secrets.token_hex(6)}@example.com"
    said = {"X-Forwarded-Proto": "https", **headers}
    base = f"https://{headers.get('Host', 'dindin.example')}"
    body = {"email": email, "password": "long enough for us", "display_name": "Ada"}
    post_office.waiting()
    registered = door.post("/api/v1/auth/register", json=body, headers=said, base_url=base)
    forgot = door.post("/api/v1/auth/password/forgot", json={"email": email}, headers=said, base_url=base)
    # Whoever says that they came by plain http is sent to https first, and no mail is sent for them.
    assert (registered.status_code, forgot.status_code) in {(201, 202), (302, 302)}
    waiting = post_office.waiting()
    assert len(waiting) == (2 if registered.status_code == 201 else 0)
    for told in waiting:
        mails.deliver(MailKind(told["about"]), ObjectId(told["user_id"]))
    assert len(postbox.texts) == len(waiting)
    for text in postbox.texts:
        assert f"{HOME}/account/" in text
        assert "evil" not in text
        assert "http://" not in text


def test_invite_links_do_as_well(door: FlaskClient) -> None:
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "Host": "evil.example"}
    body = {
        "email": f"{secrets.token_hex(6)}@example.com",
        "password": "long enough for us",
        "display_name": "Ada",
    }
    tokens = door.post("/api/v1/auth/register", json=body, headers=said, base_url="https://evil.example")
    bearer = {"Authorization": f"Bearer {tokens.get_json()['access_token']}"}
    for path, wanted in (("/sessions", {"menu": "both"}), ("/groups", {"name": "Friends"})):
        answer = door.post(
            f"/api/v1{path}", json=wanted, headers={**said, **bearer}, base_url="https://evil.example"
        )
        assert answer.status_code == 201
        assert "evil" not in answer.text
