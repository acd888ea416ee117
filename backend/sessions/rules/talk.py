"""Chat and quick reactions (docs/product.md S14)."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId

from backend.errors import Conflict
from backend.sessions.rules.requirements import require_member
from backend.sessions.state import Change, Event, Session


def say(session: Session, user_id: ObjectId, message_id: ObjectId, text: str, now: datetime) -> Change:
    """Tell everybody what somebody wrote.

    Raises:
        Conflict: `session_over`: expired or closed; after an outcome people may still talk about it.
    """
    require_talk(session, user_id)
    told = {"message_id": str(message_id), "participant_id": str(user_id), "text": text}
    return Change(_heard(session, now), (Event("chat", told),))


def react(session: Session, user_id: ObjectId, emoji: str, now: datetime) -> Change:
    """Show everybody a quick reaction. Raises as `say`."""
    require_talk(session, user_id)
    told = {"participant_id": str(user_id), "emoji": emoji}
    return Change(_heard(session, now), (Event("reaction", told),))


def require_talk(session: Session, user_id: ObjectId) -> None:
    """This participant may say something now. Raises as `say`."""
    require_member(session, user_id)
    if not (session.status.live or session.status.decided):
        raise Conflict("This session is over.", code="session_over")


def _heard(session: Session, now: datetime) -> Session:
    return session.touched(now) if session.status.live else session
