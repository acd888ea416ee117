"""Restoring beside the live database, and rehearsing that: nothing of the live side is touched, nobody hears of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import svcs
from bson import ObjectId

from backend.compliance.erasure.tombstones import FOLDER, Tombstones
from backend.infra.keys import ledger_of
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import storage_of
from backend.users.accounts import Accounts, Identity
from tests.conftest import Account
from tests.integration.backups.documents import everything
from tests.integration.backups.installation import (
    ISSUER,
    Doorbell,
    Installation,
    copy_database,
    doorbell,
    files_below,
    held,
)
from tests.raw_search import Words, find_in_mongo
from worker.backups.aside import prefix_of

pytestmark = pytest.mark.compliance


@pytest.fixture
def bells() -> Iterator[dict[str, Doorbell]]:
    """Where Clerk and the mail server would be."""
    with ExitStack() as open_until_the_end:
        yield {name: open_until_the_end.enter_context(doorbell()) for name in ("clerk", "mail")}


@pytest.fixture
def ada(register: Callable[..., Account], services: svcs.Container) -> Account:
    """Somebody with an account at Clerk whose erasure has just begun: she and Clerk are still to be told."""
    ada, accounts = register("Ada"), services.get(Accounts)
    accounts.confirm_email(ObjectId(ada.id), ada.email)
    accounts.by_identity(Identity(ISSUER, f"user_{ada.id}", ada.email, True, "Ada"))
    asked = ada.post("/compliance/erasure", {"password": ada.password, "immediately": True})
    assert asked.status_code == 202
    return ada


@pytest.fixture
def live(
    installation: Installation, services: svcs.Container, ada: Account, bells: dict[str, Doorbell]
) -> Installation:
    """Has a backup that knows Ada, whose tombstone was put up since, and traces of her everywhere."""
    copy_database(services.get(MongoDatabase), installation.database)
    installation.leave_traces(ada)
    installation.worker("backup")
    own = installation.settings
    tombstones = Tombstones(installation.database, storage_of(own), ledger_of(own))
    storage_of(own).write(f"{FOLDER}/{tombstones.inscription(ObjectId(ada.id))}", b"")
    installation.changed.update(
        SMTP_URL=f"smtp://{bells['mail'].address}",
        CLERK_ISSUER=ISSUER,
        CLERK_AUTHORIZED_PARTIES="https://app.example",
        CLERK_SECRET_KEY="sk_test_secret",
        CLERK_API_URL=f"http://{bells['clerk'].address}",
    )
    return installation


def touched(live: Installation, command: Callable[[], object]) -> list[str]:
    """Which parts of the live side are not what they were before a command."""
    own = live.settings

    def state() -> dict[str, object]:
        return {
            "database": everything(live.database),
            "valkey": held(live.valkey, own.redis_prefix),
            "storage": files_below(Path(own.storage_url)),
            "folder": files_below(own.data_dir),
        }

    before = state()
    command()
    after = state()
    assert all(before.values())
    return [part for part, content in before.items() if after[part] != content]


def test_a_restore_beside_it_touches_nothing(
    live: Installation, other: MongoDatabase, ada: Account, bells: dict[str, Doorbell]
) -> None:
    assert touched(live, lambda: live.worker("restore", "--into", other.name)) == []
    assert [name for name, bell in bells.items() if bell.rang] == []
    assert held(live.valkey, prefix_of(live.settings, other.name)) == {}
    # It did erase her, though, where it was to.
    assert other.recipes.count_documents({}) > 0
    assert list(find_in_mongo(Words(texts=[ada.email], ids=[ada.id]), other)) == []


def test_what_a_killed_one_left_goes_with_the_next(live: Installation, other: MongoDatabase) -> None:
    prefix = prefix_of(live.settings, other.name)
    live.valkey.set(f"{prefix}anything", 1)
    live.valkey.xadd(f"{prefix}audit:queue", {b"e": b"an event of the copy"})
    live.worker("restore", "--into", other.name)
    assert held(live.valkey, prefix) == {}


def test_a_rehearsal_touches_nothing(live: Installation, bells: dict[str, Doorbell]) -> None:
    assert touched(live, lambda: live.worker("rehearse")) == []
    assert [name for name, bell in bells.items() if bell.rang] == []
    scratch = f"{live.database.name}-rehearsal"
    assert scratch not in live.database.client.list_database_names()
    assert held(live.valkey, prefix_of(live.settings, scratch)) == {}
