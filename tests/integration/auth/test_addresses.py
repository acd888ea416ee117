"""Whose address it is: whoever confirms it; and nobody learns whether it is known (docs/decisions/0010)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import svcs
from bson import ObjectId
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.errors import Conflict
from backend.users.accounts import Accounts, Identity
from tests.addresses import somebody
from tests.conftest import Account
from tests.post_office import PostOffice

Register = Callable[..., Account]
PASSWORD = "a long enough one"


@pytest.fixture
def door(app: OpenAPI) -> FlaskClient:
    """An anonymous client from an address of its own."""
    return somebody(app)


def sign_up(door: FlaskClient, email: str, password: str = PASSWORD, name: str = "Ada") -> object:
    body = {"email": email, "password": password, "display_name": name}
    return door.post("/api/v1/auth/register", json=body)


def log_in(door: FlaskClient, email: str, password: str = PASSWORD) -> object:
    return door.post("/api/v1/auth/login", json={"email": email, "password": password})


def confirm(door: FlaskClient, token: object, password: str = PASSWORD) -> object:
    return door.post("/api/v1/auth/email/verify", json={"token": token, "password": password})


def user_of(answer: object) -> str:
    return answer.get_json()["user"]["id"]


@pytest.fixture
def owner(register: Register, post_office: PostOffice) -> Account:
    """Somebody who has confirmed their address."""
    ada = register("Ada")
    assert confirm(ada.http, post_office.last_to(ada.email).token, ada.password).status_code == 200
    return ada


def test_registering_brings_a_mail_whose_link_confirms_the_address(
    register: Register, post_office: PostOffice
) -> None:
    ada = register("Ada")
    mail = post_office.last_to(ada.email)
    assert mail.subject == "Confirm your e-mail address"
    assert mail.text.startswith("Hello,\r\n")  # nobody knows yet whether the name is the reader's
    assert mail.link.startswith("http://127.0.0.1:8000/account/confirm?token=")
    assert ada.get("/users/me").get_json()["email_confirmed"] is False
    for _ in range(2):  # people press buttons twice
        assert confirm(ada.http, mail.token, ada.password).get_json()["email_confirmed"] is True
    assert ada.get("/users/me").get_json()["email_confirmed"] is True


def test_the_mail_can_be_asked_for_again_until_the_address_is_confirmed(
    register: Register, post_office: PostOffice
) -> None:
    ada = register("Ada")
    assert ada.post("/auth/email/confirmation").status_code == 202
    mails = post_office.mails_to(ada.email)
    assert len(mails) == 2
    confirm(ada.http, mails[0].token, ada.password)
    assert ada.post("/auth/email/confirmation").status_code == 202
    assert len(post_office.mails_to(ada.email)) == 2


def test_registering_again_with_the_same_password_is_logging_in(
    door: FlaskClient, register: Register, post_office: PostOffice
) -> None:
    ada = register("Ada")
    post_office.deliver()
    again = sign_up(door, ada.email, ada.password, "Ada again")
    assert again.status_code == 201
    assert again.get_json()["user"] == ada.tokens["user"]
    assert post_office.waiting() == []


@pytest.mark.security
def test_registering_with_the_address_of_somebody_else_looks_as_with_a_new_one(
    door: FlaskClient, owner: Account
) -> None:
    new, taken = sign_up(door, f"{secrets.token_hex(8)}@example.com"), sign_up(door, owner.email)
    assert (new.status_code, taken.status_code) == (201, 201)
    assert set(new.get_json()["user"]) == set(taken.get_json()["user"])
    assert {name for name, _ in new.headers} == {name for name, _ in taken.headers}
    assert taken.get_json()["user"]["email_confirmed"] is False
    assert user_of(taken) != owner.id
    # The claim can even log in, as a new account could.
    assert user_of(log_in(door, owner.email)) == user_of(taken)
    assert user_of(log_in(door, owner.email, owner.password)) == owner.id


@pytest.mark.security
def test_the_owner_hears_of_a_second_registration_and_gives_nothing_away(
    door: FlaskClient, owner: Account, post_office: PostOffice
) -> None:
    sign_up(door, owner.email, name="Mallory")
    mail = post_office.last_to(owner.email)
    assert mail.subject == "You have an account already"
    assert "/account/" not in mail.text


@pytest.mark.security
def test_who_registers_first_does_not_block_the_one_who_confirms(
    door: FlaskClient, post_office: PostOffice
) -> None:
    email = f"{secrets.token_hex(8)}@example.com"
    squatter = sign_up(door, email, "the squatter's one", "Mallory")
    post_office.deliver()
    ada = sign_up(door, email, name="Ada")
    assert confirm(door, post_office.last_to(email).token).get_json()["id"] == user_of(ada)
    assert user_of(log_in(door, email)) == user_of(ada) != user_of(squatter)
    refused = confirm(door, post_office.mails_to(email)[0].token, "the squatter's one")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "email_taken")


def test_of_two_who_confirm_at_once_one_gets_the_address(services: svcs.Container) -> None:
    accounts = services.get(Accounts)
    email = f"{secrets.token_hex(8)}@example.com"
    claims = [accounts.open(email, "a hash", "Ada").id for _ in range(8)]

    def try_it(user_id: ObjectId) -> bool:
        try:
            return accounts.confirm_email(user_id, email).email_confirmed
        except Conflict:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(try_it, claims)) == [False] * 7 + [True]


def test_a_log_in_reaches_the_newest_claim_and_an_older_one_lives_on_its_tokens(
    door: FlaskClient, register: Register
) -> None:
    older = register("Ada")
    newer = sign_up(door, older.email, "another long one")
    assert user_of(log_in(door, older.email, "another long one")) == user_of(newer)
    assert log_in(door, older.email, older.password).status_code == 401
    assert older.get("/users/me").status_code == 200


@pytest.mark.security
def test_which_claims_can_be_logged_in_to_does_not_tell_that_there_is_an_owner(
    door: FlaskClient, owner: Account
) -> None:
    def outcomes(email: str) -> list[int]:
        tried = ("the first claim's", "the second claim's")
        for password in tried:
            sign_up(door, email, password)
        return [log_in(door, email, password).status_code for password in tried]

    assert outcomes(owner.email) == outcomes(f"{secrets.token_hex(8)}@example.com")


@pytest.mark.security
def test_the_button_in_the_mail_does_not_give_the_address_to_who_registered_with_it(
    door: FlaskClient, post_office: PostOffice
) -> None:
    email = f"{secrets.token_hex(8)}@example.com"
    squatter = sign_up(door, email, "mallory's own one", "Ada")
    refused = confirm(door, post_office.last_to(email).token, "what Ada would choose")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "wrong_password")
    bearer = {"Authorization": f"Bearer {squatter.get_json()['access_token']}"}
    assert door.get("/api/v1/users/me", headers=bearer).get_json()["email_confirmed"] is False


@pytest.mark.security
@pytest.mark.parametrize(
    ("one", "other"), [("anna@gro\u00df.de", "anna@gross.de"), ("\u017fam@example.com", "sam@example.com")]
)
def test_addresses_that_only_look_alike_are_two(services: svcs.Container, one: str, other: str) -> None:
    accounts = services.get(Accounts)
    one, other = (f"{secrets.token_hex(4)}{address}" for address in (one, other))
    for address in (one, other):
        assert accounts.confirm_email(accounts.open(address, "a hash", "Anna").id, address).email_confirmed
    elsewhere = Identity("https://issuer.example", secrets.token_hex(4), one, True, "Anna")
    assert accounts.by_identity(elsewhere).email == one


@pytest.mark.security
@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 2049, None, 7, {"$ne": ""}])
def test_what_is_no_token_of_a_mail(door: FlaskClient, token: object) -> None:
    for answer in (
        confirm(door, token),
        door.post("/api/v1/auth/password/reset", json={"token": token, "new": PASSWORD}),
    ):
        assert answer.status_code in {403, 422}
        assert answer.content_type == "application/problem+json"


@pytest.mark.security
def test_no_other_token_of_ours_stands_in_for_that_of_a_mail(
    register: Register, post_office: PostOffice
) -> None:
    ada = register("Ada")
    confirming = post_office.last_to(ada.email).token
    for token in (ada.tokens["access_token"], ada.tokens["refresh_token"]):
        assert confirm(ada.http, token, ada.password).get_json()["code"] == "link_not_valid"
    reset = ada.http.post("/api/v1/auth/password/reset", json={"token": confirming, "new": PASSWORD})
    assert reset.get_json()["code"] == "link_not_valid"
    as_bearer = ada.http.get("/api/v1/users/me", headers={"Authorization": f"Bearer {confirming}"})
    assert as_bearer.status_code == 401
