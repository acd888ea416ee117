"""Every page in every state can be read and used: in both themes, on small screens, with large text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import svcs
from bson import ObjectId

from backend.users.service import UserService
from tests.addresses import somebody
from tests.browser.visitor import LARGE_TEXT, Visitor
from tests.conftest import Account
from tests.post_office import PostOffice

pytestmark = pytest.mark.browser

_TARGET = 44  # docs/product.md K8
_LONG_NAME = "Wolfeschlegelsteinhausenbergerdorffdamen"


@dataclass(frozen=True)
class Way:
    """What it takes to get to a page."""

    visitor: Visitor
    register: Callable[..., Account]
    services: svcs.Container
    post_office: PostOffice

    def host(self, name: str = "Ada") -> Account:
        """Somebody with this name."""
        host = self.register()
        self.services.get(UserService).rename(ObjectId(host.id), name)
        return host

    def session(self, host: Account, **wanted: object) -> None:
        """The invite of a session."""
        session = host.post("/sessions", {"menu": "both", **wanted}).get_json()
        self.visitor.open(f"/j/{session['code']}")

    def group(self, name: str, owner: Account) -> None:
        """The invite of a group."""
        link = owner.post("/groups", {"name": name}).get_json()["invite_link"]
        self.visitor.follow(link)

    def mail(self, about: str) -> Account:
        """Where the link of a mail leads; whose it is."""
        ada = self.host()
        if about == "reset":
            forgotten = {"email": ada.email}
            somebody(ada.http.application).post("/api/v1/auth/password/forgot", json=forgotten)
        self.visitor.follow(self.post_office.last_to(ada.email).link)
        return ada

    def confirmed(self) -> None:
        """After the address was confirmed."""
        ada = self.mail("confirm")
        self.visitor.find("#password").send_keys(ada.password)
        self.visitor.press()

    def wrong_password(self) -> None:
        """The form that confirms, after a password that was not the account's."""
        self.mail("confirm")
        self.visitor.find("#password").send_keys("somebody else's")
        self.visitor.press()

    def asked_to_be_erased(self) -> None:
        """The button that keeps an account."""
        ada = self.register()
        assert ada.post("/compliance/erasure", {"password": ada.password}).status_code == 202
        self.visitor.follow(self.post_office.last_to(ada.email).link)

    def kept(self) -> None:
        """After that button."""
        self.asked_to_be_erased()
        self.visitor.press()

    def too_short(self) -> None:
        """The form of a new password, after one that was too short."""
        self.mail("reset")
        self.visitor.chromium.execute_script("document.querySelector('form').noValidate = true")
        self.visitor.press()

    def full_table(self) -> None:
        """The invite of a group's session where nobody else has a place."""
        ada = self.host(_LONG_NAME)
        group = ada.post("/groups", {"name": _LONG_NAME}).get_json()["id"]
        session = ada.post("/sessions", {"menu": "both", "group_id": group}).get_json()
        for _ in range(4):
            self.register("Bo").post("/sessions/join", {"code": session["code"]})
        self.visitor.open(f"/j/{session['code']}")


PAGES: dict[str, Callable[[Way], object]] = {
    "home": lambda way: way.visitor.open("/"),
    "invite": lambda way: way.session(way.host()),
    "full table, long names": Way.full_table,
    "no session": lambda way: way.visitor.open("/j/ABC234"),
    "group": lambda way: way.group("Sunday kitchen", way.host()),
    "group, long names": lambda way: way.group(_LONG_NAME, way.host(_LONG_NAME)),
    "no group": lambda way: way.visitor.open("/g/nothing"),
    "confirm": lambda way: way.mail("confirm"),
    "confirm, wrong password": Way.wrong_password,
    "confirmed": Way.confirmed,
    "reset": lambda way: way.mail("reset"),
    "reset, too short": Way.too_short,
    "keep": Way.asked_to_be_erased,
    "kept": Way.kept,
    "bad link": lambda way: way.visitor.open("/account/reset?token=half"),
    "nowhere": lambda way: way.visitor.open("/nowhere"),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_for_everybody(
    page: str,
    visitor: Visitor,
    register: Callable[..., Account],
    services: svcs.Container,
    post_office: PostOffice,
) -> None:
    PAGES[page](Way(visitor, register, services, post_office))
    assert visitor.barriers() == []
    assert visitor.misplaced() == []
    visitor.settle_at(390, 844, dark=True)
    assert visitor.barriers() == []
    assert visitor.misplaced() == []
    assert visitor.small_targets(_TARGET) == []
    visitor.settle_at(320, 640, text=LARGE_TEXT)
    assert visitor.misplaced() == []
    visitor.settle_at(1280, 800, text=LARGE_TEXT)
    assert visitor.misplaced() == []


def test_the_keyboard_reaches_everything(visitor: Visitor, register: Callable[..., Account]) -> None:
    session = register().post("/sessions", {"menu": "both"}).get_json()
    visitor.open(f"/j/{session['code']}")
    assert visitor.tab_through(3) == ["Skip to the content", "DinDin", "Open in the app"]
