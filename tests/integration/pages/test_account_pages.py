"""Where the links of mails lead, as a browser without script uses them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
import svcs
from bson import ObjectId
from flask import Response
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from joserfc import jwt
from joserfc.jwk import OctKey

from backend.audit.trail import AuditTrail
from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from backend.users.accounts import Accounts
from backend.users.service import UserService
from tests.addresses import somebody
from tests.conftest import Account
from tests.post_office import PostOffice
from tests.waiting import eventually

Register = Callable[..., Account]
NEW = "another long enough one"


@pytest.fixture
def browser(app: OpenAPI) -> FlaskClient:
    """A browser at an address of its own."""
    return somebody(app)


def form_of(page: Response) -> dict[str, str]:
    """What the page's form would send as it stands."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in fields}


def path_of(link: str) -> str:
    """The link as a browser asks this server for it."""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def is_confirmed(services: svcs.Container, account: Account) -> bool:
    return services.get(UserService).by_id(ObjectId(account.id)).email_confirmed


def logs_in(browser: FlaskClient, account: Account, password: str) -> bool:
    credentials = {"email": account.email, "password": password}
    return browser.post("/api/v1/auth/login", json=credentials).status_code == 200


@pytest.fixture
def reset_path(post_office: PostOffice, browser: FlaskClient) -> Callable[[Account], str]:
    """Has somebody forget their password, and gives where the mail's link leads."""

    def forget(account: Account) -> str:
        browser.post("/api/v1/auth/password/forgot", json={"email": account.email})
        return path_of(post_office.last_to(account.email).link)

    return forget


def test_an_address_is_confirmed_by_the_button_not_by_opening_the_link(
    register: Register, post_office: PostOffice, browser: FlaskClient, services: svcs.Container
) -> None:
    ada = register()
    path = path_of(post_office.last_to(ada.email).link)
    page = browser.get(path)
    browser.head(path)
    assert (page.status_code, is_confirmed(services, ada)) == (200, False), "programs look mails over"
    assert f"<strong>{ada.email}</strong>" in page.text
    form = {**form_of(page), "password": ada.password}
    done = browser.post("/account/confirm", data=form)
    assert done.status_code == 200
    assert "Your address is confirmed" in done.text
    assert is_confirmed(services, ada)
    assert browser.post("/account/confirm", data=form).status_code == 200, "to reload is harmless"


@pytest.mark.security
@pytest.mark.parametrize("wrong", ["", "not the password", "x" * 129])
def test_without_the_accounts_password_nothing_is_confirmed(
    register: Register, post_office: PostOffice, browser: FlaskClient, services: svcs.Container, wrong: str
) -> None:
    ada = register()
    page = browser.get(path_of(post_office.last_to(ada.email).link))
    again = browser.post("/account/confirm", data={**form_of(page), "password": wrong})
    assert again.status_code in {403, 422}
    assert '<p class="error" id="error">That is not the password' in again.text
    assert form_of(again) == form_of(page)
    assert not is_confirmed(services, ada)


def test_a_forgotten_password_is_replaced(
    register: Register, browser: FlaskClient, reset_path: Callable[[Account], str]
) -> None:
    ada = register()
    path = reset_path(ada)
    page = browser.get(path)
    assert f"<strong>{ada.email}</strong>" in page.text
    done = browser.post("/account/reset", data={**form_of(page), "new": NEW})
    assert done.status_code == 200
    assert "Your new password is saved" in done.text
    assert logs_in(browser, ada, NEW)
    assert not logs_in(browser, ada, ada.password)
    for used in (browser.get(path), browser.post("/account/reset", data={**form_of(page), "new": NEW})):
        assert used.status_code == 403
        assert "This link was used already" in used.text
        assert "Forgot password" in used.text


@pytest.mark.parametrize("wrong", ["", "too short", "x" * 129])
def test_a_password_that_does_not_do_is_said_on_the_form(
    register: Register, browser: FlaskClient, reset_path: Callable[[Account], str], wrong: str
) -> None:
    ada = register()
    page = browser.get(reset_path(ada))
    again = browser.post("/account/reset", data={**form_of(page), "new": wrong})
    assert again.status_code == 422
    assert '<p class="error" id="error">Please use 10 to 128 characters.</p>' in again.text
    assert 'aria-describedby="error rules" aria-invalid="true"' in again.text
    assert form_of(again) == form_of(page)
    assert not wrong or wrong not in again.text
    assert logs_in(browser, ada, ada.password)


