"""Whoever is going to be erased hears of it when that is cancelled: a copied token must not do it unnoticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Account
from tests.post_office import Mail, PostOffice

pytestmark = [pytest.mark.compliance, pytest.mark.security]

SUBJECT = "Your account will not be erased"


@pytest.fixture
def leaving(register: Callable[..., Account], post_office: PostOffice) -> Account:
    """Somebody who has asked to be erased, and was told so."""
    ada = register("Ada")
    asked = ada.post("/compliance/erasure", {"password": ada.password})
    assert asked.get_json()["status"] == "scheduled"
    assert post_office.last_to(ada.email).subject == "Your account will be erased"
    return ada


def told(post_office: PostOffice, account: Account) -> list[Mail]:
    return [mail for mail in post_office.mails_to(account.email) if mail.subject == SUBJECT]


def cancel(account: Account) -> None:
    assert account.http.delete("/api/v1/compliance/erasure", headers=account.headers).status_code == 204


def test_a_mail_says_so_and_what_to_do_if_it_was_somebody_else(
    leaving: Account, post_office: PostOffice
) -> None:
    assert told(post_office, leaving) == []
    cancel(leaving)
    (mail,) = told(post_office, leaving)
    assert "cancelled just now" in mail.text
    assert "If it was not you" in mail.text
    assert "Forgot password" in mail.text
    assert "token=" not in mail.text


def test_the_link_of_the_mail_is_no_quiet_way_either(leaving: Account, post_office: PostOffice) -> None:
    token = post_office.last_to(leaving.email).text.split("token=")[1].split()[0]
    kept = leaving.http.post("/account/keep", data={"token": token})
    assert kept.status_code == 200
    assert len(told(post_office, leaving)) == 1


def test_there_is_no_mail_where_nothing_was_cancelled(
    register: Callable[..., Account], leaving: Account, post_office: PostOffice
) -> None:
    bo = register("Bo")
    cancel(bo)
    assert told(post_office, bo) == []
    cancel(leaving)
    cancel(leaving)
    assert len(told(post_office, leaving)) == 1
