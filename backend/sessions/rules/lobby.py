"""Before the first round: votes for an energy, readiness, the countdown, the start (docs/product.md S3-S5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bson import ObjectId

from backend.errors import Conflict, Forbidden
from backend.sessions.rules.clock import start_round
from backend.sessions.rules.energy import energy_news, group_energy
from backend.sessions.rules.requirements import iso_or_none, require_lobby, require_member, unchanged
from backend.sessions.state import MIN_PARTICIPANTS, Change, Energy, Event, Session, Status

COUNTDOWN: Final = timedelta(seconds=3)


def vote_energy(session: Session, user_id: ObjectId, energy: Energy, now: datetime) -> Change:
    """Say how much energy one has (S3); once all have, the group's energy is known.

    Raises:
        Conflict: `session_over`, `already_started`.
    """
    me = require_member(session, user_id)
    require_lobby(session)
    if me.energy is energy:
        return unchanged(session)
    voted = session.touched(now).with_participant(replace(me, energy=energy))
    return Change(voted, (Event("energy_voted", {"participant_id": str(user_id)}), *energy_news(voted)))


def set_ready(session: Session, user_id: ObjectId, ready: bool, now: datetime) -> Change:
    """Say that one is (or is not) ready. When all are, a countdown starts; when one is not, it stops (S4).

    Raises:
        Conflict: `session_over`, `already_started`.
    """
    me = require_member(session, user_id)
    require_lobby(session)
    if me.ready == ready:
        return unchanged(session)
    changed = with_countdown(session.touched(now).with_participant(replace(me, ready=ready)), now)
    told = {"participant_id": str(user_id), "ready": ready, "starts_at": iso_or_none(changed.starts_at)}
    return Change(changed, (Event("ready_changed", told),))


def with_countdown(session: Session, now: datetime) -> Session:
    """The session with the countdown that it should have: the running one, a new one, or none."""
    counting = session.status is Status.LOBBY and _all_ready(session)
    return replace(session, starts_at=session.starts_at or now + COUNTDOWN if counting else None)


def require_can_start(session: Session, user_id: ObjectId) -> None:
    """Check the host's wish to start at once (S4).

    Raises:
        Forbidden: `not_host`.
        Conflict: `session_over`, `already_started`, `not_ready`.
    """
    require_member(session, user_id)
    require_lobby(session)
    if session.host_id != user_id:
        raise Forbidden("Only the host can start the session.", code="not_host")
    if not _all_ready(session):
        raise Conflict("Everybody must be ready, and at least two people present.", code="not_ready")


def begin(
    session: Session, deck: tuple[ObjectId, ...], reserve: tuple[ObjectId, ...], now: datetime
) -> Change:
    """Start round 1 with `deck`, the same for all in the same order (S4). Does nothing unless all are ready.

    Somebody who is gone while the others start is a player all the same, required once they are back; until then they
    are none of those whose majority must be there.

    Args:
        reserve: cards that nobody sees in round 1, for round 2.
    """
    if session.status is not Status.LOBBY or not _all_ready(session):
        return unchanged(session)
    dealt = replace(
        session.touched(now),
        participants=tuple(replace(p, started=p.required) for p in session.participants),
        starts_at=None,
        deck=deck,
        reserve=reserve,
        energy=group_energy(session),
    )
    return start_round(dealt, 1, now)


def stop_countdown(session: Session, now: datetime, code: str, detail: str) -> Change:
    """Take the lobby's ready marks back and say why, because the session cannot start as things are (S5)."""
    if session.status is not Status.LOBBY or session.starts_at is None:
        return unchanged(session)
    waiting = tuple(replace(p, ready=False) for p in session.participants)
    unready = tuple(
        Event("ready_changed", {"participant_id": str(p.user_id), "ready": False, "starts_at": None})
        for p in session.members
    )
    stopped = replace(session.touched(now), participants=waiting, starts_at=None)
    return Change(stopped, (*unready, Event("start_refused", {"code": code, "detail": detail})))


def _all_ready(session: Session) -> bool:
    return len(session.present) >= MIN_PARTICIPANTS and all(p.ready for p in session.present)
