"""Every door of the real server, gone through by whole clients: guests, mails, and another's log-in page."""

from __future__ import annotations

import email
import email.policy
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from client.config import ClientConfig
from client.net.values import Preferences, User
from client.store.client import Client, open_client
from client.store.state import AppState
from deploy.local.stack import LocalStack
from tests.unmeasured import UNMEASURED
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

PASSWORD = "correct horse battery"
SUBJECT = "grace"


class House(NamedTuple):
    """A server with its post, and the provider that it trusts."""

    address: str
    outbox: Path
    provider: str

    def link_to(self, address: str, page: str) -> str:
        """The token in the newest mail to somebody that leads to a page; waits for the mail."""
        found: list[str] = []

        def arrived() -> bool:
            for path in sorted(self.outbox.glob("*.eml")):
                mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                link = re.search(rf"http\S+{page}\?\S+", mail.get_content())
                if mail["To"] == address and link:
                    found.append(parse_qs(urlsplit(link[0]).query)["token"][0])
            return bool(found)

        eventually(arrived, seconds=30)
        return found[-1]


@contextmanager
def running_provider() -> Iterator[str]:
    """The address of an OpenID provider of others' making, a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]

    def answers() -> bool:
        try:
            return httpx.get(f"{address}/.well-known/openid-configuration").is_success
        except httpx.TransportError:
            return False

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            eventually(answers, seconds=30)
            yield address
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with running_provider() as provider:
        environment = {
            "APP_ENV": "test", "API_RATE_LIMIT": "100000", "OIDC_ISSUER": provider, "OIDC_NAME": "The club",
            "OIDC_CLIENT_ID": "dindin", "OIDC_CLIENT_SECRET": "any secret", **UNMEASURED,
        }  # fmt: skip
        with LocalStack(data_dir=folder, port=0, env=environment, show=lambda *_: None) as stack:
            yield House(stack.base_url, folder / "outbox", provider)


class Surfer:
    """A browser, and the person in front of it who logs in at the provider."""

    def __init__(self, agrees: bool) -> None:
        self._agrees = agrees
        self._threads: list[threading.Thread] = []
        self.last_page = ""

    def open(self, address: str) -> bool:
        self._threads.append(threading.Thread(target=self._surf, args=(address,)))
        self._threads[-1].start()
        return True

    def close(self) -> None:
        for thread in self._threads:
            thread.join(30)

    def _surf(self, address: str) -> None:
        with httpx.Client(follow_redirects=True, headers={"Accept": "text/html"}) as browser:
            form = browser.get(address)
            if self._agrees:
                page = browser.post(str(form.url), data={"sub": SUBJECT})
            else:
                # This provider forgets the state when somebody says no; others must not (RFC 6749, 4.1.2.1).
                asked = form.url.params
                page = browser.get(
                    asked["redirect_uri"], params={"error": "access_denied", "state": asked["state"]}
                )
            self.last_page = page.text


class Visitor:
    """Somebody with the app."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.commands = client.commands

    @property
    def state(self) -> AppState:
        return self.client.store.state

    @property
    def user(self) -> User:
        assert self.state.auth.user is not None
        return self.state.auth.user

    def sees(self, reached: Callable[[AppState], object]) -> None:
        """Wait until the app's state is as wanted and nothing is under way."""
        eventually(lambda: reached(self.state) and not self.state.busy, seconds=30)


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(house: House, tmp_path: Path) -> Iterator[Visit]:
    """Open an app of one's own; all are closed after the test."""
    visitors: list[Visitor] = []

    def new(open_browser: Callable[[str], bool] = lambda _: False) -> Visitor:
        home = tmp_path / str(len(visitors))
        config = ClientConfig(server_url=house.address, home=home, own_home=True)
        visitors.append(Visitor(open_client(config, open_browser=open_browser)))
        return visitors[-1]

    yield new
    for visitor in visitors:
        visitor.commands.shutdown()


def test_a_guest_eats_with_friends_and_keeps_the_account(house: House, visit: Visit) -> None:
    host, guest = visit(), visit()
    host.commands.register("host@example.com", PASSWORD, "Hana")
    host.sees(lambda state: state.auth.status == "signed_in")
    host.commands.create_session("both")
    host.sees(lambda state: state.session)
    assert host.state.session is not None

    guest.commands.enter_as_guest("Dev", host.state.session.code.lower())
    guest.sees(lambda state: state.session and len(state.session.participants) == 2)
    assert guest.user.guest
    guest.commands.close_session()
    guest.commands.create_session("recipes")
    guest.sees(lambda state: state.account_wish)

    guest_id = guest.user.id
    guest.commands.claim("dev@example.com", PASSWORD)
    guest.sees(lambda state: state.account_wish is None)
    assert (guest.user.id, guest.user.role, guest.user.has_to_confirm) == (guest_id, "user", True)

    # The link in the mail is followed in a browser, where the page asks for the password; the app looks again when
    # its window comes back.
    token = house.link_to("dev@example.com", "/account/confirm")
    given = {"token": token, "password": PASSWORD}
    confirmed = httpx.post(f"{house.address}/api/v1/auth/email/verify", json=given)
    assert confirmed.status_code == 200, confirmed.text
    guest.commands.refresh_user()
    guest.sees(lambda state: state.auth.user and state.auth.user.email_confirmed)


