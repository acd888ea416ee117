"""The pages a browser sees."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.conftest import Account


def test_home_says_what_this_is(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert "<h1>Dinner, decided.</h1>" in answer.text


def test_everything_the_pages_ask_for_is_served_here(client: FlaskClient) -> None:
    for page in ("/", "/j/ABC234"):
        wanted = re.findall(r'(?:src|href)="([^"#]+)"', client.get(page).text)
        assert len(wanted) >= 3
        for path in wanted:
            assert path.startswith("/"), "nothing from elsewhere"
            with client.get(path) as answer:
                assert answer.status_code == 200, path


@pytest.mark.security
@pytest.mark.parametrize("page", ["/", "/j/ABC234"])
def test_pages_need_neither_script_nor_inline_style(client: FlaskClient, page: str) -> None:
    text = client.get(page).text
    assert "<script" not in text
    assert "<style" not in text
    assert not re.search(r'\s(?:style|on\w+)="', text)


def test_pages_can_be_read_aloud(client: FlaskClient) -> None:
    for page in ("/", "/j/ABC234"):
        text = client.get(page).text
        assert '<html lang="en">' in text
        assert text.count("<h1>") == 1
        assert "<main" in text
        assert all("alt=" in image for image in re.findall(r"<img[^>]*>", text))


def test_an_invite_shows_its_code(client: FlaskClient) -> None:
    for path in ("/j/ABC234", "/j/abc234"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "<strong>ABC234</strong>" in answer.text


@pytest.mark.security
def test_an_invite_does_not_say_whether_its_code_exists(
    client: FlaskClient, register: Callable[..., Account]
) -> None:
    code = register().post("/sessions", {"menu": "both"}).get_json()["code"]
    existing, other = client.get(f"/j/{code}"), client.get("/j/ABC234")
    assert existing.status_code == other.status_code == 200
    assert existing.text.replace(code, "ABC234") == other.text


@pytest.mark.security
@pytest.mark.parametrize(
    "code", ["ABC23", "ABC2345", "ABC23O", "ABC230", "ABC23I", "ABC23L", "<b>ABC", "ABC23\u0660", "ABC%0a3"]
)
def test_what_is_no_code_is_not_found(client: FlaskClient, code: str) -> None:
    answer = client.get(f"/j/{code}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


@pytest.mark.security
@pytest.mark.parametrize("name", ["../routes.py", "..%2froutes.py", "routes.py", "dindin.css/"])
def test_only_the_pages_own_files_are_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/pages/{name}").status_code in {308, 404}
