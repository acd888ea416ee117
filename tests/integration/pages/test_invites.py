"""Where invite links lead."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

import pytest
import svcs
from bson import ObjectId
from flask import Response
from flask_openapi3 import OpenAPI

from backend.config import Settings
from backend.groups.service import GroupService
from backend.users.accounts import Accounts
from backend.users.service import UserService
from tests.addresses import somebody
from tests.conftest import Account

Register = Callable[..., Account]


class Elements(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.heading: list[str] = []
        self._in_heading = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self._in_heading |= tag == "h1"

    def handle_endtag(self, tag: str) -> None:
        self._in_heading &= tag != "h1"

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self.heading.append(data)


def seen(page: Response) -> str:
    """What is on a page for the eye: no tags, single spaces."""
    text = re.sub(r"<(svg|head)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", text)).split())


@pytest.fixture
def visit(app: OpenAPI) -> Callable[..., Response]:
    """Opens a page, each time as somebody else."""
    return lambda path, **more: somebody(app).get(path, **more)


def opened(host: Account, **wanted: object) -> dict:
    answer = host.post("/sessions", {"menu": "both", **wanted})
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def test_an_invite_says_who_invites_and_to_what(register: Register, visit: Callable[..., Response]) -> None:
    session = opened(register("Ada"), menu="restaurants")
    page = visit(f"/j/{session['code']}")
    assert page.status_code == 200
    assert "Ada invites you to dinner" in seen(page)
    assert "Restaurants" in seen(page)
    assert "1 person so far" in seen(page)
    assert f'href="dindin://join/{session["code"]}"' in page.text
    assert f">{session['code']}</strong>" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    register("Bo").post("/sessions/join", {"code": session["code"]})
    assert "2 people so far" in seen(visit(f"/j/{session['code'].lower()}"))


def test_an_invite_tells_how_far_the_session_is(register: Register, visit: Callable[..., Response]) -> None:
    ada, bo = register("Ada"), register("Bo")
    session = opened(ada, rounds=[5, 900])
    bo.post("/sessions/join", {"code": session["code"]})
    path, own = f"/j/{session['code']}", f"/sessions/{session['id']}"
    assert "has begun" not in seen(visit(path))
    for account in (ada, bo):
        account.post(f"{own}/ready", {"ready": True})
    assert ada.post(f"{own}/start").status_code == 200
    assert "Come in now and you still have a say" in seen(visit(path))
    # Both want the first round to be over: what follows is for those who were there.
    for account in (ada, bo):
        account.post(f"{own}/votes", {"motion": "skip_round", "in_favour": True})
    assert "watch how it is decided" in seen(visit(path))


def test_an_invite_to_a_full_table_says_so(register: Register, visit: Callable[..., Response]) -> None:
    session = opened(register("Ada"))
    for _ in range(4):
        assert register("Bo").post("/sessions/join", {"code": session["code"]}).status_code == 200
    assert "All 5 places are taken" in seen(visit(f"/j/{session['code']}"))


@pytest.mark.security
def test_an_invite_tells_of_nobody_but_the_host(register: Register, visit: Callable[..., Response]) -> None:
    ada, bo = register("Ada"), register("Bonaventura")
    session = opened(ada)
    bo.post("/sessions/join", {"code": session["code"]})
    text = visit(f"/j/{session['code']}").text
    for secret in ("Bonaventura", ada.email, bo.email, ada.id, bo.id, session["id"]):
        assert secret not in text


@pytest.mark.security
def test_what_is_over_never_was_or_is_no_code_looks_alike(
    register: Register, visit: Callable[..., Response]
) -> None:
    ada = register()
    session = opened(ada)
    ada.post(f"/sessions/{session['id']}/leave")
    over = visit(f"/j/{session['code']}")
    assert over.status_code == 404
    assert "No dinner behind this link" in seen(over)
    assert "Ask whoever invited you for a new one" in seen(over)
    for code in ("ABC234", "ABC23", "ABC2345", "ABC23O", "<b>ABC", "ABC23\u0660", "ABC%0a3", "$ne"):
        other = visit(f"/j/{code}")
        assert (other.status_code, other.text) == (404, over.text)
        assert other.headers["Cache-Control"] == "no-store"


@pytest.mark.security
@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", '"><img src=x>', "{{ 7*7 }}", "דוד המלך", "👩‍🍳🥘", "' onload=x"],
)
def test_a_name_is_a_name_whatever_is_in_it(
    register: Register, visit: Callable[..., Response], services: svcs.Container, name: str
) -> None:
    host = register()
    services.get(UserService).rename(ObjectId(host.id), name)
    group = services.get(GroupService).create(ObjectId(host.id), name)
    session = opened(host, group_id=str(group.id))
    for path in (f"/j/{session['code']}", f"/g/{group.token}"):
        page = Elements(visit(path).text)
        assert "".join(page.heading).startswith(f"{name} invites you")
        assert "script" not in page.tags
        assert page.tags.count("img") == 1, "the icon of the brand"
        assert not [name for name in page.attributes if name.startswith("on")]


@pytest.mark.security
def test_links_are_below_the_configured_address_whatever_the_request_says(
    register: Register, visit: Callable[..., Response], settings: Settings
) -> None:
    path = f"/j/{opened(register())['code']}"
    said = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    page = visit(path, headers=said)
    assert page.text == visit(path).text
    assert f"DINDIN_SERVER={settings.base_url} make client" in page.text


def test_an_invite_to_a_groups_session_names_the_group(
    register: Register, visit: Callable[..., Response]
) -> None:
    ada = register("Ada")
    group = ada.post("/groups", {"name": "Sunday kitchen"}).get_json()
    session = opened(ada, group_id=group["id"])
    assert "Group: Sunday kitchen" in seen(visit(f"/j/{session['code']}"))
    ada.post(f"/groups/{group['id']}/leave")  # with its last member the group goes
    assert "Group:" not in seen(visit(f"/j/{session['code']}"))


def test_a_groups_invite_says_who_invites_and_to_what(
    register: Register, visit: Callable[..., Response]
) -> None:
    group = register("Ada").post("/groups", {"name": "Sunday kitchen"}).get_json()
    token = group["invite_link"].rpartition("/")[2]
    page = visit(f"/g/{token}")
    assert page.status_code == 200
    assert "Ada invites you to “Sunday kitchen”" in seen(page)
    assert "1 member" in seen(page)
    assert f'href="dindin://group/{token}"' in page.text
    assert group["invite_link"] in page.text
    assert page.headers["Cache-Control"] == "no-store"
    register("Bo").post("/groups/join", {"token": token})
    assert "2 members" in seen(visit(f"/g/{token}"))


def test_a_group_whose_owner_has_no_account_any_more_still_invites(
    register: Register, visit: Callable[..., Response], services: svcs.Container
) -> None:
    ada = register("Ada")
    token = ada.post("/groups", {"name": "Sunday kitchen"}).get_json()["invite_link"].rpartition("/")[2]
    services.get(Accounts).delete(ObjectId(ada.id))
    assert "You are invited to “Sunday kitchen”" in seen(visit(f"/g/{token}"))


@pytest.mark.security
def test_a_groups_old_link_looks_like_one_that_never_was(
    register: Register, visit: Callable[..., Response]
) -> None:
    ada = register("Ada")
    group = ada.post("/groups", {"name": "Sunday kitchen"}).get_json()
    ada.post(f"/groups/{group['id']}/invite")
    old = visit(f"/g/{group['invite_link'].rpartition('/')[2]}")
    assert old.status_code == 404
    assert "No group behind this link" in seen(old)
    for token in ("nothing", "$ne", "a" * 101, "%00"):
        assert (visit(f"/g/{token}").status_code, visit(f"/g/{token}").text) == (404, old.text)
