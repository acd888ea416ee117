"""What people and time do with sessions: the use cases. Knows neither HTTP nor sockets."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from bson import ObjectId

from backend.catalog.diet import suits
from backend.catalog.service import CatalogService
from backend.config import Settings
from backend.errors import Busy, Conflict, NotFound
from backend.infra.clock import Clock, to_iso
from backend.infra.metrics import SESSIONS_CREATED
from backend.sessions import rules
from backend.sessions.deck import Deck, Needs, Taste, build_deck
from backend.sessions.state import Change, Energy, Participant, Session, Status
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.transitions import Transitions
from backend.users.service import UserProfile, UserService

_log = structlog.stdlib.get_logger(__name__)

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
CAPACITY = {"free": 5, "pro": 12}
DEFAULT_ROUND_SECONDS = (300,)
_CODE_ATTEMPTS = 10
_DELETE_BATCH = 500


class SessionService:
    """Create, join, prepare, start and end sessions."""

    def __init__(
        self,
        *,
        store: SessionStore,
        swipes: SwipeLog,
        transitions: Transitions,
        users: UserService,
        catalog: CatalogService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._swipes = swipes
        self._transitions = transitions
        self._users = users
        self._catalog = catalog
        self._clock = clock
        self._settings = settings

    def create(
        self, host_id: ObjectId, menu: str, deck_size: int, round_seconds: tuple[int, ...] | None
    ) -> Session:
        """Open a lobby with the host in it (S1).

        Args:
            menu: `recipes`, `restaurants` or `both`.
            round_seconds: length of each round; default five minutes.

        Raises:
            Conflict: `too_many_sessions` (A4).
        """
        host = self._users.by_id(host_id)
        self._require_free_place(host)
        now = self._clock.now()
        for _ in range(_CODE_ATTEMPTS):
            session = Session(
                id=ObjectId(),
                code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)),
                host_id=host_id,
                menu=menu,
                deck_size=deck_size,
                capacity=CAPACITY[host.tier],
                round_seconds=round_seconds or DEFAULT_ROUND_SECONDS,
                seed=secrets.randbits(48),
                created_at=now,
                expires_at=now + timedelta(minutes=self._settings.session_expiry_minutes),
                expiry_minutes=self._settings.session_expiry_minutes,
                participants=(Participant(host_id, host.display_name, joined_at=now),),
            )
            if self._store.insert(session):
                self._withdraw_if_too_many(session, host)
                self._transitions.schedule(session)
                SESSIONS_CREATED.inc()
                _log.info("session_created", session_id=str(session.id), menu=menu)
                return session
        raise Busy("No free join code was found. Try again.", retry_after=1)

    def join(self, user_id: ObjectId, code: str) -> Session:
        """Join the live session with this code; case and spaces do not matter (S2).

        Raises:
            NotFound: `unknown_code`.
            Conflict: `session_full`, `already_started`, `too_many_sessions`.
        """
        session = self._store.live_by_code("".join(code.split()).upper())
        if session is None:
            raise NotFound(
                "No session has this code now. Check it, or ask for a new one.", code="unknown_code"
            )
        user = self._users.by_id(user_id)
        self._require_free_place(user, other_than=session.id)

        def rule(session: Session, now: datetime) -> Change:
            return rules.join(session, user_id, user.display_name, now, self._suitable(session, user_id))

        joined = self._transitions.apply(session.id, rule)
        self._withdraw_if_too_many(joined, user)
        return joined

    def leave(self, session_id: ObjectId, user_id: ObjectId) -> Session:
        """Leave. Those who remain may have agreed on a card by that (S9)."""
        session = self._transitions.apply(session_id, lambda s, now: rules.leave(s, user_id, now))
        return self.settle(session.id) if session.status is Status.SWIPING else session

    def vote_energy(
        self, session_id: ObjectId, user_id: ObjectId, energy: Energy, operation: str | None = None
    ) -> Session:
        """Say how much energy one has (S3). An `operation` that was carried out before changes nothing."""
        return self._transitions.apply(
            session_id, lambda s, now: rules.vote_energy(s, user_id, energy, now), operation
        )

    def set_ready(
        self, session_id: ObjectId, user_id: ObjectId, ready: bool, operation: str | None = None
    ) -> Session:
        """Say that one is ready, or not after all (S4). An `operation` that was carried out before changes nothing."""
        return self._transitions.apply(
            session_id, lambda s, now: rules.set_ready(s, user_id, ready, now), operation
        )

    def start(self, session_id: ObjectId, user_id: ObjectId, operation: str | None = None) -> Session:
        """The host starts round 1 without waiting for the countdown (S4). Starting again changes nothing.

        Raises:
            Forbidden: `not_host`.
            Conflict: `not_ready`, `session_over`, `deck_too_small` (S5).
        """

        def rule(session: Session, now: datetime) -> Change:
            if session.status is Status.SWIPING and session.host_id == user_id:
                return rules.unchanged(session)
            rules.require_can_start(session, user_id)
            return rules.begin(session, self._deck(session).items, now)

        return self._transitions.apply(session_id, rule, operation)

    def settle(self, session_id: ObjectId) -> Session:
        """Decide from the whole log whether there is a match, or everybody has finished the round."""

        def rule(session: Session, now: datetime) -> Change:
            tally = self._swipes.tally(session.id)
            matched = rules.match(session, tally.likes, now)
            return matched if matched.events else rules.close_round(session, tally, now)

        return self._count_if_closing(self._transitions.apply(session_id, rule))

    def run_due(self, session_id: ObjectId) -> None:
        """Do what time asks for: start after the countdown, end the round, expire. Harmless when nothing is due."""
        try:
            session = self._count_if_closing(self._transitions.apply(session_id, self._due))
        except NotFound:
            return
        except Conflict as refused:
            _log.info("countdown_stopped", session_id=str(session_id), code=refused.code)
            code, detail = refused.code, refused.detail
            session = self._transitions.apply(
                session_id, lambda s, now: rules.stop_countdown(s, now, code, detail)
            )
        self._transitions.schedule(session)

    def load_for(self, session_id: ObjectId, user_id: ObjectId) -> Session:
        """The session, for its participants alone.

        Raises:
            NotFound: `session_not_found`.
        """
        session = self._store.load(session_id)
        session.participant(user_id)
        return session

    def of_user(self, user_id: ObjectId, skip: int, limit: int) -> tuple[list[Session], int]:
        """A page of the user's sessions, newest first, and how many there are."""
        return self._store.of_user(user_id, skip, limit)

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Every session of the user as the user saw it, oldest first, JSON-ready (for the export)."""
        for session in self._store.all_of_user(user_id):
            me = session.participant(user_id)
            yield {
                "id": str(session.id),
                "created_at": to_iso(session.created_at),
                "status": session.status.value,
                "menu": session.menu,
                "hosted": session.host_id == user_id,
                "my_energy": me.energy.value if me.energy else None,
                "people": len(session.participants),
                "deck": [str(item) for item in session.deck],
                "outcome": [str(item) for item in session.outcome.items] if session.outcome else [],
            }

    def swipes_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Every swipe of the user, session by session, JSON-ready (for the export)."""
        sessions = (session.id for session in self._store.all_of_user(user_id))
        for swipe in self._swipes.of_participant(user_id, sessions):
            yield {
                "session_id": str(swipe.session_id),
                "item_id": str(swipe.item_id),
                "direction": swipe.direction.value,
                "round": swipe.round,
                "at": to_iso(datetime.fromtimestamp(swipe.at / 1e6, tz=self._clock.now().tzinfo)),
            }

    def delete_finished_before(
        self, cutoff: datetime, batch: int = _DELETE_BATCH, dry_run: bool = False
    ) -> int:
        """Delete sessions that were over before `cutoff`, with their swipes; how many (P4).

        Swipes go first: interrupted in between, the next run still finds the sessions.
        """
        if dry_run:
            return self._store.count_finished_before(cutoff)
        deleted = 0
        while ids := self._store.finished_before(cutoff, batch):
            self._swipes.delete_of(ids)
            self._store.delete(ids)
            deleted += len(ids)
        return deleted

    def _due(self, session: Session, now: datetime) -> Change:
        if session.starts_at is not None and session.starts_at <= now:
            return rules.begin(session, self._deck(session).items, now)
        if session.counted_at is not None and session.counted_at <= now and session.status is Status.SWIPING:
            return rules.close_round(session, self._swipes.tally(session.id), now)
        return rules.expire(session, now)

    def _count_if_closing(self, session: Session) -> Session:
        """Count a round that was closed, also one that a process closed and then died."""
        if not session.being_counted:
            return session
        self._swipes.stamp(session.id)
        return self._transitions.apply(
            session.id, lambda s, now: rules.end_round(s, self._swipes.tally(s.id, stamped=True), now)
        )

    def _deck(self, session: Session) -> Deck:
        """The session's deck.

        Raises:
            Conflict: `deck_too_small`, naming the kinds of filter that cause it, never whose (S5).
        """
        preferences = self._users.preferences_of([p.user_id for p in session.present])
        host = preferences.get(session.host_id)
        prices = [p.max_price for p in preferences.values() if p.max_price is not None]
        needs = Needs(
            dietary=frozenset(tag for p in preferences.values() for tag in p.dietary),
            allergies=frozenset(allergen for p in preferences.values() for allergen in p.allergies),
        )
        taste = Taste(
            energy=rules.group_energy(session),
            near=host.home_location if host else None,
            liked_cuisines=frozenset(c for p in preferences.values() for c in p.liked_cuisines),
            disliked_cuisines=frozenset(c for p in preferences.values() for c in p.disliked_cuisines),
            max_price=min(prices, default=None),
        )
        deck = build_deck(
            self._catalog.deck_candidates(session.menu), needs, taste, session.deck_size, session.seed
        )
        if not deck.enough:
            causes = " and ".join(deck.narrowed_by)
            raise Conflict(
                f"Only {len(deck.items)} cards suit everybody. What narrows the choice: {causes}.",
                code="deck_too_small",
            )
        return deck

    def _suitable(self, session: Session, user_id: ObjectId) -> frozenset[ObjectId] | None:
        """Those cards of a session's deck that somebody who joins late can eat; None where there is no deck yet."""
        if not session.deck:
            return None
        needs = self._users.preferences_of([user_id]).get(user_id)
        if needs is None:
            return frozenset(session.deck)
        return frozenset(
            card.id
            for card in self._catalog.deck_candidates(session.menu)
            if suits(card.dietary_tags, card.allergens, needs.dietary, needs.allergies)
        )

    def _withdraw_if_too_many(self, session: Session, user: UserProfile) -> None:
        """Somebody who joins two sessions in the same moment keeps at most one of them (A4)."""
        try:
            self._require_free_place(user, other_than=session.id)
        except Conflict:
            self.leave(session.id, user.id)
            raise

    def _require_free_place(self, user: UserProfile, other_than: ObjectId | None = None) -> None:
        """A free user takes part in MAX_FREE_SESSIONS live sessions at a time (A4)."""
        if user.tier == "pro":
            return
        if self._store.count_live_of_user(user.id, other_than) >= self._settings.max_free_sessions:
            raise Conflict("You are in another session already. Leave it first.", code="too_many_sessions")
