"""What all pages have in common, and what a browser is told where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from tests.addresses import somebody
from tests.conftest import Account

# What browsers say they take when somebody follows a link.
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"}

STANDING_PAGES = [
    "/",
    "/j/ABC234",
    "/g/nothing",
    "/account/confirm?token=abc",
    "/account/reset?token=abc",
    "/account/keep?token=abc",
]


@pytest.fixture(params=[*STANDING_PAGES, "an invitation"])
def page(request: pytest.FixtureRequest, app: OpenAPI, register: Callable[..., Account]) -> str:
    """The text of one page."""
    path = request.param
    if path == "an invitation":
        path = f"/j/{register().post('/sessions', {'menu': 'both'}).get_json()['code']}"
    return somebody(app).get(path).text


def test_home_says_what_this_is(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert "<h1>Dinner, decided.</h1>" in answer.text


def test_everything_a_page_asks_for_is_served_here(client: FlaskClient, page: str) -> None:
    wanted = [path for path in re.findall(r'(?:src|href)="([^"#]+)"', page) if "dindin://" not in path]
    assert len(wanted) >= 3
    for path in wanted:
        assert path.startswith("/"), "nothing from elsewhere"
        with client.get(path) as answer:
            assert answer.status_code == 200, path


@pytest.mark.security
def test_pages_need_neither_script_nor_inline_style(page: str) -> None:
    assert "<script" not in page
    assert "<style" not in page
    assert not re.search(r'\s(?:style|on\w+)="', page)


def test_pages_can_be_read_aloud(page: str) -> None:
    assert '<html lang="en">' in page
    assert page.count("<h1>") == 1
    assert "<main" in page
    assert all("alt=" in image for image in re.findall(r"<img[^>]*>", page))


def test_a_file_of_the_pages_is_kept_until_it_changes(client: FlaskClient) -> None:
    (path,) = re.findall(r'href="(/pages/dindin.css[^"]+)"', client.get("/").text)
    first = client.get(path)
    assert "max-age=2592000" in first.headers["Cache-Control"]
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.security
@pytest.mark.parametrize("name", ["../routes.py", "..%2froutes.py", "routes.py", "dindin.css/"])
def test_only_the_pages_own_files_are_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/pages/{name}").status_code in {308, 404}


def test_a_browser_that_gets_lost_is_told_so_on_a_page(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "<h1>This is not on the menu</h1>" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/api/v1/nowhere", BROWSER), ("/nowhere", {}), ("/nowhere", {"Accept": "*/*"})],
    ids=["below /api", "no word about it", "anything"],
)
def test_programs_are_told_in_their_language(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.mark.security
def test_a_guesser_in_a_browser_reads_how_long_to_wait(app: OpenAPI) -> None:
    guesser = somebody(app)
    for _ in range(60):
        answer = guesser.get("/j/ABC234", headers=BROWSER)
        if answer.status_code == 429:
            break
    assert (answer.status_code, answer.mimetype) == (429, "text/html")
    assert "Try again in" in answer.text
    assert int(answer.headers["Retry-After"]) > 0
