"""What people do with groups: the use cases (docs/product.md G1-G3, A4). Knows neither HTTP nor sessions."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from bson import ObjectId

from backend.config import Settings
from backend.errors import Conflict, Forbidden, NotFound
from backend.groups import news
from backend.groups.store import Group, GroupStore, Member
from backend.infra.clock import Clock, to_iso
from backend.notifications.service import NotificationService
from backend.users.service import UserProfile, UserService

_log = structlog.stdlib.get_logger(__name__)

CAPACITY = 50
# What a group is called whose name was chosen by somebody who was erased.
NEUTRAL_NAME = "Our group"
_TOKEN_BYTES = 24  # 192 bits, 32 characters
_LEAVE_BATCH = 100


@dataclass(frozen=True, slots=True)
class Invitation:
    """What somebody with an invite link may know before they join.

    Attributes:
        owner_name: who invites.
        member_count: how many are in the group now.
    """

    group_name: str
    owner_name: str
    member_count: int


class GroupService:
    """Founds groups, lets people in and out. A group does not exist for those who are not in it."""

    def __init__(
        self,
        *,
        store: GroupStore,
        users: UserService,
        notifications: NotificationService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._users = users
        self._notifications = notifications
        self._clock = clock
        self._max_free = settings.max_free_groups

    def create(self, user_id: ObjectId, name: str) -> Group:
        """Found a group; whoever does is its owner and first member.

        Args:
            name: as `clean_display_name` returns it.

        Raises:
            Conflict: `too_many_groups` (A4).
        """
        founder = self._users.by_id(user_id)
        self._require_free_place(founder)
        now = self._clock.now()
        members = (Member(user_id, now),)
        group = Group(ObjectId(), name, user_id, _new_token(), members, created_at=now, named_by=user_id)
        self._store.insert(group)
        self._withdraw_if_too_many(group, founder)
        _log.info("group_created", group_id=str(group.id))
        return group

    def join(self, user_id: ObjectId, token: str) -> Group:
        """Join the group whose invite link holds `token`. Joining again changes nothing.

        Raises:
            NotFound: `unknown_invite`: no link holds this token now.
            Conflict: `too_many_groups` (A4), `group_full`.
        """
        group = self._by_token(token)
        if group.has(user_id):
            return group
        user = self._users.by_id(user_id)
        self._require_free_place(user, other_than=group.id)
        joined = self._store.add(group.id, token, Member(user_id, self._clock.now()), CAPACITY)
        if (
            joined is None
        ):  # full, or something has changed meanwhile: the link, or they are in by another request
            group = self._by_token(token)
            if group.has(user_id):
                return group
            raise Conflict(f"This group is full ({CAPACITY} people).", code="group_full")
        self._withdraw_if_too_many(joined, user)
        _log.info("group_joined", group_id=str(joined.id))
        self._notifications.tell(joined.others(user_id), news.joined(joined, user_id, user.display_name))
        return joined

    def get(self, group_id: ObjectId, user_id: ObjectId) -> Group:
        """The group, for its members alone.

        Raises:
            NotFound: `group_not_found`.
        """
        group = self._store.find(group_id)
        if group is None or not group.has(user_id):
            raise _not_found()
        return group

    def of_user(self, user_id: ObjectId, skip: int, limit: int) -> tuple[list[Group], int]:
        """A page of the user's groups, newest first, and how many there are."""
        return self._store.of_user(user_id, skip, limit)

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Every group that the user is in, as far as it concerns the user, JSON-ready (for the export)."""
        for group in self._store.all_of_user(user_id):
            joined_at = next(member.joined_at for member in group.members if member.user_id == user_id)
            yield {
                "id": str(group.id),
                "name": group.name,
                "owned": group.owner_id == user_id,
                "joined_at": to_iso(joined_at),
                "people": len(group.members),
            }

    def invitation(self, token: str) -> Invitation | None:
        """What an invite link is about; None where no link holds this token now."""
        group = self._store.by_token(token)
        if group is None:
            return None
        owner = self._users.by_ids([group.owner_id]).get(group.owner_id)
        return Invitation(group.name, owner.display_name if owner else "", len(group.members))

    def name_of(self, group_id: ObjectId) -> str | None:
        """What the group is called, for whoever is invited to one of its sessions; None where it has gone."""
        group = self._store.find(group_id)
        return group.name if group else None

    def names_for(self, user_id: ObjectId, group_ids: Collection[ObjectId]) -> dict[ObjectId, str]:
        """What those of the groups are called that the user is in."""
        return self._store.names_for(user_id, group_ids) if group_ids else {}

    def rename(self, group_id: ObjectId, user_id: ObjectId, name: str) -> Group:
        """The owner gives the group another name.

        Raises:
            NotFound: `group_not_found`.
            Forbidden: `not_owner`.
        """
        renamed = self._store.set(group_id, user_id, name=name, named_by=user_id)
        return renamed or self._refuse(group_id, user_id)

    def rotate_invite(self, group_id: ObjectId, user_id: ObjectId) -> Group:
        """The owner has a new invite link made; the old one is dead at once.

        Raises:
            NotFound: `group_not_found`.
            Forbidden: `not_owner`.
        """
        return self._store.set(group_id, user_id, token=_new_token()) or self._refuse(group_id, user_id)

    def leave(self, group_id: ObjectId, user_id: ObjectId) -> None:
        """Leave. The owner's place goes to the longest member; with the last one the group goes.

        Raises:
            NotFound: `group_not_found`.
        """
        if not self._let_go(group_id, user_id):
            raise _not_found()

    def leave_all(self, user_id: ObjectId) -> int:
        """Leave every group, because the account is to go; how many they were."""
        left = 0
        while groups := self._store.of_user(user_id, 0, _LEAVE_BATCH)[0]:
            for group in groups:
                left += self._let_go(group.id, user_id)
        return left

    def forget(self, user_id: ObjectId) -> int:
        """Leave every group, and call those that the user has named something else; how many groups knew them."""
        return self._store.unname(user_id, NEUTRAL_NAME) + self.leave_all(user_id)

    def people(self) -> Iterator[ObjectId]:
        """Everybody whom a group knows."""
        return self._store.people()

    def remove_member(self, group_id: ObjectId, user_id: ObjectId, member_id: ObjectId) -> Group:
        """The owner removes a member, who knows the invite link: it is another one from then on.

        Raises:
            NotFound: `group_not_found`, `member_not_found`.
            Forbidden: `not_owner`.
            Conflict: `owner_stays`: owners cannot remove themselves.
        """
        if member_id == user_id:
            self._require_owner(group_id, user_id)
            raise Conflict("You cannot remove yourself. Leave the group instead.", code="owner_stays")
        changed = self._store.remove(group_id, user_id, member_id, _new_token())
        if changed is None:
            self._require_owner(group_id, user_id)
            raise NotFound("This group has no such member.", code="member_not_found")
        self._notifications.tell([member_id], news.removed(changed))
        return changed

    def delete(self, group_id: ObjectId, user_id: ObjectId) -> None:
        """The owner deletes the group. What its members decided stays in their own histories.

        Raises:
            NotFound: `group_not_found`.
            Forbidden: `not_owner`.
        """
        deleted = self._store.delete(group_id, user_id) or self._refuse(group_id, user_id)
        self._notifications.tell(deleted.others(user_id), news.deleted(deleted))

    def tell_of_session(
        self, group: Group, host_id: ObjectId, host_name: str, session_id: ObjectId, code: str
    ) -> None:
        """Tell the others that one of them has opened a session for the group, and how to join (G2)."""
        self._notifications.tell(
            group.others(host_id), news.session_started(group, host_id, host_name, session_id, code)
        )

    def _let_go(self, group_id: ObjectId, user_id: ObjectId) -> bool:
        """Take a member out, and tell whoever owns the group from then on; whether they were a member."""
        before = self._store.take_out(group_id, user_id)
        if before is not None and before.owner_id == user_id:
            self._notifications.tell(before.others(user_id)[:1], news.owned(before))
        return before is not None

    def _by_token(self, token: str) -> Group:
        group = self._store.by_token(token)
        if group is None:
            raise NotFound("This invitation is not good any more. Ask for a new link.", code="unknown_invite")
        return group

    def _require_owner(self, group_id: ObjectId, user_id: ObjectId) -> None:
        if self.get(group_id, user_id).owner_id != user_id:
            raise Forbidden("Only the owner of the group can do that.", code="not_owner")

    def _refuse(self, group_id: ObjectId, user_id: ObjectId) -> Group:
        """Say why the owner's update found nothing: gone, not theirs to see, or not theirs to change."""
        self._require_owner(group_id, user_id)
        raise _not_found()  # theirs by now, and was not a moment ago: as if it had come a moment later

    def _withdraw_if_too_many(self, group: Group, user: UserProfile) -> None:
        """Somebody who joins two groups in the same moment keeps at most as many as they may (A4)."""
        try:
            self._require_free_place(user, other_than=group.id)
        except Conflict:
            self._store.take_out(group.id, user.id)
            raise

    def _require_free_place(self, user: UserProfile, other_than: ObjectId | None = None) -> None:
        """A free user is in MAX_FREE_GROUPS groups at a time (A4)."""
        if user.tier == "pro":
            return
        if self._store.count_of_user(user.id, other_than) >= self._max_free:
            raise Conflict(
                "You are in as many groups as a free account can be in. Leave one first.",
                code="too_many_groups",
            )


def _new_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


def _not_found() -> NotFound:
    return NotFound("There is no such group, or you are not part of it.", code="group_not_found")