def test_a_link_that_is_too_old_says_how_to_get_a_new_one(
    register: Register, browser: FlaskClient, services: svcs.Container
) -> None:
    ada = register()
    user_id, then = ObjectId(ada.id), datetime.now(UTC) - timedelta(days=8)
    signer = services.get(TokenSigner)
    stored = services.get(Accounts).password_of(user_id)
    assert stored
    reset = signer.reset_token(user_id, ada.email, stored.password_hash, then)
    opened = browser.get(f"/account/reset?token={reset}")
    confirm = signer.confirm_token(user_id, ada.email, then)
    pressed = browser.post("/account/confirm", data={"token": confirm})
    for page, way in ((opened, "Forgot password"), (pressed, "have the mail sent again")):
        assert page.status_code == 403
        assert "This link is too old" in page.text
        assert way in page.text


def test_an_address_that_somebody_else_has_confirmed_is_theirs(
    register: Register, browser: FlaskClient, services: svcs.Container
) -> None:
    ada = register()
    claim = {"email": ada.email, "password": NEW, "display_name": "Mallory"}
    other = browser.post("/api/v1/auth/register", json=claim).get_json()["user"]["id"]
    services.get(Accounts).confirm_email(ObjectId(ada.id), ada.email)
    token = services.get(TokenSigner).confirm_token(ObjectId(other), ada.email, datetime.now(UTC))
    refused = browser.post("/account/confirm", data={"token": token, "password": NEW})
    assert refused.status_code == 409
    assert "This address belongs to another account already" in refused.text


@pytest.mark.security
@pytest.mark.parametrize("page", ["confirm", "reset", "keep"])
@pytest.mark.parametrize("token", ["", "half.a.token", "x" * 5000, "\u2603", '"><script>'])
def test_half_a_link_asks_for_the_whole_of_it(browser: FlaskClient, page: str, token: str) -> None:
    answer = browser.post(f"/account/{page}", data={"token": token, "new": NEW})
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "Copy the whole of it" in answer.text
    assert "<script" not in browser.get(f"/account/{page}", query_string={"token": token}).text


@pytest.mark.security
def test_a_token_is_kept_by_nobody_and_sent_nowhere_else(
    register: Register, browser: FlaskClient, reset_path: Callable[[Account], str]
) -> None:
    page = browser.get(reset_path(register()), headers={"Accept-Encoding": "gzip"})
    assert page.headers["Cache-Control"] == "no-store, no-transform"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Content-Encoding" not in page.headers
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert re.findall(r'<form method="post" action="([^"]+)">', page.text) == ["/account/reset"]


@pytest.mark.security
def test_only_pages_with_a_form_may_send_and_take_one(browser: FlaskClient) -> None:
    assert "form-action 'none'" in browser.get("/").headers["Content-Security-Policy"]
    refused = browser.post("/api/v1/auth/login", data={"email": "ada@example.com", "password": "x"})
    assert (refused.status_code, refused.get_json()["code"]) == (415, "unsupported_media_type")
    for content_type in ("multipart/form-data; boundary=x", "text/plain", "application/xml"):
        other = browser.post("/account/confirm", data=b"token=x", content_type=content_type)
        assert other.status_code == 415, content_type


@pytest.mark.security
def test_the_link_in_a_mail_is_below_the_configured_address(
    register: Register, browser: FlaskClient, post_office: PostOffice, settings: Settings
) -> None:
    ada = register()
    said = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    browser.post("/api/v1/auth/password/forgot", json={"email": ada.email}, headers=said)
    assert post_office.last_to(ada.email).link.startswith(f"{settings.base_url}/account/reset?token=")


def erasure_of(account: Account) -> str:
    return str(account.get("/compliance/erasure").get_json()["status"])


@pytest.fixture
def ada(register: Register, post_office: PostOffice) -> Account:  # noqa: ARG001  # what it finds waiting it drops
    """Somebody who has asked to be erased."""
    ada = register()
    assert ada.post("/compliance/erasure", {"password": ada.password}).status_code == 202
    return ada


@pytest.fixture
def keep_path(ada: Account, post_office: PostOffice) -> str:
    """Where the link leads in the mail that tells of the erasure."""
    return path_of(post_office.last_to(ada.email).link)


