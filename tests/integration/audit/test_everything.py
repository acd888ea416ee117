"""ENABLE_AUDIT_LOG, declarations, and that an audit log which fails fails nobody's request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import svcs
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.audit.reading import Criteria
from backend.audit.requests import Audited, audited, declared_audit, init_audit, note
from backend.audit.trail import AuditTrail
from backend.config import Settings
from backend.errors import Conflict
from backend.http.access import Access, access, init_access
from backend.http.edge import init_edge
from backend.http.problems import init_problems
from backend.infra.valkey import Valkey
from tests.integration.audit.conftest import Log
from tests.waiting import eventually

pytestmark = pytest.mark.compliance

Build = Callable[..., FlaskClient]


@pytest.fixture
def build(log: Log, settings: Settings, valkey: Valkey) -> Build:
    """A small API with an audit log of its own."""

    def build(**changed: object) -> FlaskClient:
        own = Settings(_env_file=None, **{**settings.model_dump(), **changed})
        app = Flask("audited")
        init_problems(app)
        init_edge(app, own)
        init_audit(app, own, log.process(valkey, serving=True))
        init_access(app, lambda _token: pytest.fail("nobody logs in here"))
        for path, view in VIEWS.items():
            app.add_url_rule(path, view_func=view, endpoint=f"test.{view.__name__}")
        app.add_url_rule("/live", view_func=plain, endpoint="health.live")
        return app.test_client()

    return build


@access(Access.PUBLIC)
def plain() -> str:
    """Nothing special."""
    return "plain"


@access(Access.PUBLIC)
@audited("test.important")
def important() -> str:
    """A security event."""
    return "important"


@access(Access.PUBLIC)
@audited("test.routine", routine=True)
def routine() -> str:
    """One where only refusals matter."""
    return "routine"


@access(Access.PUBLIC)
@audited("test.conflict", routine=True)
def conflict() -> str:
    """Does not end well."""
    raise Conflict("Not now.", code="not_now")


@access(Access.PUBLIC)
@audited("test.broken")
def broken() -> str:
    """Does not work at all."""
    raise RuntimeError("a bug")


@access(Access.PUBLIC)
def thing(id: str, code: str) -> str:  # noqa: A002  # as it is called in paths
    """Names a thing and a secret."""
    return id + code


@access(Access.USER)
def closed(id: str) -> str:  # noqa: A002  # as it is called in paths
    """Not for strangers, and of some thing."""
    return id


@access(Access.USER)
@audited("test.about", about="id")
def about(id: str) -> str:  # noqa: A002  # as it is called in paths
    """Not for strangers, and about somebody."""
    return id


VIEWS: dict[str, Callable[..., str]] = {
    "/plain": plain,
    "/important": important,
    "/routine": routine,
    "/conflict": conflict,
    "/broken": broken,
    "/things/<id>/<code>": thing,
    "/closed/<id>": closed,
    "/about/<id>": about,
}


def recorded(log: Log, count: int) -> list[dict[str, Any]]:
    eventually(lambda: len(log.entries()) >= count)
    assert len(log.entries()) == count
    return log.entries()


def test_by_default_only_security_events_are_recorded(build: Build, log: Log) -> None:
    client = build()
    for path in ("/plain", "/routine", "/nowhere", "/important"):
        client.get(path)
    assert [entry["action"] for entry in recorded(log, 1)] == ["test.important"]


def test_with_the_setting_every_request_is(build: Build, log: Log) -> None:
    client = build(enable_audit_log=True)
    for path in ("/plain", "/routine", "/important", "/nowhere"):
        client.get(path)
    assert [(entry["action"], entry["outcome"]) for entry in recorded(log, 4)] == [
        ("request.test.plain", "done"),
        ("test.routine", "done"),
        ("test.important", "done"),
        ("request.nowhere", "failed"),
    ]


def test_probes_are_not_recorded_even_then(build: Build, log: Log) -> None:
    client = build(enable_audit_log=True)
    client.get("/live")
    client.get("/plain")
    assert [entry["action"] for entry in recorded(log, 1)] == ["request.test.plain"]


def test_what_does_not_end_well_is_recorded_with_its_code(build: Build, log: Log) -> None:
    client = build()
    client.get("/conflict")
    client.get("/broken")
    assert [(entry["action"], entry["outcome"], entry["reason"]) for entry in recorded(log, 2)] == [
        ("test.conflict", "failed", "not_now"),
        ("test.broken", "failed", "internal"),
    ]


@pytest.mark.security
def test_of_strangers_neither_ids_nor_codes_nor_what_they_type_is_recorded(build: Build, log: Log) -> None:
    client = build(enable_audit_log=True)
    client.get(f"/things/{'5' * 24}/SECRET?token=SECRET")
    client.get("/things/SECRET/SECRET")
    client.get("/SECRET")
    client.open("/plain", method="SECRET")
    entries = recorded(log, 4)
    assert [entry["circumstances"]["resource"] for entry in entries[:3]] == [
        "GET /things/<id>/<code>",
        "GET /things/<id>/<code>",
        "nowhere",
    ]
    assert "SECRET" not in str(entries)
    assert "5" * 24 not in str(entries)


@pytest.mark.security
def test_what_callers_call_their_requests_is_not_recorded_but_found_by(build: Build, log: Log) -> None:
    client = build()
    client.get("/important", headers={"X-Request-ID": "ada-from-sales"})
    (entry,) = recorded(log, 1)
    assert "sales" not in str(entry)
    (found,) = log.trail.search(Criteria(request_id="ada-from-sales"), None, 5)[0]
    assert found.action == "test.important"
    assert log.trail.search(Criteria(request_id="ben-from-sales"), None, 5)[0] == []


@pytest.mark.security
def test_a_stranger_who_makes_up_ids_floods_nothing(build: Build, log: Log) -> None:
    client = build()
    for _ in range(60):
        client.get(f"/closed/{ObjectId()}")
        client.get(f"/about/{ObjectId()}")
    eventually(lambda: len(log.entries()) >= 20)
    log.clock.advance(seconds=61)
    eventually(lambda: len(log.entries()) >= 22)
    assert sorted(entry["times"] for entry in log.entries()) == [*[1] * 20, 50, 50]
    assert all("about" not in entry for entry in log.entries() if entry["times"] > 1)


def test_an_audit_log_that_fails_fails_no_request(
    build: Build, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = build()
    monkeypatch.setattr(AuditTrail, "record", lambda *_: 1 / 0)
    assert client.get("/important").status_code == 200
    assert log.entries() == []


def test_a_note_outside_of_a_request_means_nothing() -> None:
    note(action="test.nothing")


def test_a_declaration_survives_on_the_view() -> None:
    assert declared_audit(important) == Audited("test.important")
    assert declared_audit(plain) is None
    assert declared_audit(None) is None


@pytest.mark.security
def test_the_metrics_page_tells_how_much_waits(
    app: OpenAPI, services: svcs.Container, client: FlaskClient
) -> None:
    assert app is not None
    eventually(lambda: services.get(AuditTrail).waiting() == 0)
    page = client.get("/metrics").text
    for name in (
        "audit_queue_length 0.0",
        "audit_entries_total ",
        "audit_direct_writes_total ",
        "audit_lost_total ",
        "audit_chain_broken_total 0.0",
    ):
        assert name in page, name
