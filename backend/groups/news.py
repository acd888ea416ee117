"""What a group's members are told. Pure."""

from __future__ import annotations

from bson import ObjectId

from backend.groups.store import Group
from backend.notifications.kinds import Kind, News


def session_started(group: Group, host_id: ObjectId, host_name: str, session_id: ObjectId, code: str) -> News:
    """Somebody has opened a session for the group: with the code, one tap joins (docs/product.md G2)."""
    return News(
        Kind.SESSION_STARTED,
        key=f"session_started:{session_id}",
        data={**_about(group), "session_id": str(session_id), "code": code, "host_name": host_name},
        actor_id=host_id,
        named_by=group.named_by,
    )


def joined(group: Group, user_id: ObjectId, display_name: str) -> News:
    """Somebody is new in the group; told once a day, however often they come and go."""
    day = next(m.joined_at.date() for m in group.members if m.user_id == user_id)
    return News(
        Kind.GROUP_JOINED,
        key=f"group_joined:{group.id}:{user_id}:{day}",
        data={**_about(group), "user_id": str(user_id), "display_name": display_name},
        actor_id=user_id,
        named_by=group.named_by,
    )


def removed(group: Group) -> News:
    """The owner has taken the receiver out of the group, whose token is another since."""
    return _of_group(group, Kind.GROUP_REMOVED, key=_key(Kind.GROUP_REMOVED))


def deleted(group: Group) -> News:
    """The owner has deleted the group."""
    return _of_group(group, Kind.GROUP_DELETED, key=f"group_deleted:{group.id}")


def owned(group: Group) -> News:
    """The owner has left, and the receiver is the owner now."""
    return _of_group(group, Kind.GROUP_OWNED, key=_key(Kind.GROUP_OWNED))


def _of_group(group: Group, kind: Kind, key: str) -> News:
    return News(kind, key=key, data=_about(group), named_by=group.named_by)


def _key(kind: Kind) -> str:
    """For what may happen to the same people again, and is told by the one request that made it happen."""
    return f"{kind}:{ObjectId()}"


def _about(group: Group) -> dict[str, str]:
    return {"group_id": str(group.id), "group_name": group.name}
