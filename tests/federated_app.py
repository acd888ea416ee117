"""The API's way in, set up for accounts elsewhere: one process with its own memory, over the databases of the run."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import svcs
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.audit.trail import AuditTrail
from backend.auth.issuers.outgoing import IssuerClient
from backend.auth.oidc.flow import new_secret, s256
from backend.auth.oidc.routes import federated_api
from backend.auth.routes import auth_api, devices_api
from backend.auth.service import AuthService
from backend.auth.tokens import TokenSigner
from backend.auth.webhooks.routes import webhooks_api
from backend.auth.wiring import clerk_log_ins, register_federation
from backend.compliance.erasure.service import ErasureService
from backend.config import Settings
from backend.groups.service import GroupService
from backend.http.access import init_access
from backend.http.edge import init_edge
from backend.http.limits import init_limits
from backend.http.problems import init_problems, refuse_invalid
from backend.infra.clock import Clock, SystemClock
from backend.infra.valkey import Valkey
from backend.notifications.service import NotificationService
from backend.pages.routes import pages
from backend.users.accounts import Accounts
from backend.users.routes import users_api
from backend.users.service import UserService
from tests.addresses import somebody
from tests.issuer import Issuer

RETURN_TO = "http://127.0.0.1:49152/back"


class Process:
    """One API process."""

    def __init__(self, shared: svcs.Container, clock: Clock | None = None, **changed: Any) -> None:
        settings = shared.get(Settings)
        self.settings = Settings(_env_file=None, **{**settings.model_dump(), **changed})
        self.clock = clock or SystemClock()
        self.users, valkey = shared.get(UserService, Valkey)
        self.accounts = Accounts(self.clock)
        issuers = IssuerClient()
        clerk = clerk_log_ins(
            issuers, self.accounts, self.clock, self.settings, shared.get(AuditTrail).record
        )
        self.auth = AuthService(
            users=self.users,
            signer=TokenSigner(self.settings),
            clock=self.clock,
            valkey=valkey,
            settings=self.settings,
            clerk=clerk,
        )
        self.registry = svcs.Registry()
        for kind, service in (
            (Settings, self.settings),
            (Clock, self.clock),
            (Valkey, valkey),
            (Accounts, self.accounts),
            (UserService, self.users),
            (AuditTrail, shared.get(AuditTrail)),
            (AuthService, self.auth),
            (GroupService, shared.get(GroupService)),
            (NotificationService, shared.get(NotificationService)),
        ):
            self.registry.register_value(kind, service)
        register_federation(self.registry, issuers, clerk, shared.get(ErasureService).erase_at_once)
        self.app = self._app()

    def somebody(self) -> FlaskClient:
        """A browser or an app, with cookies of its own."""
        return somebody(self.app)

    def close(self) -> None:
        """Stop."""
        self.registry.close()

    def _app(self) -> OpenAPI:
        app = OpenAPI("backend", validation_error_callback=refuse_invalid)
        svcs.flask.init_app(app, registry=self.registry)
        init_problems(app)
        init_edge(app, self.settings)
        init_limits(app, self.settings)
        init_access(app, self.auth.identify)
        for api in (auth_api, devices_api, users_api, federated_api, webhooks_api):
            app.register_api(api)
        app.register_blueprint(pages)
        return app


class App:
    """The app on somebody's machine that wants to log in through the browser."""

    def __init__(self, process: Process, provider: str = "oidc") -> None:
        self.process = process
        self.provider = provider
        self.browser = process.somebody()
        self.verifier = new_secret()
        self.state = new_secret()

    def start(self, **changed: str) -> Any:
        """Open the browser at the server."""
        query = {
            "return_to": RETURN_TO,
            "challenge": s256(self.verifier),
            "state": self.state,
            **changed,
        }
        return self.browser.get(f"/api/v1/auth/oidc/{self.provider}/start", query_string=query)

    def come_back(self, address: str, browser: FlaskClient | None = None) -> Any:
        """The provider sends a browser back to the server."""
        parts = urlsplit(address)
        return (browser or self.browser).get(f"{parts.path}?{parts.query}")

    def redeem(self, code: str, verifier: str | None = None) -> Any:
        """Ask for tokens."""
        body = {"code": code, "verifier": verifier or self.verifier}
        return self.process.somebody().post("/api/v1/auth/oidc/token", json=body)


def query_of(answer: Any) -> dict[str, str]:
    """What a redirect carries."""
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def outcome(app: App, issuer: Issuer, **claims: Any) -> dict[str, str]:
    """What the app hears after somebody logged in there."""
    back = app.come_back(issuer.log_in(app.start().headers["Location"], "somebody", **claims))
    assert back.headers["Location"].startswith(f"{RETURN_TO}?")
    return query_of(back)


def failed(app: App) -> dict[str, str]:
    """What the app hears where it did not work."""
    return {"error": "server_error", "state": app.state}


def unavailable(app: App) -> dict[str, str]:
    """What the app hears where the provider could not be asked."""
    return {"error": "temporarily_unavailable", "state": app.state}
