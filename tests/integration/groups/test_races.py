"""Two processes at once: every change counts once, and none is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import svcs
from bson import ObjectId

from backend.config import Settings
from backend.errors import AppError
from backend.groups.service import CAPACITY, GroupService
from backend.groups.store import Group, GroupStore
from backend.infra.clock import SystemClock
from backend.infra.mongo import MongoDatabase
from backend.notifications.service import NotificationService
from backend.users.service import UserService
from tests.conftest import Account
from tests.integration.groups.acting import Register, crowd, founded, token_of

_ROUNDS = 8


@pytest.fixture
def groups(services: svcs.Container) -> GroupService:
    return services.get(GroupService)


@pytest.fixture
def elsewhere(services: svcs.Container, settings: Settings) -> GroupService:
    """The service of another process."""
    return GroupService(
        store=GroupStore(services.get(MongoDatabase)),
        users=services.get(UserService),
        notifications=services.get(NotificationService),
        clock=SystemClock(),
        settings=settings,
    )


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Do all in one moment; "" or the error code of each."""
    barrier = threading.Barrier(len(acts))

    def outcome(act: Callable[[], Any]) -> str:
        barrier.wait()
        try:
            act()
        except AppError as refused:
            return refused.code
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(outcome, acts))


def me(account: Account) -> ObjectId:
    return ObjectId(account.id)


def test_a_free_user_who_joins_two_at_once_is_in_one_at_most(
    register: Register, groups: GroupService, elsewhere: GroupService
) -> None:
    tokens = [token_of(founded(register("Ada"))), token_of(founded(register("Bo")))]
    for _ in range(_ROUNDS):
        cy = me(register("Cy"))
        ends = at_once(partial(groups.join, cy, tokens[0]), partial(elsewhere.join, cy, tokens[1]))
        mine, total = groups.of_user(cy, 0, 10)
        assert total == ends.count("") <= 1
        assert set(ends) <= {"", "too_many_groups"}
        for group in mine:
            groups.leave(group.id, cy)


def test_founding_two_at_once_leaves_nothing_behind(
    register: Register, groups: GroupService, elsewhere: GroupService
) -> None:
    for _ in range(_ROUNDS):
        ada = me(register("Ada"))
        ends = at_once(partial(groups.create, ada, "One"), partial(elsewhere.create, ada, "Two"))
        assert groups.of_user(ada, 0, 10)[1] == ends.count("") <= 1


def test_joining_twice_at_once_makes_one_member(
    register: Register, groups: GroupService, elsewhere: GroupService
) -> None:
    token = token_of(founded(register("Ada")))
    for _ in range(_ROUNDS):
        bo = me(register("Bo"))
        assert at_once(partial(groups.join, bo, token), partial(elsewhere.join, bo, token)) == ["", ""]
        (group,), _ = groups.of_user(bo, 0, 10)
        assert Counter(member.user_id for member in group.members)[bo] == 1


def test_the_last_place_goes_to_one(
    register: Register, groups: GroupService, elsewhere: GroupService, services: svcs.Container
) -> None:
    group = founded(register("Ada"))
    group_id = ObjectId(group["id"])
    crowd(services.get(MongoDatabase), group, CAPACITY - 2)
    for _ in range(_ROUNDS):
        bo, cy = me(register("Bo")), me(register("Cy"))
        token = token_of(group)
        ends = at_once(partial(groups.join, bo, token), partial(elsewhere.join, cy, token))
        assert sorted(ends) == ["", "group_full"]
        groups.leave(group_id, bo if ends[0] == "" else cy)


def test_a_link_that_is_renewed_while_somebody_joins_is_good_or_is_not(
    register: Register, groups: GroupService, elsewhere: GroupService
) -> None:
    ada = register("Ada")
    group_id = ObjectId(founded(ada)["id"])
    for _ in range(_ROUNDS):
        bo, token = me(register("Bo")), groups.get(group_id, me(ada)).token
        ends = at_once(partial(groups.join, bo, token), partial(elsewhere.rotate_invite, group_id, me(ada)))
        assert ends[1] == ""
        after = groups.get(group_id, me(ada))
        assert after.token != token
        assert after.has(bo) == (ends[0] == "")
        assert ends[0] in {"", "unknown_invite"}


def test_all_leave_at_once_and_no_group_is_left_without_an_owner(
    register: Register, groups: GroupService, elsewhere: GroupService
) -> None:
    for _ in range(_ROUNDS):
        people = [register(name) for name in ("Ada", "Bo", "Cy")]
        group = founded(people[0])
        for one in people[1:]:
            groups.join(me(one), token_of(group))
        group_id, (ada, bo, cy) = ObjectId(group["id"]), map(me, people)
        assert at_once(partial(groups.leave, group_id, ada), partial(elsewhere.leave, group_id, bo)) == [
            "",
            "",
        ]
        left: Group = groups.get(group_id, cy)
        assert (left.owner_id, left.others(cy)) == (cy, ())


def test_the_last_two_who_leave_at_once_take_the_group_along(
    register: Register, groups: GroupService, elsewhere: GroupService
) -> None:
    for _ in range(_ROUNDS):
        ada, bo = register("Ada"), register("Bo")
        group = founded(ada)
        groups.join(me(bo), token_of(group))
        group_id = ObjectId(group["id"])
        ends = at_once(partial(groups.leave, group_id, me(ada)), partial(elsewhere.leave, group_id, me(bo)))
        assert ends == ["", ""]
        assert groups.invitation(token_of(group)) is None


def test_who_joins_while_the_last_one_leaves_is_in_a_group_that_lives_or_in_none(
    register: Register, groups: GroupService, elsewhere: GroupService
) -> None:
    for _ in range(_ROUNDS):
        ada, bo = me(register("Ada")), me(register("Bo"))
        group = groups.create(ada, "Home")
        ends = at_once(partial(groups.leave, group.id, ada), partial(elsewhere.join, bo, group.token))
        assert ends[0] == ""
        if ends[1] == "":
            assert groups.get(group.id, bo).owner_id == bo
        else:
            assert ends[1] == "unknown_invite"
            assert groups.of_user(bo, 0, 1)[1] == 0
