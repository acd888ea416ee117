"""The rules of a session: values in, values out. No clock, no chance, no input or output (docs/product.md S1-S18).

A rule takes a Session and gives a Change: the session as it is then, and the events that tell clients how it
came about. Events carry absolute values, so that applying one twice does no harm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from backend.errors import Conflict, Forbidden, NotFound
from backend.infra.clock import to_iso
from backend.sessions.state import Change, Energy, Event, Outcome, Participant, Session, Status
from backend.sessions.tally import Tally

COUNTDOWN = timedelta(seconds=3)
MIN_PARTICIPANTS = 2
MIN_DECK = 5
CLOSEST_COUNT = 3


def operation_key(user_id: ObjectId, op_id: str) -> str:
    """How an operation is remembered; ids are unique per participant only."""
    return f"{user_id}:{op_id}"


def unchanged(session: Session) -> Change:
    """The rule found nothing to do."""
    return Change(session)


def join(
    session: Session,
    user_id: ObjectId,
    display_name: str,
    now: datetime,
    suitable: frozenset[ObjectId] | None = None,
) -> Change:
    """Add a participant, or welcome back one who left (S2, S18). Joining twice changes nothing.

    Args:
        suitable: where the session has a deck, those of its cards that the newcomer can eat; the others leave the deck
            for all, because no card that somebody cannot eat is ever shown (S5).

    Raises:
        Conflict: `session_over`, `already_started` (after round 1), `session_full`, `deck_too_small`.
    """
    known = next((p for p in session.participants if p.user_id == user_id), None)
    if known and not known.left:
        return unchanged(session)
    _require_live(session)
    if session.round > 1:
        raise Conflict(
            "This session is past its first round; you can no longer join.", code="already_started"
        )
    if len(session.present) >= session.capacity:
        raise Conflict(f"This session is full ({session.capacity} people).", code="session_full")
    deck = tuple(item for item in session.deck if suitable is None or item in suitable)
    if session.deck and len(deck) < MIN_DECK:
        raise Conflict(
            "Too few cards of this session's deck suit you; join before it starts.", code="deck_too_small"
        )
    newcomer = Participant(user_id, display_name, joined_at=now)
    others = tuple(p for p in session.participants if p.user_id != user_id)
    # A countdown does not run over the head of somebody who has just come in.
    joined = replace(_touched(session, now), participants=(*others, newcomer), starts_at=None, deck=deck)
    described = {
        "id": str(user_id),
        "display_name": display_name,
        "status": "away",  # until the socket says otherwise
        "ready": False,
        "energy_voted": False,
        "swiped": 0,
        "deck_size": len(deck),
    }
    told = {
        "participant": described,
        "required": _ids(joined),
        "starts_at": None,
        "deck": [str(item) for item in deck],
    }
    return Change(joined, (Event("participant_joined", told),))


def leave(session: Session, user_id: ObjectId, now: datetime) -> Change:
    """Take a participant out. The host's role passes on; fewer than two close a session that had begun."""
    if session.participant(user_id).left or not session.status.live:
        return unchanged(session)
    participants = tuple(
        replace(p, left=True, ready=False) if p.user_id == user_id else p for p in session.participants
    )
    left = replace(_touched(session, now), participants=participants)
    if left.host_id == user_id and left.present:
        left = replace(left, host_id=left.present[0].user_id)
    left = replace(left, starts_at=_countdown(left, now))
    event = Event(
        "participant_left",
        {
            "participant_id": str(user_id),
            "required": _ids(left),
            "host_id": str(left.host_id),
            "starts_at": _iso(left.starts_at),
        },
    )
    enough = len(left.present) >= MIN_PARTICIPANTS or (left.status is Status.LOBBY and bool(left.present))
    if not enough:
        return Change(_over(left, Status.CLOSED, now), (event, Event("session_closed")))
    # Without their vote, or without waiting for it, the group's energy may be another.
    counted_anew = left.status is Status.LOBBY and all_voted(left)
    return Change(left, (event, Event("energy_result", energy_result(left))) if counted_anew else (event,))


def vote_energy(session: Session, user_id: ObjectId, energy: Energy, now: datetime) -> Change:
    """Say how much energy one has (S3); once all have, the group's energy is known.

    Raises:
        Conflict: `session_over`, `already_started`.
    """
    me = _require_present(session, user_id)
    _require_lobby(session)
    if me.energy is energy:
        return unchanged(session)
    voted = _with_participant(_touched(session, now), replace(me, energy=energy))
    events = [Event("energy_voted", {"participant_id": str(user_id)})]
    if all_voted(voted):
        events.append(Event("energy_result", energy_result(voted)))
    return Change(voted, tuple(events))


