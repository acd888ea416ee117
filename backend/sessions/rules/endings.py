"""How a session ends, which cards are the closest, and the coin that decides between them (S9, S11, S17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bson import ObjectId

from backend.errors import Conflict, Forbidden
from backend.infra.clock import to_iso
from backend.sessions.rules.requirements import require_member, unchanged
from backend.sessions.state import Change, Event, Outcome, Session, Status
from backend.sessions.tally import Standing

CLOSEST_COUNT: Final = 3


def ranking(cards: Sequence[ObjectId], standing: Standing) -> list[ObjectId]:
    """The cards, best first: most likes, then fewest dislikes, then deck order (docs/product.md S11)."""
    return sorted(cards, key=lambda item: _opinions(item, standing))


def decide_match(session: Session, item: ObjectId, now: datetime) -> Change:
    """End the session with a match."""
    return _decided(session, Status.MATCHED, Outcome("match", (item,), now))


def decide_closest(session: Session, now: datetime) -> Change:
    """End the session with its three best cards, by the standing that was carried out of the last round."""
    best = ranking(session.cards, session.carried)[:CLOSEST_COUNT]
    first = [item for item in best if _opinions(item, session.carried) == _opinions(best[0], session.carried)]
    tied = tuple(first) if len(first) > 1 else ()
    return _decided(session, Status.CLOSEST, Outcome("closest", tuple(best), now, tied))


def toss(session: Session, user_id: ObjectId, drawn: int) -> Change:
    """Let a coin choose among the cards that share the first place (docs/product.md S11). Once: it falls only once.

    Args:
        drawn: a random number of many more digits than there are cards.

    Raises:
        Forbidden: `not_host`, `not_participant`.
        Conflict: `nothing_tied`.
    """
    require_member(session, user_id)
    if session.host_id != user_id:
        raise Forbidden("Only the host can toss the coin.", code="not_host")
    outcome = session.outcome
    if outcome is None or not outcome.tied:
        raise Conflict("No cards share the first place.", code="nothing_tied")
    if outcome.tossed is not None:
        return unchanged(session)
    item = outcome.tied[drawn % len(outcome.tied)]
    told = {"item": str(item), "among": [str(one) for one in outcome.tied]}
    return Change(replace(session, outcome=replace(outcome, tossed=item)), (Event("coin_tossed", told),))


def expire(session: Session, now: datetime) -> Change:
    """End a session that nobody has touched for its expiry time (docs/product.md S17); never one whose clock runs."""
    clock_runs = session.starts_at is not None or session.ends_at is not None
    if not session.status.live or clock_runs or now < session.expires_at:
        return unchanged(session)
    return Change(over(session, Status.EXPIRED, now), (Event("expired"),))


def give_up(session: Session, now: datetime) -> Change:
    """End a live session at once, whatever runs in it: somebody's erasure waits no longer (docs/product.md P2)."""
    if not session.status.live:
        return unchanged(session)
    ended = replace(over(session, Status.EXPIRED, now), ends_at=None)
    return Change(ended, (Event("expired"),))


def over(session: Session, status: Status, now: datetime) -> Session:
    """The session after its end. Who liked what is not kept; that its last round was counted is."""
    return replace(
        session,
        status=status,
        starts_at=None,
        pause=None,
        motions=(),
        carried=Standing(),
        closing=session.closing and status.decided,
        finished_at=now,
    )


def _opinions(item: ObjectId, standing: Standing) -> tuple[int, int]:
    return (-len(standing.likes.get(item, ())), len(standing.dislikes.get(item, ())))


def _decided(session: Session, status: Status, outcome: Outcome) -> Change:
    decided = replace(over(session, status, outcome.decided_at), outcome=outcome)
    return Change(decided, (Event(status.value, {"outcome": _told(outcome)}),))


def _told(outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": outcome.kind,
        "items": [str(item) for item in outcome.items],
        "decided_at": to_iso(outcome.decided_at),
    }
    if outcome.kind == "closest":
        told |= {"tied": [str(item) for item in outcome.tied], "tossed": None}
    return told
