"""What swipes lead to: a match at once, or, when a round has been counted, the next round or the end (S8-S11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from bson import ObjectId

from backend.sessions.rules.clock import start_round
from backend.sessions.rules.endings import decide_closest, decide_match, ranking
from backend.sessions.rules.requirements import unchanged
from backend.sessions.state import FINAL_ROUND, Change, Event, Participant, Session, Status
from backend.sessions.tally import Tally

NEW_CARDS: Final = 10
SHORTLIST: Final = 5


def match(session: Session, likes: Mapping[ObjectId, frozenset[ObjectId]], now: datetime) -> Change:
    """End the session with the first card, in deck order, that every required participant likes (docs/product.md S9).

    Without the majority of its players a session does not decide anything. A closed round is left to its count.

    Args:
        likes: who likes each card now; cards that nobody touched may be missing.
    """
    if not session.status.running or session.closing:
        return unchanged(session)
    return _first_match(session, likes, now)


def close_round(session: Session, tally: Tally, now: datetime) -> Change:
    """Close the log of a round whose time is up or that everybody has finished (docs/product.md S8); tells nobody.

    Counting comes after this: a swipe whose writer still saw the round open is in the log by then. So an acknowledged
    swipe always counts.
    """
    if session.status is not Status.SWIPING or session.counted_at is None or session.closing:
        return unchanged(session)
    if now < session.counted_at and not everybody_finished(session, tally):
        return unchanged(session)
    return Change(replace(session, closing=True, ends_at=min(session.ends_at or now, now)))


def end_round(
    session: Session, tally: Tally, now: datetime, count: str = "", *, reconsider: bool = True
) -> Change:
    """End a closed round: with a match, else the next round, else the closest (docs/product.md S9-S11).

    Those who have left have no say any more in what comes next; those who are gone may come back, and have.

    Args:
        tally: of those entries alone that carry the stamp of this count.
        count: names it; several processes may count the same round, and the first one decides.
        reconsider: whether there is a round 2; else round 3 comes after round 1.
    """
    if not session.being_counted:
        return unchanged(session)
    session = replace(session, counts=(*session.counts, count))
    matched = _first_match(session, tally.likes, now)
    if matched.events:
        return matched
    counted = replace(session, carried=tally.standing.among(p.user_id for p in session.players))
    ended = Change(counted, (Event("round_ended", {"round": session.round}),))
    return ended.and_then(_next(counted, tally, now, reconsider=reconsider))


def everybody_finished(session: Session, tally: Tally) -> bool:
    """Whether every required participant has swiped all their cards of this round."""
    return bool(session.required) and all(
        tally.swiped.get(user_id, frozenset()).issuperset(session.deck_of(user_id))
        for user_id in session.required
    )


def _first_match(session: Session, likes: Mapping[ObjectId, frozenset[ObjectId]], now: datetime) -> Change:
    if session.quorate:
        required = session.required
        agreed = {item for item, likers in likes.items() if required <= likers}
        # Asked after every group of swipes, and most often there is none.
        first = next((item for item in session.cards if item in agreed), None) if agreed else None
        if first is not None:
            return decide_match(session, first, now)
    return unchanged(session)


def _next(session: Session, tally: Tally, now: datetime, *, reconsider: bool) -> Change:
    """The next round in which anybody has a card; without one, the closest."""
    last = session.round if session.ending else len(session.round_seconds)
    for number in range(session.round + 1, last + 1):
        if number == FINAL_ROUND:
            return start_round(_with_shortlist(session), number, now)
        if not reconsider:
            continue
        dealt = _with_personal_decks(session, tally)
        if any(p.own_deck for p in dealt.players):
            return start_round(dealt, number, now)
    return decide_closest(session, now)


def _with_shortlist(session: Session) -> Session:
    """Deal round 3: the most liked cards, the same for all (S10)."""
    return replace(session, shortlist=tuple(ranking(session.cards, session.carried)[:SHORTLIST]))


def _with_personal_decks(session: Session, tally: Tally) -> Session:
    """Deal round 2: what others like and one does not, most liked first, then what nobody has swiped (S10)."""
    swiped = frozenset[ObjectId]().union(*tally.swiped.values())
    new = [item for item in session.deck + session.reserve if item not in swiped][:NEW_CARDS]
    participants = tuple(
        replace(p, own_deck=_liked_by_others(session, p, new) if p in session.players else ())
        for p in session.participants
    )
    return replace(session, participants=participants)


def _liked_by_others(session: Session, me: Participant, new: list[ObjectId]) -> tuple[ObjectId, ...]:
    others = {p.user_id for p in session.players if p != me}

    def likers(item: ObjectId) -> frozenset[ObjectId]:
        return session.carried.likes.get(item, frozenset())

    liked = [item for item in session.deck if others & likers(item) and me.user_id not in likers(item)]
    liked.sort(key=lambda item: -len(likers(item)))
    return (*liked, *(item for item in new if item not in liked))
