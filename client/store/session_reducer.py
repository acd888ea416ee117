"""How what the server says changes the open session: pure, and harmless when something is said twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from client.net import events
from client.net.values import Deck, Epoch, Participant, Snapshot
from client.store.state import Session, SessionStatus


def session_from_snapshot(snapshot: Snapshot, known: Session | None) -> Session:
    """The session after a snapshot; `known` itself when the snapshot is older than what is known.

    The cards already loaded are kept while the round is the same.
    """
    if known is not None and known.id != snapshot.id:
        known = None
    if known is not None and known.epoch == snapshot.epoch and snapshot.seq < known.seq:
        return known
    same_round = known is not None and known.round == snapshot.round
    return Session(
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
        deck=known.deck if known is not None and same_round else (),
        swiped_ids=known.swiped_ids if known is not None and same_round else frozenset(),
        outcome=snapshot.outcome,
        epoch=snapshot.epoch,
        seq=snapshot.seq,
    )


def with_deck(session: Session, deck: Deck, waiting: frozenset[str]) -> Session:
    """The session with its round's cards; a deck of another round changes nothing.

    What was swiped here meanwhile stays swiped: the answer may have left before those swipes arrived.
    """
    if deck.round != session.round:
        return session
    return replace(session, deck=deck.items, swiped_ids=session.swiped_ids | deck.swiped | waiting)


def with_event(session: Session, epoch: Epoch, event: events.Event) -> Session:
    """The session after a live event; one that is old, or of another numbering, changes nothing."""
    if epoch != session.epoch:
        return session
    if event.seq is None:
        return _apply(event.body, session, event.at)
    if event.seq <= session.seq:
        return session
    return replace(_apply(event.body, session, event.at), seq=event.seq)


def _apply(body: events.EventBody, session: Session, at: float) -> Session:
    """Each kind of event is known to one of the three; what none knows (a later server's) changes nothing."""
    return _apply_to_round(body, _apply_to_doings(body, _apply_to_people(body, session)), at)


def _apply_to_people(body: events.EventBody, session: Session) -> Session:
    match body:
        case events.ParticipantJoined(participant, required, remaining):
            deck = tuple(card for card in session.deck if card.id in remaining)
            # In the lobby the group's energy is open again until the newcomer has voted.
            energy = None if session.status == "lobby" else session.energy
            joined = _joined(session, participant)
            return replace(joined, required=required, starts_at=None, deck=deck, energy=energy)
        case events.ParticipantLeft(participant_id, required, host_id, starts_at):
            left = _with_participant(session, participant_id, _gone)
            return replace(left, required=required, host_id=host_id or session.host_id, starts_at=starts_at)
        case events.PresenceChanged(participant_id, status):
            return _with_participant(session, participant_id, lambda person: replace(person, status=status))
        case events.Progress():
            return _with_progress(session, body)
        case _:
            return session


def _apply_to_doings(body: events.EventBody, session: Session) -> Session:
    match body:
        case events.EnergyVoted(participant_id):
            return _with_participant(
                session, participant_id, lambda person: replace(person, energy_voted=True)
            )
        case events.EnergyResult(energy):
            return replace(session, energy=energy)
        case events.ReadyChanged(participant_id, ready, starts_at):
            changed = _with_participant(session, participant_id, lambda person: replace(person, ready=ready))
            return replace(changed, starts_at=starts_at)
        case events.Swiped(participant_id, swiped):
            return _with_participant(session, participant_id, lambda person: replace(person, swiped=swiped))
        case _:
            return session


def _apply_to_round(body: events.EventBody, session: Session, at: float) -> Session:
    match body:
        case events.RoundStarted():
            return _round_started(session, body)
        case events.RoundEnded(ended) if ended == session.round:
            return replace(session, ends_at=at)
        case events.Decided(outcome):
            status: SessionStatus = "matched" if outcome.kind == "match" else "closest"
            return replace(session, status=status, outcome=outcome, starts_at=None, ends_at=None)
        case events.Expired():
            return replace(session, status="expired", starts_at=None, ends_at=None)
        case events.SessionClosed():
            return replace(session, status="closed", starts_at=None, ends_at=None)
        case _:
            return session


def _gone(person: Participant) -> Participant:
    return replace(person, status="left", ready=False)


def _joined(session: Session, newcomer: Participant) -> Session:
    if any(person.id == newcomer.id for person in session.participants):
        return _with_participant(session, newcomer.id, lambda _: newcomer)
    return replace(session, participants=(*session.participants, newcomer))


def _with_progress(session: Session, progress: events.Progress) -> Session:
    def caught_up(person: Participant) -> Participant:
        return replace(
            person,
            swiped=progress.swiped.get(person.id, person.swiped),
            status=progress.presence.get(person.id, person.status),
        )

    return replace(session, participants=tuple(caught_up(person) for person in session.participants))


def _round_started(session: Session, started: events.RoundStarted) -> Session:
    """Round `started.round` runs. If a snapshot told so already, what is swiped and loaded stays."""
    running = replace(
        session,
        status="swiping",
        round=started.round,
        starts_at=None,
        ends_at=started.ends_at,
        energy=started.energy or session.energy,
        required=started.required,
    )
    if started.round == session.round:
        return running
    fresh = tuple(replace(person, swiped=0, deck_size=len(started.deck)) for person in session.participants)
    return replace(running, participants=fresh, deck=(), swiped_ids=frozenset())


def _with_participant(
    session: Session, participant_id: str, change: Callable[[Participant], Participant]
) -> Session:
    changed = tuple(
        change(person) if person.id == participant_id else person for person in session.participants
    )
    return replace(session, participants=changed)
