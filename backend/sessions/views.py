"""What people are shown of a session: snapshot, deck, list entry. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId

from backend.catalog.service import CatalogService
from backend.config import Settings
from backend.infra.clock import Clock, to_iso
from backend.infra.event_bus import EventBus, Position
from backend.infra.valkey import VALKEY_AWAY
from backend.sessions.ended_counts import EndedCounts
from backend.sessions.presence import Presence
from backend.sessions.rules import all_voted, energy_result, motion_view, pause_view
from backend.sessions.state import Energy, Outcome, Participant, Session
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Tally

_NOWHERE = Position("", 0)


class SessionViews:
    """Renders sessions for their participants."""

    def __init__(
        self,
        *,
        store: SessionStore,
        swipes: SwipeLog,
        ended: EndedCounts,
        bus: EventBus,
        presence: Presence,
        catalog: CatalogService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._swipes = swipes
        self._ended = ended
        self._bus = bus
        self._presence = presence
        self._catalog = catalog
        self._clock = clock
        self._base_url = settings.base_url

    def position(self, session_id: ObjectId) -> Position:
        """Where the session's events stand. Take it before reading the session: what comes later is then told twice
        at worst, and never missed.

        Raises:
            NotFound: `session_not_found`.
            RedisError: Valkey does not answer.
        """
        return self._bus.position(session_id, self._store.announced_version(session_id))

    def position_if_known(self, session_id: ObjectId) -> Position:
        """The same for readers over HTTP: nowhere while Valkey is away; the socket brings the true one."""
        try:
            return self.position(session_id)
        except VALKEY_AWAY:
            return _NOWHERE

    def link(self, session: Session) -> str:
        """What an invitation leads to: below the configured address, whatever a request calls this server."""
        return f"{self._base_url}/j/{session.code}"

    def tally(self, session: Session) -> Tally:
        """What the swipes of the session's round amount to."""
        return self._swipes.tally(session) if session.round else Tally()

    def snapshot(
        self, session: Session, you: ObjectId, position: Position, tally: Tally | None = None
    ) -> dict[str, Any]:
        """The whole session as `you` may see it (docs/live-protocol.md).

        Args:
            position: taken before `session` was read.
        """
        return {
            **snapshot_of(session, you, tally or self._shown_tally(session), self.connected(session)),
            "link": self.link(session),
            "server_now": to_iso(self._clock.now()),
            "epoch": position.epoch,
            "seq": position.seq,
            "outcome": self._outcome(session),
        }

    def deck(self, session: Session, you: ObjectId) -> dict[str, Any]:
        """Your cards of the running round in order, and which of them `you` have swiped in it."""
        swiped = self._shown_tally(session).swiped.get(you, frozenset())
        deck = session.deck_of(you)
        return {
            "round": session.round,
            "items": self._catalog.cards(list(deck)),
            "swiped": [str(item) for item in deck if item in swiped],
        }

    def progress(self, session: Session, tally: Tally) -> dict[str, Any]:
        """How many cards each has swiped, and who is there: what a resumed client cannot learn from events."""
        swiped = tally.swiped
        connected = self.connected(session)
        return {
            "round": session.round,
            "swiped": {str(p.user_id): len(swiped.get(p.user_id, ())) for p in session.members},
            "presence": {str(p.user_id): _status(p, connected) for p in session.members},
        }

    def connected(self, session: Session) -> frozenset[str]:
        """Ids of those with an open socket; nobody is known to be away while Valkey is."""
        try:
            return self._presence.connected(session.id, self._clock.now())
        except VALKEY_AWAY:
            return frozenset(str(p.user_id) for p in session.members)

    def summary(self, session: Session, you: ObjectId, feedback_due: bool) -> dict[str, Any]:
        """One entry of a list of sessions."""
        return {
            "id": str(session.id),
            "code": session.code,
            "status": session.status.value,
            "group_id": _id_or_none(session.group_id),
            "menu": session.menu,
            "created_at": to_iso(session.created_at),
            "participants": [p.display_name for p in session.participants],
            "left": session.participant(you).left,
            "outcome": self._outcome(session),
            "feedback_due": feedback_due,
        }

    def decisions(self, sessions: Sequence[Session]) -> list[dict[str, Any]]:
        """Entries of a history, also of a group's, whose members need not have taken part; cards are read at once."""
        shown = {item: None for session in sessions if session.outcome for item in session.outcome.items}
        cards = {card["id"]: card for card in self._catalog.cards(list(shown))}
        return [_decision(session, cards) for session in sessions]

    def _shown_tally(self, session: Session) -> Tally:
        """Who has swiped what, for being shown; the rest of it may be missing where a session is over."""
        return self._ended.tally(session) if self._ended.covers(session) else self.tally(session)

    def _outcome(self, session: Session) -> dict[str, Any] | None:
        if session.outcome is None:
            return None
        cards = self._catalog.cards(list(session.outcome.items))
        return _outcome_view(session.outcome, {card["id"]: card for card in cards})


