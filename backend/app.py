"""create_app(): the one place that wires the API, in an order that can be read aloud."""

from __future__ import annotations

from typing import Any

import structlog
import svcs
from flask_openapi3.models.info import Info
from flask_openapi3.models.security_scheme import SecurityScheme
from flask_openapi3.openapi import OpenAPI

from backend.audit.routes import audit_api
from backend.audit.wiring import open_audit
from backend.auth.oidc.routes import federated_api
from backend.auth.routes import auth_api, devices_api
from backend.auth.service import AuthService
from backend.auth.webhooks.routes import webhooks_api
from backend.catalog.routes import catalog_api
from backend.compliance.consents.routes import consents_api
from backend.compliance.erasure.routes import erasure_api
from backend.compliance.exports.routes import exports_api
from backend.compliance.retention.routes import retention_api
from backend.config import Settings, load_settings
from backend.favourites.routes import favourites_api
from backend.groups.routes import groups_api
from backend.history.routes import history_api
from backend.http.access import init_access
from backend.http.edge import DOCS_CONTENT_SECURITY_POLICY, init_edge
from backend.http.idempotency import init_idempotency
from backend.http.limits import init_limits
from backend.http.openapi import describe_conventions
from backend.http.problems import Problem, init_problems, refuse_invalid
from backend.infra import error_reports, logs
from backend.infra.process_figures import ProcessFigures
from backend.infra.valkey import Valkey
from backend.jobs.pages import jobs_pages
from backend.jobs.routes import jobs_api
from backend.jobs.wiring import open_jobs
from backend.migrations.schema import SchemaGate
from backend.notifications.routes import notifications_api
from backend.ops.health import health_api
from backend.ops.metrics_page import metrics_api
from backend.pages.account import account_pages
from backend.pages.invites import invite_pages
from backend.pages.routes import pages
from backend.sessions.routes import sessions_api
from backend.sessions.wiring import start_live
from backend.shopping.group_routes import group_shopping_api
from backend.shopping.routes import shopping_api
from backend.users.operators import operators_api
from backend.users.routes import users_api
from backend.wiring import build_registry

_log = structlog.stdlib.get_logger(__name__)


def create_app(settings: Settings | None = None, registry: svcs.Registry | None = None) -> OpenAPI:
    """Build the API.

    Args:
        settings: default: read from the environment, where a wrong one stops the start with a list.
        registry: the process's services; default: connect to the databases that the settings name.

    Raises:
        SettingsError: the environment cannot be used.
        NewerSchema: the database is of a newer version of DinDin.
    """
    settings = settings or load_settings()
    logs.configure(settings, "api")
    error_reports.begin(settings, "api")

    app = _empty_app()
    registry = registry or build_registry(settings)
    svcs.flask.init_app(app, registry=registry)
    svcs.Container(registry).get(SchemaGate).at_start()
    auth = svcs.Container(registry).get(AuthService)

    init_problems(app)
    init_edge(app, settings)
    open_audit(app, registry)
    init_limits(app, settings)
    init_access(app, auth.identify)
    init_idempotency(app, settings, svcs.Container(registry).get(Valkey))

    _register_routes(app)
    open_jobs(registry)
    start_live(app, registry)
    _open_docs(app)

    svcs.Container(registry).get(ProcessFigures).count_start("api")
    _log.info("api_started", env=settings.app_env)
    return app


def describe_api() -> OpenAPI:
    """The API's routes without anything behind them: enough for its OpenAPI document, no settings needed."""
    app = _empty_app()
    _register_routes(app)
    return app


def _register_routes(app: OpenAPI) -> None:
    for api in (
        health_api,
        metrics_api,
        auth_api,
        devices_api,
        federated_api,
        webhooks_api,
        users_api,
        operators_api,
        groups_api,
        notifications_api,
        catalog_api,
        favourites_api,
        shopping_api,
        group_shopping_api,
        history_api,
        sessions_api,
        exports_api,
        audit_api,
        erasure_api,
        jobs_api,
        retention_api,
        consents_api,
    ):
        app.register_api(api)
    for page_set in (pages, invite_pages, account_pages, jobs_pages):
        app.register_blueprint(page_set)
    describe_conventions(app)


def _empty_app() -> OpenAPI:
    return OpenAPI(
        "backend",
        info=Info(
            title="DinDin",
            version="1.0.0",
            description="Dinner, decided. See docs/live-protocol.md for the socket.",
        ),
        security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", bearerFormat="JWT")},
        validation_error_model=Problem,
        validation_error_callback=refuse_invalid,
        doc_prefix="/api",
        doc_url="/openapi.json",
        static_folder=None,
    )


def _open_docs(app: OpenAPI) -> None:
    """Serve the bundled Swagger page at /api/docs; it alone may run inline script."""
    page: Any = app.view_functions["swagger.swagger"]
    page.talisman_view_options = {"content_security_policy": DOCS_CONTENT_SECURITY_POLICY}
    app.add_url_rule("/api/docs", endpoint="openapi.docs", view_func=page)
