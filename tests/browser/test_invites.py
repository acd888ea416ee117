"""Invite pages in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import svcs
from bson import ObjectId

from backend.config import Settings
from backend.users.service import UserService
from tests.browser.visitor import Visitor
from tests.conftest import Account
from tests.qr_pictures import modules_in, wanted_modules

pytestmark = pytest.mark.browser

Register = Callable[..., Account]
_MOST_BYTES = 40_000


def opened(host: Account, **wanted: object) -> dict:
    answer = host.post("/sessions", {"menu": "both", **wanted})
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def test_an_invite_opens_the_app(visitor: Visitor, register: Register) -> None:
    session = opened(register("Ada"), menu="restaurants")
    visitor.open(f"/j/{session['code']}")
    assert visitor.read("h1") == "Ada invites you to dinner"
    assert visitor.read(".facts").splitlines() == ["Restaurants", "1 person so far"]
    button = visitor.find("main .button")
    assert button.text == "Open in the app"
    assert button.get_attribute("href") == f"dindin://join/{session['code']}"
    assert visitor.read(".code strong") == session["code"]


def test_a_groups_invite_opens_the_app(visitor: Visitor, register: Register) -> None:
    link = register("Ada").post("/groups", {"name": "Sunday kitchen"}).get_json()["invite_link"]
    token = link.rpartition("/")[2]
    visitor.open(f"/g/{token}")
    assert visitor.read("h1") == "Ada invites you to “Sunday kitchen”"
    assert visitor.find("main .button").get_attribute("href") == f"dindin://group/{token}"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_phone_can_read_the_code_from_a_desktops_screen(
    visitor: Visitor, register: Register, settings: Settings, dark: bool
) -> None:
    session = opened(register())
    visitor.settle_at(1280, 800, dark=dark)
    visitor.open(f"/j/{session['code']}")
    drawing = visitor.find(".qr svg")
    assert drawing.is_displayed()
    assert visitor.find(".qr [role=img]").accessible_name == "QR code of this invitation's link"
    link = f"{settings.base_url}/j/{session['code']}"
    assert modules_in(drawing.screenshot_as_png, link) == wanted_modules(link)


def test_a_phone_shows_no_code_to_itself(visitor: Visitor, register: Register) -> None:
    visitor.settle_at(390, 844)
    visitor.open(f"/j/{opened(register())['code']}")
    assert not visitor.find(".qr svg").is_displayed()
    assert visitor.find(".code strong").is_displayed()
    button = visitor.find("main .button")
    assert button.location["y"] + button.size["height"] < 844, "seen without scrolling"


@pytest.mark.security
@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "דוד המלך", "👩‍🍳🥘 Ana"])
def test_a_name_is_shown_as_it_is(
    visitor: Visitor, register: Register, services: svcs.Container, name: str
) -> None:
    host = register()
    services.get(UserService).rename(ObjectId(host.id), name)
    visitor.open(f"/j/{opened(host)['code']}")
    assert visitor.read("h1 bdi") == name
    assert visitor.chromium.title == f"Dinner with {name} - DinDin"
    assert visitor.misplaced() == []


def test_an_invite_is_light(visitor: Visitor, register: Register) -> None:
    visitor.chromium.execute_cdp_cmd("Network.clearBrowserCache", {})
    visitor.open(f"/j/{opened(register())['code']}")
    loaded = visitor.loaded()
    for address, size in loaded.items():
        print(f"{size:7,} bytes  {address.removeprefix(visitor.site)}")  # noqa: T201  # a measurement
    assert 0 < sum(loaded.values()) < _MOST_BYTES
