"""From a mail to an account that works again, with a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import svcs
from bson import ObjectId
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.users.service import UserService
from tests.addresses import somebody
from tests.browser.visitor import Visitor
from tests.conftest import Account
from tests.post_office import Mail, PostOffice

pytestmark = pytest.mark.browser

Register = Callable[..., Account]
NEW = "another long enough one"


@pytest.fixture
def app_of_hers(app: OpenAPI) -> FlaskClient:
    """What the app would ask the server."""
    return somebody(app)


@pytest.fixture
def forgetful(register: Register, post_office: PostOffice, app_of_hers: FlaskClient) -> tuple[Account, Mail]:
    """Somebody who forgot their password, and the mail about it."""
    ada = register("Ada")
    asked = app_of_hers.post("/api/v1/auth/password/forgot", json={"email": ada.email})
    assert asked.status_code == 202
    return ada, post_office.last_to(ada.email)


def logs_in(app_of_hers: FlaskClient, account: Account, password: str) -> bool:
    credentials = {"email": account.email, "password": password}
    return app_of_hers.post("/api/v1/auth/login", json=credentials).status_code == 200


def test_the_mail_of_a_new_account_confirms_its_address(
    visitor: Visitor, register: Register, post_office: PostOffice, services: svcs.Container
) -> None:
    ada = register("Ada")
    visitor.follow(post_office.last_to(ada.email).link)
    assert visitor.read("h1") == "Is this your address?"
    visitor.find("#password").send_keys("somebody else's")
    visitor.press()
    assert visitor.read("#error").startswith("That is not the password")
    visitor.find("#password").send_keys(ada.password)
    visitor.press()
    assert visitor.read("h1") == "Your address is confirmed"
    assert services.get(UserService).by_id(ObjectId(ada.id)).email_confirmed


def test_a_forgotten_password_is_replaced(
    visitor: Visitor, forgetful: tuple[Account, Mail], app_of_hers: FlaskClient
) -> None:
    ada, mail = forgetful
    visitor.follow(mail.link)
    field = visitor.find("#new")
    assert field.accessible_name == "New password"
    field.send_keys(NEW)
    visitor.press()
    assert visitor.read("h1") == "Your new password is saved"
    assert "token" not in visitor.chromium.current_url
    assert logs_in(app_of_hers, ada, NEW)
    visitor.follow(mail.link)
    assert visitor.read("h1") == "This link does not work"


def test_a_password_that_is_too_short_does_not_leave_the_page(
    visitor: Visitor, forgetful: tuple[Account, Mail], app_of_hers: FlaskClient
) -> None:
    ada, mail = forgetful
    visitor.follow(mail.link)
    visitor.find("#new").send_keys("too short")
    visitor.find("main .button").click()
    assert visitor.read("h1") == "Choose a new password"
    assert visitor.find("#new:invalid").is_displayed(), "the browser itself holds it back"

    # As in a browser that knows nothing of lengths.
    visitor.chromium.execute_script("document.querySelector('form').noValidate = true")
    visitor.press()
    assert visitor.read(".error") == "Please use 10 to 128 characters."
    field = visitor.find("#new")
    assert field == visitor.chromium.switch_to.active_element
    assert field.get_attribute("value") == ""
    field.send_keys(NEW)
    visitor.press()
    assert visitor.read("h1") == "Your new password is saved"
    assert logs_in(app_of_hers, ada, NEW)