def _decision(session: Session, cards: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": str(session.id),
        "status": session.status.value,
        "menu": session.menu,
        "created_at": to_iso(session.created_at),
        "host_name": session.participant(session.host_id).display_name,
        "participants": [p.display_name for p in session.participants],
        "outcome": _outcome_view(session.outcome, cards) if session.outcome else None,
    }


def _outcome_view(outcome: Outcome, cards: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """How a session was decided.

    Args:
        cards: by id; those that no longer exist are left out.
    """
    told: dict[str, Any] = {
        "kind": outcome.kind,
        "items": [cards[str(item)] for item in outcome.items if str(item) in cards],
        "decided_at": to_iso(outcome.decided_at),
    }
    if outcome.kind == "closest":
        told["tied"] = [str(item) for item in outcome.tied]
        told["tossed"] = str(outcome.tossed) if outcome.tossed else None
    return told


def snapshot_of(session: Session, you: ObjectId, tally: Tally, connected: frozenset[str]) -> dict[str, Any]:
    """What a snapshot says of the session itself. Pure; place, time and cards come from elsewhere.

    Args:
        connected: ids of the users with an open socket.
    """
    return {
        "id": str(session.id),
        "code": session.code,
        "status": session.status.value,
        "round": session.round,
        "round_seconds": list(session.round_seconds),
        "starts_at": session.starts_at and to_iso(session.starts_at),
        "ends_at": session.ends_at and to_iso(session.ends_at),
        "pause": session.pause and pause_view(session.pause),
        "you": str(you),
        "host_id": str(session.host_id),
        "group_id": _id_or_none(session.group_id),
        "menu": session.menu,
        "deck_size": len(session.deck_of(you)) if session.round else session.deck_size,
        "my_energy": _energy_value(session.participant(you).energy),
        "energy": energy_result(session) if session.energy is not None or all_voted(session) else None,
        "participants": [_participant(p, session, tally, connected) for p in session.participants],
        "required": [str(p.user_id) for p in session.present],
        "motions": [motion_view(motion, session) for motion in session.motions],
    }


def _participant(
    participant: Participant, session: Session, tally: Tally, connected: frozenset[str]
) -> dict[str, Any]:
    return {
        "id": str(participant.user_id),
        "display_name": participant.display_name,
        "status": _status(participant, connected),
        "spectator": participant.spectator,
        "ready": participant.ready,
        "energy_voted": participant.energy is not None,
        "swiped": len(tally.swiped.get(participant.user_id, ())),
        "deck_size": len(session.deck_of(participant.user_id)),
    }


def _status(participant: Participant, connected: frozenset[str]) -> str:
    if participant.left:
        return "left"
    if participant.gone:
        return "gone"
    return "connected" if str(participant.user_id) in connected else "away"


def _id_or_none(known: ObjectId | None) -> str | None:
    return str(known) if known else None


def _energy_value(energy: Energy | None) -> str | None:
    return energy.value if energy else None
