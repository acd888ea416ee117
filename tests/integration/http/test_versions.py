"""Two versions of the API side by side from one table, and how the end of one is announced."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Response, jsonify
from flask.testing import FlaskClient
from flask_openapi3 import APIBlueprint, OpenAPI
from pydantic import BaseModel

from backend.config import Settings
from backend.http.access import Access, access, init_access
from backend.http.edge import init_edge
from backend.http.limits import UNLIMITED, rate
from backend.http.openapi import describe_conventions
from backend.http.problems import Problem, init_problems
from backend.http.versions import Retiring, retiring_row
from tests.integration.http.conftest import identify

JULY, LATER = datetime(2026, 7, 1, tzinfo=UTC), datetime(2027, 7, 1, 12, 30, tzinfo=UTC)
NOTE = "https://dindin.example/v2"


class Plate(BaseModel):
    """What is served."""

    dish: str


@access(Access.PUBLIC)
@rate(UNLIMITED)
def dish_of_old() -> Response:
    """A dish by its name."""
    return jsonify("soup")


@access(Access.PUBLIC)
@rate(UNLIMITED)
def dish() -> Response:
    """A dish with room for more."""
    return jsonify(dish="soup")


def versioned(settings: Settings, *retiring: Retiring) -> OpenAPI:
    """An app with a route that v2 answers differently from v1, and one that v1 alone has."""
    app = OpenAPI("backend", validation_error_model=Problem)
    init_problems(app)
    init_edge(app, settings, ("v1", "v2"), retiring)
    init_access(app, identify)
    for version, view in (("v1", dish_of_old), ("v2", dish)):
        api = APIBlueprint(version, __name__, url_prefix=f"/api/{version}")
        api.get("/dish", responses={200: Plate})(view)
        if version == "v1":
            api.get("/dishes", responses={200: Plate}, endpoint="dishes")(view)
        app.register_api(api)
    describe_conventions(app, retiring)
    return app


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    return versioned(settings).test_client()


def test_each_version_answers_in_its_own_way_and_says_which_it_is(client: FlaskClient) -> None:
    old, new = client.get("/api/v1/dish"), client.get("/api/v2/dish")
    assert (old.get_json(), old.headers["API-Version"]) == ("soup", "v1")
    assert (new.get_json(), new.headers["API-Version"]) == ({"dish": "soup"}, "v2")
    assert client.get("/nothing").headers["API-Version"] == "v2"


@pytest.mark.parametrize(("version", "other"), [("v1", "v2"), ("v2", "v1")])
def test_the_header_makes_sure_and_chooses_nothing(client: FlaskClient, version: str, other: str) -> None:
    assert client.get(f"/api/{version}/dish", headers={"API-Version": version}).status_code == 200
    refused = client.get(f"/api/{version}/dish", headers={"API-Version": other})
    assert (refused.status_code, refused.get_json()["code"]) == (400, "unsupported_version")
    assert f"{other} is at /api/{other}" in refused.get_json()["detail"]


def test_a_version_that_is_not_there_is_refused_and_those_that_are_get_named(client: FlaskClient) -> None:
    for refused in (client.get("/api/v3/dish"), client.get("/api/v1/dish", headers={"API-Version": "v3"})):
        assert refused.status_code == 400
        assert "v1 at /api/v1 and v2 at /api/v2" in refused.get_json()["detail"]


def test_what_is_to_stay_announces_no_end(client: FlaskClient) -> None:
    headers = client.get("/api/v1/dish").headers
    assert not {"Deprecation", "Sunset", "Link"} & set(headers.keys())


def test_the_end_of_a_version_is_in_each_of_its_answers(settings: Settings) -> None:
    client = versioned(settings, Retiring("/api/v1", JULY, LATER, "/api/v2", NOTE)).test_client()
    for path in ("/api/v1/dish", "/api/v1/dishes"):
        headers = client.get(path).headers
        assert headers["Deprecation"] == "@1782864000"
        assert headers["Sunset"] == "Thu, 01 Jul 2027 12:30:00 GMT"
        assert headers.getlist("Link") == [
            '</api/v2>; rel="successor-version"',
            f'<{NOTE}>; rel="deprecation"; type="text/html"',
        ]
    assert "Deprecation" not in client.get("/api/v2/dish").headers


def test_the_end_of_one_route_is_its_own(settings: Settings) -> None:
    client = versioned(settings, Retiring("/api/v1/dish", JULY)).test_client()
    headers = client.get("/api/v1/dish").headers
    assert headers["Deprecation"] == "@1782864000"
    assert not {"Sunset", "Link"} & set(headers.keys())
    assert "Deprecation" not in client.get("/api/v1/dishes").headers


def test_the_document_marks_what_is_on_its_way_out(settings: Settings) -> None:
    app = versioned(settings, Retiring("/api/v1/dish", JULY))
    marked = {path: methods["get"].get("deprecated") for path, methods in app.api_doc["paths"].items()}
    assert marked == {"/api/v1/dish": True, "/api/v1/dishes": None, "/api/v2/dish": None}


def test_the_first_row_speaks() -> None:
    route, version = Retiring("/api/v1/dish", JULY, LATER), Retiring("/api/v1", JULY)
    assert retiring_row("/api/v1/dish/<id>", (route, version)) is route
    assert retiring_row("/api/v1/dishes", (route, version)) is version
    assert retiring_row("/api/v10/dish", (route, version)) is None


def test_nothing_ends_before_it_is_deprecated() -> None:
    with pytest.raises(ValueError, match="/api/v1: it cannot end before"):
        Retiring("/api/v1", LATER, sunset=JULY)
