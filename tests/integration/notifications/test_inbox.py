"""Everybody's own inbox over HTTP: what is in it, what is read, what is not wanted (docs/product.md M5, A5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import svcs
from bson import ObjectId

from backend.config import Settings
from backend.infra import valkey
from backend.infra.clock import SystemClock
from backend.infra.event_bus import EventBus
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Breaker
from backend.notifications.kinds import Kind, News
from backend.notifications.service import MOST_KEPT, NotificationService
from backend.notifications.store import NotificationStore
from backend.users.service import UserService
from tests.conftest import Account
from tests.integration.groups.acting import Register


@pytest.fixture
def notifications(services: svcs.Container) -> NotificationService:
    return services.get(NotificationService)


def news(number: int = 1, kind: Kind = Kind.GROUP_JOINED) -> News:
    name = f"News {number}"
    return News(
        kind, key=f"{kind}:{number}", data={"display_name": name, "host_name": name, "group_name": "Home"}
    )


def said(number: int) -> str:
    return f"News {number} has joined Home."


def me(account: Account) -> ObjectId:
    return ObjectId(account.id)


def inbox(account: Account, query: str = "") -> dict:
    answer = account.get(f"/users/me/notifications{query}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def texts(account: Account, query: str = "") -> list[str]:
    return [item["text"] for item in inbox(account, query)["items"]]


class TestReading:
    """Newest first, in pages, read once."""

    def test_nothing_at_first(self, register: Register) -> None:
        empty = {"items": [], "page": 1, "limit": 20, "total": 0, "has_more": False, "unread": 0}
        assert inbox(register()) == empty

    def test_newest_first_in_pages(self, register: Register, notifications: NotificationService) -> None:
        ada = register("Ada")
        for number in range(3):
            notifications.tell([me(ada)], news(number))
        page = inbox(ada, "?limit=2")
        assert [item["text"] for item in page["items"]] == [said(2), said(1)]
        assert (page["total"], page["unread"], page["has_more"]) == (3, 3, True)
        assert texts(ada, "?limit=2&page=2") == [said(0)]

    def test_one_entry_is_whole(self, register: Register, notifications: NotificationService) -> None:
        ada = register("Ada")
        before = datetime.now(UTC) - timedelta(milliseconds=1)
        notifications.tell([me(ada)], news())
        (item,) = inbox(ada)["items"]
        assert item.keys() == {"id", "kind", "text", "data", "created_at", "read_at"}
        assert (item["kind"], item["data"], item["read_at"]) == ("group_joined", dict(news(1).data), None)
        assert before <= datetime.fromisoformat(item["created_at"]) <= datetime.now(UTC)

    def test_reading_one(self, register: Register, notifications: NotificationService) -> None:
        ada = register("Ada")
        for number in range(2):
            notifications.tell([me(ada)], news(number))
        newest = inbox(ada)["items"][0]
        path = f"/users/me/notifications/{newest['id']}/read"
        first = ada.post(path).get_json()
        assert first["read_at"] >= newest["created_at"]
        assert ada.post(path).get_json() == first
        after = inbox(ada)
        assert (after["unread"], after["items"][0]) == (1, first)

    def test_reading_all(self, register: Register, notifications: NotificationService) -> None:
        ada, bo = register("Ada"), register("Bo")
        for number in range(2):
            notifications.tell([me(ada), me(bo)], news(number))
        for _ in range(2):
            assert ada.post("/users/me/notifications/read").status_code == 204
        assert (inbox(ada)["unread"], inbox(bo)["unread"]) == (0, 2)


class TestTelling:
    """Once, to those who want it, and no more than can be kept."""

    def test_nobody_is_told_twice(self, register: Register, notifications: NotificationService) -> None:
        ada, bo = register("Ada"), register("Bo")
        notifications.tell([me(ada)], news())
        notifications.tell([me(ada), me(bo)], news())
        assert (inbox(ada)["total"], inbox(bo)["total"]) == (1, 1)

    def test_nobody_who_is_not_there(self, register: Register, notifications: NotificationService) -> None:
        ada = register("Ada")
        notifications.tell([ObjectId(), me(ada)], news())
        notifications.tell([], news(2))
        assert inbox(ada)["total"] == 1

    def test_nobody_who_does_not_want_it(
        self, register: Register, notifications: NotificationService
    ) -> None:
        ada, bo = register("Ada"), register("Bo")
        assert ada.put("/users/me/notification-settings", {"muted": ["group_joined"]}).status_code == 200
        notifications.tell([me(ada), me(bo)], news())
        notifications.tell([me(ada)], news(2, Kind.SESSION_STARTED))
        started = "News 2 is finding dinner with Home. Join in!"
        assert (texts(ada), texts(bo)) == ([started], [said(1)])
        ada.put("/users/me/notification-settings", {"muted": []})
        notifications.tell([me(ada)], news(3))
        assert texts(ada) == [said(3), started]

    def test_without_valkey_it_waits_in_the_inbox(
        self, register: Register, services: svcs.Container, settings: Settings, tmp_path: Path
    ) -> None:
        ada = register("Ada")
        nowhere = Settings(
            _env_file=None, **{**settings.model_dump(), "redis_url": f"unix://{tmp_path}/nobody.sock"}
        )
        client = valkey.connect(nowhere)
        silent = NotificationService(
            store=NotificationStore(services.get(MongoDatabase)),
            users=services.get(UserService),
            bus=EventBus(client, client, nowhere.redis_prefix, Breaker()),
            clock=SystemClock(),
        )
        for number in range(2):
            silent.tell([me(ada)], news(number))
        assert texts(ada) == [said(1), said(0)]

    def test_the_oldest_make_room(
        self, register: Register, notifications: NotificationService, services: svcs.Container
    ) -> None:
        ada, bo = register("Ada"), register("Bo")
        long_ago = datetime.now(UTC) - timedelta(days=1)
        record = {"user_id": me(ada), "kind": "group_joined", "data": {}, "read_at": None}
        services.get(MongoDatabase)["notifications"].insert_many(
            {
                **record,
                "key": f"old:{number}",
                "text": str(number),
                "created_at": long_ago + timedelta(seconds=number),
            }
            for number in range(MOST_KEPT)
        )
        notifications.tell([me(ada), me(bo)], news())
        assert (inbox(ada)["total"], inbox(bo)["total"]) == (MOST_KEPT, 1)
        assert texts(ada, "?limit=1") == [said(1)]
        assert texts(ada, f"?limit=1&page={MOST_KEPT}") == ["1"]

    def test_inboxes_are_asked_by_their_index_alone(
        self, register: Register, notifications: NotificationService, services: svcs.Container
    ) -> None:
        ada, bo = register("Ada"), register("Bo")
        for number in range(3):
            notifications.tell([me(ada), me(bo)], news(number))
        collection = services.get(MongoDatabase)["notifications"]
        found = collection.find({"user_id": me(ada)}).sort([("created_at", -1), ("_id", -1)])
        plan = found.explain()
        assert "'SORT'" not in str(plan["queryPlanner"]["winningPlan"])
        assert plan["executionStats"]["totalDocsExamined"] == 3


class TestSettings:
    """Which kinds one does not want."""

    def test_they_persist_each_once(self, register: Register) -> None:
        ada = register("Ada")
        assert ada.get("/users/me/notification-settings").get_json() == {"muted": []}
        chosen = ["session_started", "group_removed", "session_started"]
        saved = ada.put("/users/me/notification-settings", {"muted": chosen}).get_json()
        assert saved == {"muted": ["session_started", "group_removed"]}
        assert ada.get("/users/me/notification-settings").get_json() == saved

    def test_every_kind_can_be_muted(self, register: Register) -> None:
        every = {"muted": [kind.value for kind in Kind]}
        assert register().put("/users/me/notification-settings", every).get_json() == every

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"muted": "group_joined"},
            {"muted": ["fireworks"]},
            {"muted": [{"$ne": None}]},
            {"muted": [1]},
            {"muted": ["group_joined"] * 11},
            {"muted": [], "tier": "pro"},
        ],
    )
    def test_what_is_no_setting_changes_nothing(self, register: Register, body: dict) -> None:
        ada = register("Ada")
        ada.put("/users/me/notification-settings", {"muted": ["group_removed"]})
        assert ada.put("/users/me/notification-settings", body).status_code == 422
        assert ada.get("/users/me/notification-settings").get_json() == {"muted": ["group_removed"]}


@pytest.mark.security
class TestOthers:
    """What somebody was told is nobody else's business."""

    def test_another_s_notification_is_none(
        self, register: Register, notifications: NotificationService
    ) -> None:
        ada, eve = register("Ada"), register("Eve")
        notifications.tell([me(ada)], news())
        (item,) = inbox(ada)["items"]
        theirs = eve.post(f"/users/me/notifications/{item['id']}/read")
        nothing = eve.post(f"/users/me/notifications/{ObjectId()}/read")
        for answer in (theirs, nothing):
            assert (answer.status_code, answer.get_json()["code"]) == (404, "notification_not_found")
        assert theirs.get_json()["detail"] == nothing.get_json()["detail"]
        assert eve.post("/users/me/notifications/read").status_code == 204
        assert inbox(eve)["total"] == 0
        assert inbox(ada)["items"] == [item]

    @pytest.mark.parametrize("odd", ["read", "x" * 24, "0" * 23, "{$gt:''}"])
    def test_what_is_no_id(self, register: Register, odd: str) -> None:
        assert register().post(f"/users/me/notifications/{odd}/read").status_code in {404, 422}


