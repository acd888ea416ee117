"""How what the server says changes the open session: pure, and harmless when something is said twice."""

from __future__ import annotations

from dataclasses import replace

from client.net import events
from client.net.values import ChatMessage, Epoch, Motion, Snapshot
from client.store.people_reducer import with_participant, with_people_event
from client.store.state import Reaction, Session, SessionStatus
from client.store.talk import with_messages, with_reaction


def session_from_snapshot(snapshot: Snapshot, known: Session | None) -> Session:
    """The session after a snapshot; `known` itself when the snapshot is older than what is known.

    What no snapshot tells is kept: the chat, and while the round is the same the cards already loaded.
    """
    if known is not None and known.id != snapshot.id:
        known = None
    if known is not None and known.epoch == snapshot.epoch and snapshot.seq < known.seq:
        return known
    told = Session(
        id=snapshot.id,
        code=snapshot.code,
        link=snapshot.link,
        status=snapshot.status,
        round=snapshot.round,
        starts_at=snapshot.starts_at,
        ends_at=snapshot.ends_at,
        host_id=snapshot.host_id,
        you=snapshot.you,
        menu=snapshot.menu,
        energy=snapshot.energy,
        my_energy=snapshot.my_energy,
        participants=snapshot.participants,
        required=snapshot.required,
        round_seconds=snapshot.round_seconds,
        pause=snapshot.pause,
        motions=snapshot.motions,
        outcome=snapshot.outcome,
        epoch=snapshot.epoch,
        seq=snapshot.seq,
    )
    return told if known is None else _with_what_was_known(told, known)


def _with_what_was_known(told: Session, known: Session) -> Session:
    told = replace(told, messages=known.messages, reactions=known.reactions, seen_until=known.seen_until)
    if told.round != known.round:
        return told
    return replace(
        told,
        deck=known.deck,
        deck_round=known.deck_round,
        swiped_ids=known.swiped_ids,
        swipe_order=known.swipe_order,
    )


def with_event(session: Session, epoch: Epoch, event: events.Event) -> Session:
    """The session after a live event; one that is old, or of another numbering, changes nothing."""
    if epoch != session.epoch:
        return session
    if event.seq is None:
        return _apply(event, session)
    if event.seq <= session.seq:
        return session
    return replace(_apply(event, session), seq=event.seq)


def _apply(event: events.Event, session: Session) -> Session:
    """Each kind of event is known to one of these; what none knows (a later server's) changes nothing."""
    session = with_people_event(session, event.body)
    session = _apply_to_lobby(event.body, session)
    session = _apply_to_round(event, session)
    session = _apply_to_motions(event.body, session)
    session = _apply_to_end(event.body, session)
    return _apply_to_talk(event, session)


def _apply_to_lobby(body: events.EventBody, session: Session) -> Session:
    match body:
        case events.EnergyVoted(participant_id):
            return with_participant(
                session, participant_id, lambda person: replace(person, energy_voted=True)
            )
        case events.EnergyResult(energy):
            return replace(session, energy=energy)
        case events.ReadyChanged(participant_id, ready, starts_at):
            changed = with_participant(session, participant_id, lambda person: replace(person, ready=ready))
            return replace(changed, starts_at=starts_at)
        case _:
            return session


def _apply_to_round(event: events.Event, session: Session) -> Session:
    match event.body:
        case events.RoundStarted():
            return _round_started(session, event.body)
        case events.Paused(pause):
            return replace(session, status="paused", pause=pause, ends_at=None, motions=())
        case events.Resumed(ends_at):
            return replace(session, status="swiping", pause=None, ends_at=ends_at, motions=())
        case events.RoundEnded(ended) if ended == session.round:
            return replace(session, ends_at=event.at)
        case _:
            return session


def _apply_to_motions(body: events.EventBody, session: Session) -> Session:
    match body:
        case events.MotionChanged(motion):
            return replace(session, motions=_with_motion(session.motions, motion))
        case events.MotionClosed(kind):
            return replace(session, motions=tuple(open_ for open_ in session.motions if open_.kind != kind))
        case _:
            return session


def _apply_to_end(body: events.EventBody, session: Session) -> Session:
    match body:
        case events.Decided(outcome):
            status: SessionStatus = "matched" if outcome.kind == "match" else "closest"
            return replace(_over(session, status), outcome=outcome)
        case events.CoinTossed(item) if session.outcome is not None:
            return replace(session, outcome=replace(session.outcome, tossed=item))
        case events.Expired():
            return _over(session, "expired")
        case events.SessionClosed():
            return _over(session, "closed")
        case _:
            return session


def _apply_to_talk(event: events.Event, session: Session) -> Session:
    match event.body:
        case events.Said(message_id, participant_id, text):
            return with_messages(session, (ChatMessage(message_id, participant_id, text, event.at),))
        case events.Reacted(participant_id, emoji):
            return with_reaction(session, Reaction(participant_id, emoji, event.at))
        case _:
            return session


def _over(session: Session, status: SessionStatus) -> Session:
    return replace(session, status=status, starts_at=None, ends_at=None, pause=None, motions=())


def _with_motion(motions: tuple[Motion, ...], changed: Motion) -> tuple[Motion, ...]:
    if any(known.kind == changed.kind for known in motions):
        return tuple(changed if known.kind == changed.kind else known for known in motions)
    return (*motions, changed)


def _round_started(session: Session, started: events.RoundStarted) -> Session:
    """Round `started.round` runs. If a snapshot told so already, what is swiped and loaded stays."""
    running = replace(
        session,
        status="swiping",
        round=started.round,
        starts_at=None,
        ends_at=started.ends_at,
        pause=None,
        motions=(),
        energy=started.energy or session.energy,
        required=started.required,
    )
    if started.round == session.round:
        return running
    fresh = tuple(
        replace(person, swiped=0, deck_size=started.deck_sizes.get(person.id, 0))
        for person in session.participants
    )
    return replace(running, participants=fresh, deck=(), swiped_ids=frozenset(), swipe_order=())
