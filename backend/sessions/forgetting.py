"""Forgetting somebody in sessions, of which others keep their part (docs/product.md P2, docs/decisions/0014).

What others keep names a pseudonym, another one in each session. A session that is still played waits until it is over:
the running game counts on its participants.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

import structlog
from bson import ObjectId

from backend.errors import NotFound
from backend.infra.event_bus import EventBus
from backend.sessions.conversation import Conversation
from backend.sessions.evenings import Evenings
from backend.sessions.presence import Presence
from backend.sessions.service import SessionService
from backend.sessions.state import Participant, Session
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Standing
from backend.texts import SOMEBODY

_log = structlog.stdlib.get_logger(__name__)

_ATTEMPTS = 25

PseudonymIn = Callable[[ObjectId], ObjectId]
"""By session id: who stands in for somebody there; the same each time."""


class Forgetting:
    """Takes a person out of what sessions keep. Everything here may be interrupted, and called again."""

    def __init__(
        self,
        *,
        service: SessionService,
        store: SessionStore,
        swipes: SwipeLog,
        conversation: Conversation,
        evenings: Evenings,
        presence: Presence,
        bus: EventBus,
    ) -> None:
        self._service = service
        self._store = store
        self._swipes = swipes
        self._conversation = conversation
        self._evenings = evenings
        self._presence = presence
        self._bus = bus

    def leave_all(self, user_id: ObjectId) -> int:
        """Leave every session that is still played, as anybody leaves; how many they were."""
        left = 0
        for session_id in self._store.live_ids_of(user_id):
            try:
                self._service.leave(session_id, user_id)
            except NotFound:  # gone meanwhile
                continue
            left += 1
        return left

    def still_played(self, user_id: ObjectId) -> list[ObjectId]:
        """The sessions that name the user and that others still play. Ask before the rest: one may end meanwhile."""
        return self._store.live_ids_of(user_id)

    def end_still_played(self, user_id: ObjectId) -> int:
        """End the sessions that name the user and that others still play; how many they were."""
        ended = 0
        for session_id in self._store.live_ids_of(user_id):
            try:
                self._service.give_up(session_id)
            except NotFound:  # gone meanwhile
                continue
            _log.info("session_given_up", session_id=str(session_id))
            ended += 1
        return ended

    def people(self) -> Iterator[ObjectId]:
        """Everybody whom a session names, pseudonyms too."""
        return self._store.people()

    def naming(self, user_id: ObjectId) -> list[ObjectId]:
        """Every session that names the user now. Messages and swipes are found by it: keep it for the steps below."""
        return self._store.all_ids_of(user_id)

    def delete_messages(self, user_id: ObjectId, named_before: Collection[ObjectId]) -> int:
        """Delete what the user wrote, wherever it was; how many messages.

        Args:
            named_before: sessions that named the user when they left, whoever has their place now.
        """
        return self._conversation.delete_by(user_id, {*self._store.all_ids_of(user_id), *named_before})

    def hand_over_swipes(
        self, user_id: ObjectId, pseudonym_in: PseudonymIn, named_before: Collection[ObjectId]
    ) -> int:
        """Let the user's swipes in sessions that are over be their pseudonyms'; how many.

        Args:
            named_before: as above; a swipe may come in when the pseudonym has the place already.
        """
        over = {*named_before, *self._store.over_ids_of(user_id)} - {*self._store.live_ids_of(user_id)}
        return sum(
            self._swipes.hand_over(session_id, user_id, pseudonym_in(session_id)) for session_id in over
        )

    def hand_over_feedback(self, user_id: ObjectId, pseudonym_in: PseudonymIn) -> int:
        """Let the user's feedback on outcomes be their pseudonyms'; how many."""
        return self._evenings.hand_over(user_id, pseudonym_in)

    def hand_over_sessions(self, user_id: ObjectId, pseudonym_in: PseudonymIn) -> int:
        """Let the user's part in sessions that are over be their pseudonyms'; how many sessions.

        Nothing finds what is left of a session once the session itself names the user no more, so that goes last.
        """
        self._forget_events()
        handed_over = 0
        for session_id in self._store.over_ids_of(user_id):
            pseudonym = pseudonym_in(session_id)
            self._conversation.delete_by(user_id, [session_id])
            self._swipes.hand_over(session_id, user_id, pseudonym)
            self._evenings.hand_over(user_id, pseudonym_in)
            self._presence.forget(session_id, user_id)
            self._replace_person(session_id, user_id, pseudonym)
            handed_over += 1
        self._forget_events()
        return handed_over

    def _replace_person(self, session_id: ObjectId, user_id: ObjectId, pseudonym: ObjectId) -> None:
        for _ in range(_ATTEMPTS):
            session = self._store.load(session_id)
            if self._store.replace_person(session, with_stand_in(session, user_id, pseudonym), user_id):
                return
        raise RuntimeError(f"session {session_id} is over, and changes all the time")

    def _forget_events(self) -> None:
        """Of sessions in which somebody was replaced; clients get a snapshot instead of what happened."""
        for session_id, version in self._store.with_events_to_forget():
            self._bus.restart(session_id, version)
            self._store.events_forgotten(session_id)


def with_stand_in(session: Session, user_id: ObjectId, pseudonym: ObjectId) -> Session:
    """The session with somebody who has no name in the place of a participant, and the next version. Pure."""

    def stand_in(who: ObjectId) -> ObjectId:
        return pseudonym if who == user_id else who

    def in_place_of(people: frozenset[ObjectId]) -> frozenset[ObjectId]:
        return frozenset(map(stand_in, people))

    def participant(one: Participant) -> Participant:
        return replace(one, user_id=pseudonym, display_name=SOMEBODY) if one.user_id == user_id else one

    def opinions(held: Mapping[ObjectId, frozenset[ObjectId]]) -> dict[ObjectId, frozenset[ObjectId]]:
        return {item: in_place_of(who) for item, who in held.items()}

    return replace(
        session,
        host_id=stand_in(session.host_id),
        participants=tuple(map(participant, session.participants)),
        motions=tuple(
            replace(
                motion,
                opened_by=stand_in(motion.opened_by),
                in_favour=tuple(map(stand_in, motion.in_favour)),
                against=tuple(map(stand_in, motion.against)),
            )
            for motion in session.motions
        ),
        carried=Standing(opinions(session.carried.likes), opinions(session.carried.dislikes)),
        operations={who: keys for who, keys in session.operations.items() if who != user_id},
        version=session.version + 1,
    )
