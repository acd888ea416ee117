"""Coming and going: join, leave, be gone, come back (docs/product.md S2, S9, S16, S18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bson import ObjectId

from backend.errors import Conflict
from backend.sessions.rules.clock import enforce_quorum
from backend.sessions.rules.endings import over
from backend.sessions.rules.energy import energy_news
from backend.sessions.rules.lobby import with_countdown
from backend.sessions.rules.motions import recount
from backend.sessions.rules.requirements import (
    MIN_DECK,
    ids_of_required,
    iso_or_none,
    require_live,
    unchanged,
)
from backend.sessions.state import MIN_PARTICIPANTS, Change, Event, Participant, Session, Status


def join(
    session: Session,
    user_id: ObjectId,
    display_name: str,
    now: datetime,
    suitable: frozenset[ObjectId] | None = None,
) -> Change:
    """Add a participant, or welcome back one who left (S2). Joining twice changes nothing.

    Who joins in round 1 is required like all others; who joins later may watch (S18).

    Args:
        suitable: where the session has a deck, those of its cards that the newcomer can eat; in round 1 the others
            leave the deck for all, because no card that somebody cannot eat is ever shown (S5).

    Raises:
        Conflict: `session_over`, `session_full`, `deck_too_small`.
    """
    known = next((p for p in session.participants if p.user_id == user_id), None)
    if known and not known.left:
        return unchanged(session)
    require_live(session)
    if len(session.members) >= session.capacity:
        raise Conflict(f"This session is full ({session.capacity} people).", code="session_full")
    newcomer = Participant(
        user_id, display_name, joined_at=now, spectator=session.round > 1, started=session.round == 1
    )
    others = tuple(p for p in session.participants if p.user_id != user_id)
    # A countdown does not run over the head of somebody who has just come in.
    joined = replace(session.touched(now), participants=(*others, newcomer), starts_at=None)
    if not newcomer.spectator:
        joined = _with_suitable_cards(joined, suitable)
    told = {
        "participant": _view_of_newcomer(newcomer, joined),
        "required": ids_of_required(joined),
        "starts_at": None,
        "deck": [] if newcomer.spectator else [str(item) for item in joined.deck],
    }
    return _with_consequences(session, joined, Event("participant_joined", told), now)


def leave(session: Session, user_id: ObjectId, now: datetime) -> Change:
    """Take a participant out. The host's role passes on; fewer than two players close a session that had begun."""
    me = session.participant(user_id)
    if me.left or not session.status.live:
        return unchanged(session)
    left = session.touched(now).with_participant(replace(me, left=True, gone=False, ready=False))
    if left.host_id == user_id and left.members:
        left = replace(left, host_id=(*left.present, *left.players, *left.members)[0].user_id)
    left = with_countdown(left, now)
    told = {
        "participant_id": str(user_id),
        "required": ids_of_required(left),
        "host_id": str(left.host_id),
        "starts_at": iso_or_none(left.starts_at),
    }
    event = Event("participant_left", told)
    enough = len(left.players) >= (1 if left.status is Status.LOBBY else MIN_PARTICIPANTS)
    if not enough:
        return Change(over(left, Status.CLOSED, now), (event, Event("session_closed")))
    change = _with_consequences(session, left, event, now)
    # Without their vote, or without waiting for it, the group's energy may be another.
    return change.and_then(Change(change.session, energy_news(change.session)))


def go(session: Session, user_id: ObjectId, now: datetime) -> Change:
    """Stop waiting for somebody who was away for too long (S16). Their likes stay, and count when they are back."""
    me = session.participant(user_id)
    if me.left or me.gone or not session.status.live:
        return unchanged(session)
    return _come_or_go(session, replace(me, gone=True), "participant_gone", now)


def come_back(session: Session, user_id: ObjectId, now: datetime) -> Change:
    """Require somebody again who was gone (S16)."""
    me = session.participant(user_id)
    if me.left or not me.gone or not session.status.live:
        return unchanged(session)
    back = replace(me, gone=False, started=session.status.running)
    return _come_or_go(session.touched(now), back, "participant_back", now)


def _come_or_go(session: Session, me: Participant, event: str, now: datetime) -> Change:
    changed = with_countdown(session.with_participant(me), now)
    told = {
        "participant_id": str(me.user_id),
        "required": ids_of_required(changed),
        "starts_at": iso_or_none(changed.starts_at),
    }
    change = _with_consequences(session, changed, Event(event, told), now)
    return change.and_then(Change(change.session, energy_news(change.session)))


def _with_consequences(before: Session, session: Session, event: Event, now: datetime) -> Change:
    """What it means for the others that somebody came or went: votes count anew, the clock may stop or go on."""
    recounted = Change(session, (event,)).and_then(recount(before, session, now))
    return recounted.and_then(enforce_quorum(recounted.session, now))


def _with_suitable_cards(session: Session, suitable: frozenset[ObjectId] | None) -> Session:
    if suitable is None or not session.deck:
        return session
    deck = tuple(item for item in session.deck if item in suitable)
    if len(deck) < MIN_DECK:
        raise Conflict(
            "Too few cards of this session's deck suit you; join before it starts.", code="deck_too_small"
        )
    return replace(session, deck=deck, reserve=tuple(item for item in session.reserve if item in suitable))


def _view_of_newcomer(newcomer: Participant, session: Session) -> dict[str, object]:
    return {
        "id": str(newcomer.user_id),
        "display_name": newcomer.display_name,
        "status": "away",  # until the socket says otherwise
        "spectator": newcomer.spectator,
        "ready": False,
        "energy_voted": False,
        "swiped": 0,
        "deck_size": len(session.deck_of(newcomer.user_id)),
    }
