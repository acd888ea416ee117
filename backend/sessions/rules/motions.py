"""Majority votes: pause, resume, skip the round, end now (docs/product.md S12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bson import ObjectId

from backend.errors import Conflict
from backend.sessions.rules.clock import pause, resume
from backend.sessions.rules.requirements import (
    is_round_over,
    require_player,
    require_running,
    unchanged,
)
from backend.sessions.state import Change, Event, Motion, MotionKind, PauseReason, Session, Status


def vote(session: Session, user_id: ObjectId, kind: MotionKind, in_favour: bool, now: datetime) -> Change:
    """Vote on a motion; a vote in favour of one that is not open opens it. It passes with more than half of those
    present, and fails once it cannot pass any more.

    Raises:
        Conflict: `not_started`, `session_over`, `round_over`, `spectator`, `not_present`, `motion_not_possible`,
            `majority_away` (nobody resumes without the majority), `no_such_motion`.
    """
    me = require_player(session, user_id)
    require_running(session, now)
    if me.gone:
        raise Conflict("You were away for too long to vote. Connect again first.", code="not_present")
    _require_possible(session, kind)
    known = next((motion for motion in session.motions if motion.kind is kind), None)
    if known is None and not in_favour:
        raise Conflict("Nobody has asked for this.", code="no_such_motion")
    motion = _with_vote(known or Motion(kind, user_id, ()), user_id, in_favour)
    if motion == known:
        return unchanged(session)
    others = tuple(one for one in session.motions if one.kind is not kind)
    voted = replace(session.touched(now), motions=(*others, motion))
    said = Event("motion_voted" if known else "motion_opened", motion_view(motion, voted))
    return Change(voted, (said,)).and_then(_decide(voted, (kind,), now))


def recount(before: Session, session: Session, now: datetime) -> Change:
    """Count open motions again after somebody came or went: who is not there has no vote."""
    there = session.required
    counted = replace(session, motions=tuple(_without_absent(motion, there) for motion in session.motions))
    told = tuple(
        Event("motion_voted", motion_view(motion, counted))
        for motion, earlier in zip(counted.motions, before.motions, strict=True)
        if motion_view(motion, counted) != motion_view(earlier, before)
    )
    kinds = tuple(motion.kind for motion in counted.motions)
    return Change(counted, told).and_then(_decide(counted, kinds, now))


def motion_view(motion: Motion, session: Session) -> dict[str, Any]:
    """A motion as people see it."""
    return {
        "motion": motion.kind.value,
        "opened_by": str(motion.opened_by),
        "in_favour": [str(user_id) for user_id in motion.in_favour],
        "against": [str(user_id) for user_id in motion.against],
        "needed": _needed(session),
    }


def _decide(session: Session, kinds: Iterable[MotionKind], now: datetime) -> Change:
    """Carry out the first motion that has passed, which closes all others.

    Those that cannot pass any more, or that nobody wants any more, have failed.
    """
    change = unchanged(session)
    for kind in kinds:
        session = change.session
        motion = next(motion for motion in session.motions if motion.kind is kind)
        if len(motion.in_favour) >= _needed(session) and not is_round_over(session, now):
            passed = Change(session, (Event("motion_passed", {"motion": kind.value}),))
            return change.and_then(passed).and_then(_carry_out(session, kind, now))
        if not motion.in_favour or len(session.present) - len(motion.against) < _needed(session):
            others = tuple(one for one in session.motions if one.kind is not kind)
            failed = Event("motion_failed", {"motion": kind.value})
            change = change.and_then(Change(replace(session, motions=others), (failed,)))
    return change


def _carry_out(session: Session, kind: MotionKind, now: datetime) -> Change:
    match kind:
        case MotionKind.PAUSE:
            return pause(session, PauseReason.VOTE, now)
        case MotionKind.RESUME:
            return resume(session, now)
        case MotionKind.SKIP_ROUND:
            return Change(_closed(session, now))
        case MotionKind.END_NOW:
            return Change(replace(_closed(session, now), ending=True))


def _closed(session: Session, now: datetime) -> Session:
    """The session with its round closed: what is in the log now is counted, and that says what follows."""
    return replace(session, status=Status.SWIPING, pause=None, ends_at=now, closing=True, motions=())


def _require_possible(session: Session, kind: MotionKind) -> None:
    paused = session.status is Status.PAUSED
    if kind is MotionKind.RESUME and paused and not session.quorate:
        raise Conflict("The session goes on by itself once most of you are back.", code="majority_away")
    possible = kind is MotionKind.END_NOW or paused == (kind is MotionKind.RESUME)
    if not possible:
        detail = "The session is paused." if paused else "The session is not paused."
        raise Conflict(detail, code="motion_not_possible")


def _with_vote(motion: Motion, user_id: ObjectId, in_favour: bool) -> Motion:
    voters = motion.in_favour if in_favour else motion.against
    if user_id in voters:
        return motion
    others = _without(motion, {user_id})
    if in_favour:
        return replace(others, in_favour=(*others.in_favour, user_id))
    return replace(others, against=(*others.against, user_id))


def _without_absent(motion: Motion, there: frozenset[ObjectId]) -> Motion:
    return _without(motion, {who for who in motion.in_favour + motion.against if who not in there})


def _without(motion: Motion, voters: set[ObjectId]) -> Motion:
    return replace(
        motion,
        in_favour=tuple(who for who in motion.in_favour if who not in voters),
        against=tuple(who for who in motion.against if who not in voters),
    )


def _needed(session: Session) -> int:
    """More than half of those present."""
    return len(session.present) // 2 + 1