@pytest.mark.compliance
class TestKeeping:
    """Kept as long as sessions are, exported whole, gone with the account."""

    def test_what_is_old_goes_in_batches_and_nothing_else(
        self, register: Register, notifications: NotificationService, services: svcs.Container
    ) -> None:
        ada = register("Ada")
        for number in range(5):
            notifications.tell([me(ada)], news(number))
        long_ago = datetime(2000, 1, 1, tzinfo=UTC)
        old = services.get(MongoDatabase)["notifications"]
        old.update_many({"user_id": me(ada), "text": {"$ne": said(4)}}, {"$set": {"created_at": long_ago}})
        cutoff = long_ago + timedelta(days=1)
        assert list(notifications.delete_before(cutoff, batch=3, dry_run=True)) == [4]
        assert inbox(ada)["total"] == 5
        assert list(notifications.delete_before(cutoff, batch=3, dry_run=False)) == [3, 1]
        assert texts(ada) == [said(4)]

    def test_the_export_has_all_of_it(self, register: Register, notifications: NotificationService) -> None:
        ada, bo = register("Ada"), register("Bo")
        notifications.tell([me(ada), me(bo)], news())
        ada.post(f"/users/me/notifications/{inbox(ada)['items'][0]['id']}/read")
        assert list(notifications.history_of(me(ada))) == inbox(ada)["items"]

    def test_an_account_that_goes_takes_its_inbox_along(
        self, register: Register, notifications: NotificationService
    ) -> None:
        ada, bo = register("Ada"), register("Bo")
        notifications.tell([me(ada), me(bo)], news())
        assert notifications.delete_of(me(ada)) == 1
        assert (inbox(ada)["total"], inbox(bo)["total"]) == (0, 1)