def energy_result(session: Session) -> dict[str, Any]:
    """The group's energy and the count of votes, without names."""
    votes = Counter(p.energy for p in session.present if p.energy)
    level = session.energy or group_energy(session)
    return {"level": level.value, "votes": {level.value: votes[level] for level in Energy}}


def group_energy(session: Session) -> Energy:
    """The most voted energy of those present; on a tie the lower; medium if nobody said (S3)."""
    votes = Counter(p.energy for p in session.present if p.energy)
    if not votes:
        return Energy.MEDIUM
    return max(Energy, key=lambda level: (votes[level], -list(Energy).index(level)))


def set_ready(session: Session, user_id: ObjectId, ready: bool, now: datetime) -> Change:
    """Say that one is (or is not) ready. When all are, a countdown starts; when one is not, it stops (S4).

    Raises:
        Conflict: `session_over`, `already_started`.
    """
    me = _require_present(session, user_id)
    _require_lobby(session)
    if me.ready == ready:
        return unchanged(session)
    changed = _with_participant(_touched(session, now), replace(me, ready=ready))
    changed = replace(changed, starts_at=_countdown(changed, now))
    told = {"participant_id": str(user_id), "ready": ready, "starts_at": _iso(changed.starts_at)}
    return Change(changed, (Event("ready_changed", told),))


def require_can_start(session: Session, user_id: ObjectId) -> None:
    """Check the host's wish to start at once (S4).

    Raises:
        Forbidden: `not_host`.
        Conflict: `session_over`, `already_started`, `not_ready`.
    """
    _require_present(session, user_id)
    _require_lobby(session)
    if session.host_id != user_id:
        raise Forbidden("Only the host can start the session.", code="not_host")
    if not _all_ready(session):
        raise Conflict("Everybody must be ready, and at least two people present.", code="not_ready")


def begin(session: Session, deck: tuple[ObjectId, ...], now: datetime) -> Change:
    """Start round 1 with `deck`, the same for all in the same order (S4). Does nothing unless all are ready."""
    if session.status is not Status.LOBBY or not _all_ready(session):
        return unchanged(session)
    energy = group_energy(session)
    ends_at = now + timedelta(seconds=session.round_seconds[0])
    begun = replace(
        _touched(session, now),
        status=Status.SWIPING,
        round=1,
        starts_at=None,
        ends_at=ends_at,
        deck=deck,
        energy=energy,
    )
    started = {
        "round": 1,
        "ends_at": to_iso(ends_at),
        "deck": [str(item) for item in deck],
        "energy": energy_result(session),
        "required": _ids(begun),
    }
    return Change(begun, (Event("round_started", started),))


def stop_countdown(session: Session, now: datetime, code: str, detail: str) -> Change:
    """Take the lobby's ready marks back and say why, because the session cannot start as things are (S5)."""
    if session.status is not Status.LOBBY or session.starts_at is None:
        return unchanged(session)
    waiting = tuple(replace(p, ready=False) for p in session.participants)
    unready = tuple(
        Event("ready_changed", {"participant_id": str(p.user_id), "ready": False, "starts_at": None})
        for p in session.present
    )
    stopped = replace(_touched(session, now), participants=waiting, starts_at=None)
    return Change(stopped, (*unready, Event("start_refused", {"code": code, "detail": detail})))


def require_swipe(session: Session, user_id: ObjectId, item: ObjectId, now: datetime) -> None:
    """Check that this participant may swipe this card now.

    Raises:
        NotFound: `session_not_found`, `unknown_item`.
        Conflict: `not_started`, `session_over`, `round_over`.
    """
    _require_present(session, user_id)
    if session.status is Status.LOBBY:
        raise Conflict("The session has not started yet.", code="not_started")
    _require_live(session)
    if session.closing or (session.ends_at is not None and now >= session.ends_at):
        raise Conflict("The round is over.", code="round_over")
    if item not in session.deck:
        raise NotFound("This card is not in the deck of this session.", code="unknown_item")


def match(session: Session, likes: Mapping[ObjectId, frozenset[ObjectId]], now: datetime) -> Change:
    """End the session with the first card, in deck order, that every required participant likes (S9).

    Args:
        likes: who likes each card now; cards that nobody touched may be missing. A round that is being counted is
            left to the count.
    """
    if session.status is not Status.SWIPING or session.closing:
        return unchanged(session)
    return _first_match(session, likes, now)


