"""Changing a password, and choosing a new one by mail."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import svcs
from bson import ObjectId
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.auth.accounts import AccountService
from backend.auth.mails import AccountMails, MailKind
from backend.auth.service import AuthService, LoggedIn
from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.users.accounts import Accounts
from backend.users.service import UserProfile
from tests.addresses import somebody
from tests.conftest import Account
from tests.post_office import PostOffice

Register = Callable[..., Account]
NEW = "another long enough one"


@pytest.fixture
def door(app: OpenAPI) -> FlaskClient:
    """An anonymous client from an address of its own."""
    return somebody(app)


def log_in(door: FlaskClient, email: str, password: str) -> object:
    return door.post("/api/v1/auth/login", json={"email": email, "password": password})


def forget(door: FlaskClient, email: str) -> object:
    return door.post("/api/v1/auth/password/forgot", json={"email": email})


def reset(door: FlaskClient, token: str, new: str = NEW) -> object:
    return door.post("/api/v1/auth/password/reset", json={"token": token, "new": new})


@pytest.fixture
def reset_token(register: Register, post_office: PostOffice, door: FlaskClient) -> tuple[Account, str]:
    """Somebody who forgot their password, and the token of the mail they got."""
    ada = register("Ada")
    forget(door, ada.email.upper())
    mail = post_office.last_to(ada.email)
    assert mail.subject == "Choose a new password"
    return ada, mail.token


def test_changing_the_password_ends_every_other_log_in(
    door: FlaskClient, register: Register, post_office: PostOffice
) -> None:
    ada = register("Ada")
    elsewhere = log_in(door, ada.email, ada.password).get_json()["access_token"]
    assert ada.post("/auth/password", {"current": ada.password, "new": NEW}).status_code == 204
    assert ada.get("/users/me").status_code == 200
    assert door.get("/api/v1/users/me", headers={"Authorization": f"Bearer {elsewhere}"}).status_code == 401
    assert log_in(door, ada.email, ada.password).status_code == 401
    assert log_in(door, ada.email, NEW).status_code == 200
    assert post_office.last_to(ada.email).subject == "Your password was changed"


def test_a_wrong_password_changes_nothing(door: FlaskClient, register: Register) -> None:
    ada = register("Ada")
    refused = ada.post("/auth/password", {"current": "a wrong guess", "new": NEW})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "wrong_password")
    too_short = ada.post("/auth/password", {"current": ada.password, "new": "short"})
    assert [error["field"] for error in too_short.get_json()["errors"]] == ["new"]
    assert log_in(door, ada.email, ada.password).status_code == 200


def test_a_mail_lets_one_choose_a_new_password_and_ends_all_log_ins(
    door: FlaskClient, reset_token: tuple[Account, str], post_office: PostOffice
) -> None:
    ada, token = reset_token
    assert reset(door, token).status_code == 204
    assert ada.get("/users/me").status_code == 401
    again = log_in(door, ada.email, NEW)
    assert (
        again.get_json()["user"]["email_confirmed"] is True
    )  # the mail has arrived, so the address is theirs
    assert log_in(door, ada.email, ada.password).status_code == 401
    assert post_office.last_to(ada.email).subject == "Your password was changed"


@pytest.mark.security
def test_a_link_is_good_once(door: FlaskClient, reset_token: tuple[Account, str]) -> None:
    ada, token = reset_token
    assert reset(door, token).status_code == 204
    again = reset(door, token, "a third long enough one")
    assert (again.status_code, again.get_json()["code"]) == (403, "link_not_valid")
    assert log_in(door, ada.email, NEW).status_code == 200


@pytest.mark.security
def test_a_link_is_not_good_any_more_once_the_password_was_changed(
    door: FlaskClient, reset_token: tuple[Account, str]
) -> None:
    ada, token = reset_token
    ada.post("/auth/password", {"current": ada.password, "new": "a third long enough one"})
    assert reset(door, token).get_json()["code"] == "link_not_valid"


@pytest.mark.security
def test_a_link_is_good_for_an_hour(
    door: FlaskClient, register: Register, settings: Settings, services: svcs.Container
) -> None:
    ada = register("Ada")
    stored = services.get(Accounts).password_of(ObjectId(ada.id))
    assert stored is not None
    signer = TokenSigner(settings)
    made = datetime.now(UTC)
    for age, status in ((timedelta(minutes=61), 403), (timedelta(minutes=58), 204)):
        token = signer.reset_token(ObjectId(ada.id), ada.email, stored.password_hash, made - age)
        answer = reset(door, token)
        assert answer.status_code == status
        assert status == 204 or answer.get_json()["code"] == "link_expired"


@pytest.mark.security
def test_forgetting_says_the_same_for_an_address_that_nobody_has(
    door: FlaskClient, register: Register, post_office: PostOffice
) -> None:
    ada, nobody = register("Ada"), f"{secrets.token_hex(8)}@example.com"
    post_office.deliver()
    known, unknown = forget(door, ada.email), forget(door, nobody)
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data) == (202, b"")
    told = post_office.waiting()
    assert [one["about"] for one in told] == [MailKind.RESET, MailKind.RESET]  # as much work for either
    assert ada.email not in repr(told)
    assert nobody not in repr(told)


def test_a_mail_to_nobody_is_not_sent(door: FlaskClient, post_office: PostOffice) -> None:
    nobody = f"{secrets.token_hex(8)}@example.com"
    forget(door, nobody)
    assert post_office.mails_to(nobody) == []


@pytest.mark.security
def test_the_owner_of_an_address_gets_the_link_not_who_claims_it(
    door: FlaskClient, reset_token: tuple[Account, str], post_office: PostOffice
) -> None:
    ada, token = reset_token
    reset(door, token)
    claim = {"email": ada.email, "password": "mallory's own one", "display_name": "Mallory"}
    assert door.post("/api/v1/auth/register", json=claim).status_code == 201
    forget(door, ada.email)
    assert reset(door, post_office.last_to(ada.email).token, "a third long enough one").status_code == 204
    assert log_in(door, ada.email, "a third long enough one").get_json()["user"]["id"] == ada.id


@pytest.mark.security
@pytest.mark.parametrize("reset_it", [False, True], ids=["changed", "reset by mail"])
def test_a_log_in_under_way_does_not_outlive_the_password_that_it_came_with(
    door: FlaskClient,
    reset_token: tuple[Account, str],
    services: svcs.Container,
    monkeypatch: pytest.MonkeyPatch,
    reset_it: bool,
) -> None:
    ada, token = reset_token
    auth, own_accounts = services.get(AuthService, AccountService)
    open_session = auth.open_session

    def slowly(user: UserProfile, user_agent: str) -> LoggedIn:
        """The password was compared; now it is replaced, before the log-in is there."""
        monkeypatch.undo()
        if reset_it:
            own_accounts.reset_password(token, NEW)
        else:
            own_accounts.change_password(auth.identify(ada.tokens["access_token"]), ada.password, NEW)
        return open_session(user, user_agent)

    monkeypatch.setattr(auth, "open_session", slowly)
    late = log_in(door, ada.email, ada.password)
    assert (late.status_code, late.get_json()["code"]) == (401, "wrong_credentials")
    bearer = log_in(door, ada.email, NEW).get_json()["access_token"]
    devices = door.get("/api/v1/users/me/devices", headers={"Authorization": f"Bearer {bearer}"})
    assert len(devices.get_json()["items"]) == (1 if reset_it else 2)


@pytest.mark.security
def test_mails_of_one_kind_do_not_keep_another_from_arriving(
    register: Register, post_office: PostOffice, door: FlaskClient, services: svcs.Container
) -> None:
    ada = register("Ada")
    for _ in range(12):
        services.get(AccountMails).send(MailKind.CONFIRM, ObjectId(ada.id))
    forget(door, ada.email)
    assert post_office.last_to(ada.email).subject == "Choose a new password"


@pytest.mark.security
def test_one_address_does_not_get_flooded(
    door: FlaskClient, register: Register, post_office: PostOffice
) -> None:
    ada = register("Ada")
    for _ in range(14):
        forget(door, ada.email)
    subjects = [mail.subject for mail in post_office.mails_to(ada.email)]
    assert subjects.count("Choose a new password") == 10
