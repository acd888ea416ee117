"""The clock of a round: it starts, stands still, goes on (docs/product.md S8, S12, S16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from backend.infra.clock import to_iso
from backend.sessions.rules.energy import energy_result
from backend.sessions.rules.requirements import ids_of_required, is_round_over, unchanged
from backend.sessions.state import Change, Event, Pause, PauseReason, Session, Status


def start_round(session: Session, number: int, now: datetime) -> Change:
    """Start a round whose cards are dealt. Without its majority the session pauses at once."""
    ends_at = now + timedelta(seconds=session.round_seconds[number - 1])
    started = replace(
        session.touched(now),
        status=Status.SWIPING,
        round=number,
        ends_at=ends_at,
        closing=False,
        motions=(),
    )
    told = {
        "round": number,
        "ends_at": to_iso(ends_at),
        "deck": [str(item) for item in started.shared_deck],
        "deck_sizes": {str(p.user_id): len(started.deck_of(p.user_id)) for p in started.participants},
        "energy": energy_result(started),
        "required": ids_of_required(started),
    }
    return Change(started, (Event("round_started", told),)).and_then(enforce_quorum(started, now))


def pause(session: Session, reason: PauseReason, now: datetime) -> Change:
    """Stop the clock exactly where it is. A round that only waits to be counted does not pause."""
    if session.status is not Status.SWIPING or session.ends_at is None or is_round_over(session, now):
        return unchanged(session)
    stopped = Pause(reason, session.ends_at - now)
    paused = replace(session.touched(now), status=Status.PAUSED, ends_at=None, pause=stopped, motions=())
    return Change(paused, (Event("paused", pause_view(stopped)),))


def resume(session: Session, now: datetime) -> Change:
    """Let the clock go on from where it stood."""
    if session.pause is None:
        return unchanged(session)
    ends_at = now + session.pause.remaining
    resumed = replace(session.touched(now), status=Status.SWIPING, ends_at=ends_at, pause=None, motions=())
    return Change(resumed, (Event("resumed", {"ends_at": to_iso(ends_at)}),))


def enforce_quorum(session: Session, now: datetime) -> Change:
    """Pause when the majority is lost, go on when it is back from that (docs/product.md S16)."""
    if session.status is Status.SWIPING and not session.quorate:
        return pause(session, PauseReason.MAJORITY_AWAY, now)
    waiting = session.pause is not None and session.pause.reason is PauseReason.MAJORITY_AWAY
    return resume(session, now) if waiting and session.quorate else unchanged(session)


def pause_view(pause: Pause) -> dict[str, Any]:
    """A standing clock, as people see it."""
    return {"reason": pause.reason.value, "remaining_ms": pause.remaining // timedelta(milliseconds=1)}