def _first_match(session: Session, likes: Mapping[ObjectId, frozenset[ObjectId]], now: datetime) -> Change:
    for item in session.deck:
        if session.required <= likes.get(item, frozenset()):
            return _decided(session, Status.MATCHED, Outcome("match", (item,), now))
    return unchanged(session)


def close_round(session: Session, tally: Tally, now: datetime) -> Change:
    """Close the log of a round whose time is up or that everybody has finished (S8); tells nobody.

    Counting comes after this: a swipe whose writer still saw the round open is in the log by then. So an acknowledged
    swipe always counts.
    """
    if session.status is not Status.SWIPING or session.counted_at is None or session.closing:
        return unchanged(session)
    if now < session.counted_at and not everybody_finished(session, tally):
        return unchanged(session)
    return Change(replace(session, closing=True, ends_at=min(session.ends_at or now, now)))


def end_round(session: Session, tally: Tally, now: datetime) -> Change:
    """End a closed round: with a match, else the closest (S9, S11)."""
    if not session.being_counted:
        return unchanged(session)
    matched = _first_match(session, tally.likes, now)
    if matched.events:
        return matched
    ended = Event("round_ended", {"round": session.round})
    decided = _decided(session, Status.CLOSEST, Outcome("closest", closest(session.deck, tally), now))
    return Change(decided.session, (ended, *decided.events))


def everybody_finished(session: Session, tally: Tally) -> bool:
    """Whether every required participant has swiped every card."""
    return all(
        len(tally.swiped.get(user_id, frozenset())) >= len(session.deck) for user_id in session.required
    )


def closest(deck: tuple[ObjectId, ...], tally: Tally) -> tuple[ObjectId, ...]:
    """The three best cards: most likes, then fewest dislikes, then deck order (S11)."""

    def worse(place: int) -> tuple[int, int, int]:
        item = deck[place]
        return (-len(tally.likes.get(item, ())), len(tally.dislikes.get(item, ())), place)

    return tuple(deck[place] for place in sorted(range(len(deck)), key=worse)[:CLOSEST_COUNT])


def expire(session: Session, now: datetime) -> Change:
    """End a session that nobody has touched for its expiry time (S17)."""
    if not session.status.live or now < session.expires_at:
        return unchanged(session)
    return Change(_over(session, Status.EXPIRED, now), (Event("expired"),))


def _decided(session: Session, status: Status, outcome: Outcome) -> Change:
    told = {
        "outcome": {
            "kind": outcome.kind,
            "items": [str(item) for item in outcome.items],
            "decided_at": to_iso(outcome.decided_at),
        }
    }
    over = replace(_over(session, status, outcome.decided_at), outcome=outcome)
    return Change(over, (Event(status.value, told),))


def _over(session: Session, status: Status, now: datetime) -> Session:
    counted = session.closing and status in {Status.MATCHED, Status.CLOSEST}
    return replace(session, status=status, starts_at=None, closing=counted, finished_at=now)


def _touched(session: Session, now: datetime) -> Session:
    return replace(session, expires_at=now + timedelta(minutes=session.expiry_minutes))


def _with_participant(session: Session, changed: Participant) -> Session:
    participants = tuple(changed if p.user_id == changed.user_id else p for p in session.participants)
    return replace(session, participants=participants)


def _countdown(session: Session, now: datetime) -> datetime | None:
    """When round 1 starts by itself: keeps a running countdown, starts one, or none."""
    if session.status is not Status.LOBBY or not _all_ready(session):
        return None
    return session.starts_at or now + COUNTDOWN


def all_voted(session: Session) -> bool:
    """Whether everybody present has said how much energy they have."""
    return bool(session.present) and all(p.energy for p in session.present)


def _all_ready(session: Session) -> bool:
    return len(session.present) >= MIN_PARTICIPANTS and all(p.ready for p in session.present)


def _require_present(session: Session, user_id: ObjectId) -> Participant:
    me = session.participant(user_id)
    if me.left:
        raise Forbidden("You have left this session.", code="not_participant")
    return me


def _require_live(session: Session) -> None:
    if not session.status.live:
        raise Conflict("This session is over.", code="session_over")


def _require_lobby(session: Session) -> None:
    _require_live(session)
    if session.status is not Status.LOBBY:
        raise Conflict("The session has already started.", code="already_started")


def _ids(session: Session) -> list[str]:
    return [str(p.user_id) for p in session.present]


def _iso(moment: datetime | None) -> str | None:
    return to_iso(moment) if moment else None
