"""How events about people change the open session: who is there, who counts, how far each is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from client.net import events
from client.net.values import Participant, ParticipantStatus
from client.store.state import Session


def with_people_event(session: Session, body: events.EventBody) -> Session:
    """The session after an event about people; any other changes nothing."""
    match body:
        case events.ParticipantJoined():
            return _joined(session, body)
        case events.ParticipantLeft(participant_id, required, host_id, starts_at):
            left = with_participant(
                session, participant_id, lambda person: replace(person, status="left", ready=False)
            )
            return replace(left, required=required, host_id=host_id or session.host_id, starts_at=starts_at)
        case events.ParticipantGone(participant_id, required, starts_at):
            gone = _with_status(session, participant_id, "gone")
            return replace(gone, required=required, starts_at=starts_at)
        case events.ParticipantBack(participant_id, required, starts_at):
            back = _with_status(session, participant_id, "connected")
            back = replace(back, required=required, starts_at=starts_at)
            person = next((known for known in back.participants if known.id == participant_id), None)
            return back if person is None else _without_energy_until_voted(back, person)
        case _:
            return _with_progress_event(session, body)


def _with_progress_event(session: Session, body: events.EventBody) -> Session:
    match body:
        case events.PresenceChanged(participant_id, status):
            return _with_status(session, participant_id, status)
        case events.Swiped(participant_id, number, swiped) if number == session.round:
            return with_participant(session, participant_id, lambda person: replace(person, swiped=swiped))
        case events.Progress():
            return _with_progress(session, body)
        case _:
            return session


def with_participant(
    session: Session, participant_id: str, change: Callable[[Participant], Participant]
) -> Session:
    """The session with one of its people changed."""
    changed = tuple(
        change(person) if person.id == participant_id else person for person in session.participants
    )
    return replace(session, participants=changed)


def _with_status(session: Session, participant_id: str, status: ParticipantStatus) -> Session:
    return with_participant(session, participant_id, lambda person: replace(person, status=status))


def _joined(session: Session, joined: events.ParticipantJoined) -> Session:
    newcomer = joined.participant
    if any(person.id == newcomer.id for person in session.participants):
        # Who was here before has still swiped what they had swiped.
        session = with_participant(session, newcomer.id, lambda known: replace(newcomer, swiped=known.swiped))
    else:
        session = replace(session, participants=(*session.participants, newcomer))
    if session.round == 1:
        # Later the event names no cards: newcomers only watch then, and everybody keeps theirs.
        session = _with_smaller_deck(session, joined.deck)
    session = replace(session, required=joined.required, starts_at=None)
    return _without_energy_until_voted(session, newcomer)


def _with_smaller_deck(session: Session, remaining: tuple[str, ...]) -> Session:
    people = tuple(replace(person, deck_size=len(remaining)) for person in session.participants)
    deck = tuple(card for card in session.deck if card.id in remaining)
    return replace(session, deck=deck, participants=people)


def _without_energy_until_voted(session: Session, person: Participant) -> Session:
    """In the lobby the group's energy is open again as soon as somebody is there who has not voted."""
    still_open = session.status == "lobby" and not person.energy_voted
    return replace(session, energy=None) if still_open else session


def _with_progress(session: Session, progress: events.Progress) -> Session:
    same_round = progress.round == session.round

    def caught_up(person: Participant) -> Participant:
        return replace(
            person,
            swiped=progress.swiped.get(person.id, person.swiped) if same_round else person.swiped,
            status=progress.presence.get(person.id, person.status),
        )

    return replace(session, participants=tuple(caught_up(person) for person in session.participants))