@pytest.mark.compliance
def test_an_erasure_is_cancelled_by_the_button_not_by_opening_the_link(
    ada: Account, keep_path: str, browser: FlaskClient, services: svcs.Container
) -> None:
    due = ada.get("/compliance/erasure").get_json()["due_at"][:10]
    page = browser.get(keep_path)
    browser.head(keep_path)
    assert (page.status_code, erasure_of(ada)) == (200, "scheduled"), "programs look mails over"
    assert f"<strong>{ada.email}</strong>" in page.text
    assert f">{due}</time>" in page.text
    done = browser.post("/account/keep", data=form_of(page))
    assert (done.status_code, erasure_of(ada)) == (200, "none")
    assert "Your account stays" in done.text
    assert ada.get("/users/me").status_code == 200
    trail = services.get(AuditTrail)
    eventually(
        lambda: "compliance.erasure_cancelled" in {e["action"] for e in trail.history_of(ObjectId(ada.id))}
    )
    for again in (browser.get(keep_path), browser.post("/account/keep", data=form_of(page))):
        assert again.status_code == 409
        assert "the erasure was cancelled already" in again.text


@pytest.mark.compliance
def test_the_link_of_an_earlier_mail_cancels_no_later_erasure(
    ada: Account, keep_path: str, browser: FlaskClient, post_office: PostOffice
) -> None:
    form = form_of(browser.get(keep_path))
    assert ada.http.delete("/api/v1/compliance/erasure", headers=ada.headers).status_code == 204
    assert ada.post("/compliance/erasure", {"password": ada.password}).status_code == 202
    for page in (browser.get(keep_path), browser.post("/account/keep", data=form)):
        assert page.status_code == 409
        assert "open the link of the newest mail" in page.text
    assert erasure_of(ada) == "scheduled"
    newest = form_of(browser.get(path_of(post_office.last_to(ada.email).link)))
    assert browser.post("/account/keep", data=newest).status_code == 200
    assert erasure_of(ada) == "none"


@pytest.mark.compliance
def test_what_has_begun_is_not_cancelled(ada: Account, keep_path: str, browser: FlaskClient) -> None:
    form = form_of(browser.get(keep_path))
    at_once = {"password": ada.password, "immediately": True}
    assert ada.post("/compliance/erasure", at_once).status_code == 202
    for page in (browser.get(keep_path), browser.post("/account/keep", data=form)):
        assert page.status_code == 409
        assert "It is too late" in page.text


@pytest.mark.compliance
def test_the_link_is_good_until_the_day_is_over(
    ada: Account, browser: FlaskClient, services: svcs.Container
) -> None:
    now = datetime.now(UTC)
    user_id, signer = ObjectId(ada.id), services.get(TokenSigner)
    (erasure,) = services.get(MongoDatabase)["erasures"].find({"user": user_id})
    a_second_ago, then = now - timedelta(seconds=1), now - timedelta(days=14)
    old = signer.keep_token(user_id, ada.email, erasure["_id"], a_second_ago, then)
    refused = browser.post("/account/keep", data={"token": old})
    assert (refused.status_code, erasure_of(ada)) == (403, "scheduled")
    assert "This link is too old" in refused.text
    other = signer.confirm_token(user_id, ada.email, now)
    assert browser.post("/account/keep", data={"token": other}).status_code == 403
    assert erasure_of(ada) == "scheduled"


@pytest.mark.compliance
@pytest.mark.parametrize(
    ("seconds_later", "outcome"),
    [
        (0, (200, "none", "was cancelled already")),
        (-2, (403, "scheduled", "open the link of the newest one")),
    ],
    ids=["of this erasure", "of an earlier one"],
)
def test_a_link_of_the_version_before_names_no_erasure_and_is_good_for_the_one_it_told_of(
    ada: Account,
    browser: FlaskClient,
    services: svcs.Container,
    seconds_later: int,
    outcome: tuple[int, str, str],
) -> None:
    status, left, said_then = outcome
    (erasure,) = services.get(MongoDatabase)["erasures"].find({"user": ObjectId(ada.id)})
    sent, until = int(erasure["requested_at"].timestamp()) + seconds_later, erasure["due_at"]
    about = {"iss": "dindin", "typ": "keep", "sub": ada.id, "email": ada.email}
    key = OctKey.import_key(services.get(Settings).secret_key.get_secret_value().encode())
    old = jwt.encode({"alg": "HS256"}, {**about, "iat": sent, "exp": int(until.timestamp())}, key)
    assert browser.get("/account/keep", query_string={"token": old}).status_code == status
    done = browser.post("/account/keep", data={"token": old})
    assert (done.status_code, erasure_of(ada)) == (status, left)
    assert said_then in browser.post("/account/keep", data={"token": old}).text
    assert erasure_of(ada) == left
