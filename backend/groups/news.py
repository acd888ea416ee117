"""What a group's members are told. Pure."""

from __future__ import annotations

from bson import ObjectId

from backend.groups.store import Group
from backend.notifications.kinds import Kind, News


def session_started(group: Group, host_name: str, session_id: ObjectId, code: str) -> News:
    """Somebody has opened a session for the group: with the code, one tap joins (docs/product.md G2)."""
    return News(
        Kind.SESSION_STARTED,
        key=f"session_started:{session_id}",
        text=f"{host_name} is finding dinner with {group.name}. Join in!",
        data={**_about(group), "session_id": str(session_id), "code": code, "host_name": host_name},
    )


def joined(group: Group, user_id: ObjectId, display_name: str) -> News:
    """Somebody is new in the group; told once a day, however often they come and go."""
    day = next(m.joined_at.date() for m in group.members if m.user_id == user_id)
    return News(
        Kind.GROUP_JOINED,
        key=f"group_joined:{group.id}:{user_id}:{day}",
        text=f"{display_name} has joined {group.name}.",
        data={**_about(group), "user_id": str(user_id), "display_name": display_name},
    )


def removed(group: Group) -> News:
    """The owner has taken the receiver out of the group, whose token is another since."""
    return News(
        Kind.GROUP_REMOVED,
        key=_key(Kind.GROUP_REMOVED),
        text=f"You are no longer in {group.name}.",
        data=_about(group),
    )


def deleted(group: Group) -> News:
    """The owner has deleted the group."""
    return News(
        Kind.GROUP_DELETED,
        key=f"group_deleted:{group.id}",
        text=f"{group.name} has been deleted. What you decided together stays in your history.",
        data=_about(group),
    )


def owned(group: Group) -> News:
    """The owner has left, and the receiver is the owner now."""
    return News(
        Kind.GROUP_OWNED,
        key=_key(Kind.GROUP_OWNED),
        text=f"You look after {group.name} now: its owner has left.",
        data=_about(group),
    )


def _key(kind: Kind) -> str:
    """For what may happen to the same people again, and is told by the one request that made it happen."""
    return f"{kind}:{ObjectId()}"


def _about(group: Group) -> dict[str, str]:
    return {"group_id": str(group.id), "group_name": group.name}