def test_diet_is_kept_from_agreeing_until_taking_it_back(visit: Visit) -> None:
    guest = visit()
    guest.commands.load_texts()
    guest.sees(lambda state: {"terms", "privacy"} <= state.texts.keys())
    guest.commands.enter_as_guest("Flo")
    guest.sees(lambda state: state.auth.status == "signed_in")
    guest.commands.load_preferences()
    guest.commands.load_diet_consent()
    guest.sees(lambda state: state.preferences and state.diet_consent)
    vegan = Preferences(("vegan",), ("nuts",), max_price=2)

    guest.commands.save_preferences(vegan)
    guest.sees(lambda state: state.notice and state.notice.kind == "error")
    assert guest.state.preferences == Preferences()

    guest.commands.agree_to_diet()
    guest.sees(lambda state: state.diet_consent and state.diet_consent.up_to_date)
    guest.commands.save_preferences(vegan)
    guest.sees(lambda state: state.preferences == vegan)

    guest.commands.withdraw_diet()
    guest.sees(lambda state: state.diet_consent and not state.diet_consent.given)
    guest.commands.load_preferences()
    guest.sees(lambda state: state.preferences == Preferences(max_price=2))


def test_a_forgotten_password_is_replaced(house: House, visit: Visit) -> None:
    visitor = visit()
    visitor.commands.register("ada@example.com", PASSWORD, "Ada")
    visitor.sees(lambda state: state.auth.status == "signed_in")
    visitor.commands.log_out()
    visitor.sees(lambda state: state.auth.status == "signed_out")
    visitor.commands.forget_password("ada@example.com")
    visitor.sees(lambda state: state.notice)
    token = house.link_to("ada@example.com", "/account/reset")
    fresh = {"token": token, "new": "another horse battery"}
    assert httpx.post(f"{house.address}/api/v1/auth/password/reset", json=fresh).status_code == 204
    visitor.commands.log_in("ada@example.com", PASSWORD)
    visitor.sees(lambda state: state.auth.error)
    visitor.commands.log_in("ada@example.com", "another horse battery")
    visitor.sees(lambda state: state.auth.status == "signed_in")


def test_an_account_is_looked_after(visit: Visit) -> None:
    here, there = visit(), visit()
    here.commands.register("kim@example.com", PASSWORD, "Kim")
    here.sees(lambda state: state.auth.status == "signed_in")
    there.commands.log_in("kim@example.com", PASSWORD)
    there.sees(lambda state: state.auth.status == "signed_in")
    here.commands.load_devices()
    here.sees(lambda state: len(state.devices or ()) == 2)
    assert all(device.name.startswith("DinDin (") for device in here.state.devices or ())

    here.commands.change_password("not my password", "another horse battery")
    here.sees(lambda state: "current" in state.password_form.field_errors)
    here.commands.change_password(PASSWORD, "short")
    here.sees(lambda state: "new" in state.password_form.field_errors)
    here.commands.change_password(PASSWORD, "another horse battery")
    here.sees(lambda state: state.password_form.status == "done" and len(state.devices or ()) == 1)
    there.commands.load_devices()
    there.sees(lambda state: state.auth.status == "signed_out")

    there.commands.log_in("kim@example.com", "another horse battery")
    there.sees(lambda state: state.auth.status == "signed_in")
    here.commands.load_devices()
    here.sees(lambda state: len(state.devices or ()) == 2)
    (other,) = (device for device in here.state.devices or () if not device.current)
    here.commands.log_out_device(other.id)
    here.sees(lambda state: len(state.devices or ()) == 1)
    there.commands.load_devices()
    there.sees(lambda state: state.auth.status == "signed_out")

    here.commands.log_out_everywhere()
    here.sees(lambda state: state.auth.status == "signed_out")
    assert here.client.tokens.load() is None


@pytest.mark.parametrize("agrees", [True, False], ids=["who agrees is in", "who does not is told so"])
def test_the_provider_of_the_house(house: House, visit: Visit, agrees: bool) -> None:
    claims = {"name": "Grace Hopper", "email": "grace@example.com", "email_verified": True}
    assert httpx.put(f"{house.provider}/users/{SUBJECT}", json=claims).is_success
    surfer = Surfer(agrees)
    visitor = visit(surfer.open)
    visitor.commands.load_providers()
    visitor.sees(lambda state: state.providers)
    (provider,) = visitor.state.providers
    assert provider.label == "The club"
    visitor.commands.log_in_through(provider)
    visitor.sees(lambda state: state.auth.status == "signed_in" or state.auth.error)
    surfer.close()
    assert "You can close this window." in surfer.last_page
    if agrees:
        assert (visitor.user.display_name, visitor.user.email) == ("Grace Hopper", "grace@example.com")
        assert not visitor.user.has_to_confirm
    else:
        assert "did not agree" in (visitor.state.auth.error or "")
