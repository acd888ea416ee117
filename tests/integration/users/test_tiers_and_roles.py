"""Tier and role: only operators, by their route or their command, change them (docs/product.md A4)."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest
import svcs
from bson import ObjectId

from backend.config import Settings
from backend.roles import Role
from backend.users.accounts import Accounts
from tests.commands import run, run_from_nothing
from tests.conftest import Account
from tests.environment import environment_of

Register = Callable[..., Account]


@pytest.fixture
def operator(register: Register, services: svcs.Container) -> Account:
    """Somebody who looks after the server."""
    account = register("Olga")
    services.get(Accounts).set_role(ObjectId(account.id), Role.OPERATOR)
    return account


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """In which an operator types `python -m backend user ...`."""
    return environment_of(settings, LOG_LEVEL="WARNING")


def test_an_operator_makes_somebody_pro(operator: Account, register: Register) -> None:
    ada = register("Ada")
    answer = operator.put(f"/admin/users/{ada.id}/tier", {"tier": "pro"})
    assert (answer.status_code, answer.get_json()["tier"]) == (200, "pro")
    assert ada.get("/users/me").get_json()["tier"] == "pro"
    for _ in range(2):  # and pro users take part in any number of sessions
        assert ada.post("/sessions", {"menu": "both"}).status_code == 201


@pytest.mark.security
def test_nobody_else_does(register: Register) -> None:
    ada = register("Ada")
    refused = ada.put(f"/admin/users/{ada.id}/tier", {"tier": "pro"})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "operator_only")
    assert ada.get("/users/me").get_json()["tier"] == "free"


def test_bad_input_changes_nothing(operator: Account, register: Register) -> None:
    ada = register("Ada")
    assert operator.put(f"/admin/users/{ada.id}/tier", {"tier": "gold"}).status_code == 422
    nobody = operator.put(f"/admin/users/{ObjectId()}/tier", {"tier": "pro"})
    assert (nobody.status_code, nobody.get_json()["code"]) == (404, "user_not_found")
    assert ada.get("/users/me").get_json()["tier"] == "free"


@pytest.mark.security
def test_who_is_no_operator_any_more_is_refused_at_once(operator: Account, services: svcs.Container) -> None:
    services.get(Accounts).set_role(ObjectId(operator.id), Role.USER)
    assert operator.put(f"/admin/users/{operator.id}/tier", {"tier": "pro"}).status_code == 403


def test_the_command_changes_tier_and_role(
    environment: dict[str, str], register: Register, services: svcs.Container
) -> None:
    def command(*arguments: str) -> CompletedProcess[str]:
        return run("backend", "user", *arguments, env=environment)

    ada = register("Ada")
    unconfirmed = command(ada.email, "--tier", "pro")
    assert unconfirmed.returncode == 1
    assert "by its id instead" in unconfirmed.stderr
    services.get(Accounts).confirm_email(ObjectId(ada.id), ada.email)
    done = command(ada.email.upper(), "--tier", "pro", "--role", "operator")
    assert done.stdout == f"{ada.id} {ada.email} tier=pro role=operator\n", done.stderr
    assert ada.get("/users/me").get_json()["role"] == "operator"


def test_the_command_says_what_is_wrong(environment: dict[str, str], services: svcs.Container) -> None:
    guest = services.get(Accounts).open_guest("Gus")
    refused = run_from_nothing("backend", "user", str(guest.id), "--role", "operator", env=environment)
    assert (refused.returncode, refused.stderr) == (1, "Guests must make an account first.\n")
    nobody = run("backend", "user", str(ObjectId()), env=environment)
    assert (nobody.returncode, nobody.stderr) == (1, "This account does not exist any more.\n")
