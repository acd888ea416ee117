"""What people do with groups over HTTP, in one word each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from backend.infra.mongo import MongoDatabase
from backend.users.accounts import Accounts
from tests.conftest import Account

Register = Callable[..., Account]
Group = dict[str, Any]


def founded(owner: Account, name: str = "Home") -> Group:
    """A new group."""
    answer = owner.post("/groups", {"name": name})
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def token_of(group: Group) -> str:
    """The secret part of its invite link."""
    return group["invite_link"].rpartition("/g/")[2]


def join(account: Account, group: Group) -> Any:
    """Try to join by the link that `group` shows."""
    return account.post("/groups/join", {"token": token_of(group)})


def joined(account: Account, group: Group) -> Group:
    """The group once somebody has joined it."""
    answer = join(account, group)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def send(account: Account, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Any method below /api/v1."""
    return account.http.open(f"/api/v1{path}", method=method, headers=account.headers, json=body)


def names(group: Group) -> list[str]:
    """Its members, longest first."""
    return [member["display_name"] for member in group["members"]]


def crowd(database: MongoDatabase, group: Group, count: int) -> None:
    """Let so many join whom nobody knows: to register fifty would take long."""
    members = [{"user_id": ObjectId(), "joined_at": datetime.now(UTC)} for _ in range(count)]
    database["groups"].update_one({"_id": ObjectId(group["id"])}, {"$push": {"members": {"$each": members}}})


def make_pro(accounts: Accounts, *people: Account) -> None:
    """Let them be in any number of groups."""
    for one in people:
        accounts.set_tier(ObjectId(one.id), "pro")
