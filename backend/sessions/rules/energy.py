"""How much energy the group has (docs/product.md S3)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from backend.sessions.state import Energy, Event, Session, Status


def energy_news(session: Session) -> tuple[Event, ...]:
    """The group's energy, where it is known in the lobby."""
    if session.status is Status.LOBBY and all_voted(session):
        return (Event("energy_result", energy_result(session)),)
    return ()


def energy_result(session: Session) -> dict[str, Any]:
    """The group's energy and the count of votes, without names.

    In the lobby of those present; after that of all who started, so that nobody's vote shows when they leave.
    """
    in_lobby = session.status is Status.LOBBY
    votes = Counter(p.energy for p in session.participants if (p.required if in_lobby else p.started))
    del votes[None]
    level = session.energy or group_energy(session)
    return {"level": level.value, "votes": {level.value: votes[level] for level in Energy}}


def group_energy(session: Session) -> Energy:
    """The most voted energy of those present; on a tie the lower; medium if nobody said (S3)."""
    votes = Counter(p.energy for p in session.present if p.energy)
    if not votes:
        return Energy.MEDIUM
    return max(Energy, key=lambda level: (votes[level], -list(Energy).index(level)))


def all_voted(session: Session) -> bool:
    """Whether everybody present has said how much energy they have."""
    return bool(session.present) and all(p.energy for p in session.present)
