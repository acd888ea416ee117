"""What must hold before something may be done, and in which words it is refused."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bson import ObjectId

from backend.errors import Conflict, Forbidden, NotFound
from backend.infra.clock import to_iso
from backend.sessions.state import Change, Participant, Session, Status

MIN_DECK: Final = 5
_PAUSED_RETRY_SECONDS = 5.0


def unchanged(session: Session) -> Change:
    """The rule found nothing to do."""
    return Change(session)


def require_member(session: Session, user_id: ObjectId) -> Participant:
    """Somebody who has not left.

    Raises:
        NotFound: `session_not_found`.
        Forbidden: `not_participant`.
    """
    me = session.participant(user_id)
    if me.left:
        raise Forbidden("You have left this session.", code="not_participant")
    return me


def require_player(session: Session, user_id: ObjectId) -> Participant:
    """Somebody who decides with the others.

    Raises:
        Conflict: `spectator`; and as `require_member`.
    """
    me = require_member(session, user_id)
    if me.spectator:
        raise Conflict("You joined after the first round: you can watch, not swipe.", code="spectator")
    return me


def require_live(session: Session) -> None:
    """The session is not over.

    Raises:
        Conflict: `session_over`.
    """
    if not session.status.live:
        raise Conflict("This session is over.", code="session_over")


def require_lobby(session: Session) -> None:
    """The session has not begun.

    Raises:
        Conflict: `session_over`, `already_started`.
    """
    require_live(session)
    if session.status is not Status.LOBBY:
        raise Conflict("The session has already started.", code="already_started")


def require_running(session: Session, now: datetime) -> None:
    """A round is on, and its time is not up.

    Raises:
        Conflict: `not_started`, `session_over`, `round_over`.
    """
    if session.status is Status.LOBBY:
        raise Conflict("The session has not started yet.", code="not_started")
    require_live(session)
    if is_round_over(session, now):
        raise Conflict("The round is over.", code="round_over")


def is_round_over(session: Session, now: datetime) -> bool:
    """Whether the running round only waits to be counted."""
    return session.closing or (session.ends_at is not None and now >= session.ends_at)


def require_swipe(
    session: Session, user_id: ObjectId, item: ObjectId, now: datetime, number: int | None = None
) -> None:
    """This participant may swipe this card now.

    Args:
        number: of the round that the swipe is meant for, where that is known. The card may come again in a later one.

    Raises:
        NotFound: `session_not_found`, `unknown_item`.
        Forbidden: `not_participant`.
        Conflict: `not_started`, `session_over`, `round_over`, `paused` (with `retry_after`), `spectator`.
    """
    require_undo(session, user_id, now, number)
    if item not in session.deck_of(user_id):
        raise NotFound("This card is not in your deck of this round.", code="unknown_item")


def require_undo(session: Session, user_id: ObjectId, now: datetime, number: int | None = None) -> None:
    """This participant may take a swipe back now (docs/product.md S13). Raises as `require_swipe`."""
    require_player(session, user_id)
    require_running(session, now)
    if number is not None and number < session.round:
        raise Conflict(f"Round {number} is over.", code="round_over")
    if number is not None and number > session.round:
        raise Conflict(f"Round {number} has not started yet.", code="not_started")
    if session.status is Status.PAUSED:
        raise Conflict("The session is paused.", code="paused", retry_after=_PAUSED_RETRY_SECONDS)


def ids_of_required(session: Session) -> list[str]:
    """Who is required, as events tell it."""
    return [str(p.user_id) for p in session.present]


def iso_or_none(moment: datetime | None) -> str | None:
    """A moment, as events tell it."""
    return to_iso(moment) if moment else None
