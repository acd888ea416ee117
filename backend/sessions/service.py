"""What people and time do with sessions: the use cases. Knows neither HTTP nor sockets."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from bson import ObjectId

from backend.config import Settings
from backend.errors import Busy, Conflict, NotFound
from backend.infra.clock import Clock
from backend.infra.flags import Flag, Flags
from backend.infra.metrics import SESSIONS_CREATED
from backend.sessions import rules
from backend.sessions.dealing import Dealer
from backend.sessions.places import Places
from backend.sessions.state import Change, Energy, MotionKind, Operation, Participant, Session, Status
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.transitions import Transitions
from backend.users.data_keys import Locked
from backend.users.service import UserProfile, UserService

_log = structlog.stdlib.get_logger(__name__)

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
CAPACITY = {"free": 5, "pro": 12}
DEFAULT_ROUND_SECONDS = (300, 180, 60)
_CODE_ATTEMPTS = 10
_COIN_BITS = 64
_COUNT_NAME_BYTES = 8


class SessionService:
    """Create, join, prepare, start and end sessions."""

    def __init__(
        self,
        *,
        store: SessionStore,
        swipes: SwipeLog,
        transitions: Transitions,
        users: UserService,
        dealer: Dealer,
        clock: Clock,
        settings: Settings,
        flags: Flags,
    ) -> None:
        self._store = store
        self._swipes = swipes
        self._transitions = transitions
        self._users = users
        self._dealer = dealer
        self._places = Places(store, settings)
        self._clock = clock
        self._settings = settings
        self._flags = flags

    def create(
        self,
        host_id: ObjectId,
        menu: str,
        deck_size: int,
        round_seconds: tuple[int, ...] | None,
        group_id: ObjectId | None = None,
    ) -> Session:
        """Open a lobby with the host in it (S1).

        Args:
            menu: `recipes`, `restaurants` or `both`.
            round_seconds: length of each round; by default five, three and one minutes (S8).
            group_id: a group that the host is in (`GroupSessions` sees to that).

        Raises:
            Conflict: `too_many_sessions` (A4).
        """
        host = self._users.by_id(host_id)
        self._places.require_free(host)
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
                group_id=group_id,
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
            Forbidden: `account_needed`: a guest has been in another session already (A3).
            Conflict: `session_full`, `already_started`, `too_many_sessions`.
        """
        session = self._store.live_by_code("".join(code.split()).upper())
        if session is None:
            raise NotFound(
                "No session has this code now. Check it, or ask for a new one.", code="unknown_code"
            )
        user = self._users.by_id(user_id)
        self._places.require_free(user, other_than=session.id)
        self._places.require_first(user, other_than=session.id)

        def rule(session: Session, now: datetime) -> Change:
            return rules.join(
                session, user_id, user.display_name, now, self._dealer.suitable(session, user_id)
            )

        joined = self._transitions.apply(session.id, rule)
        self._withdraw_if_too_many(joined, user)
        return joined

    def leave(self, session_id: ObjectId, user_id: ObjectId, operation: Operation | None = None) -> Session:
        """Leave. Those who remain may have agreed on a card by that (S9)."""
        return self._settled(
            self._transitions.apply(session_id, lambda s, now: rules.leave(s, user_id, now), operation)
        )

    def go(self, session_id: ObjectId, user_ids: Collection[ObjectId]) -> Session:
        """Stop waiting for people who were away for too long (S16). Those who remain may have agreed by that."""

        def rule(session: Session, now: datetime) -> Change:
            change = rules.unchanged(session)
            for user_id in user_ids:
                change = change.and_then(rules.go(change.session, user_id, now))
            return change

        return self._settled(self._transitions.apply(session_id, rule))

    def come_back(self, session_id: ObjectId, user_id: ObjectId) -> Session:
        """Require somebody again who was gone (S16)."""
        return self._settled(
            self._transitions.apply(session_id, lambda s, now: rules.come_back(s, user_id, now))
        )

    def vote_energy(
        self, session_id: ObjectId, user_id: ObjectId, energy: Energy, operation: Operation | None = None
    ) -> Session:
        """Say how much energy one has (S3). An `operation` that was carried out before changes nothing."""
        return self._transitions.apply(
            session_id, lambda s, now: rules.vote_energy(s, user_id, energy, now), operation
        )

    def set_ready(
        self, session_id: ObjectId, user_id: ObjectId, ready: bool, operation: Operation | None = None
    ) -> Session:
        """Say that one is ready, or not after all (S4). An `operation` that was carried out before changes nothing."""
        return self._transitions.apply(
            session_id, lambda s, now: rules.set_ready(s, user_id, ready, now), operation
        )

    def start(self, session_id: ObjectId, user_id: ObjectId, operation: Operation | None = None) -> Session:
        """The host starts round 1 without waiting for the countdown (S4). Starting again changes nothing.

        Raises:
            Forbidden: `not_host`.
            Conflict: `not_ready`, `session_over`, `deck_too_small` (S5).
        """

        def rule(session: Session, now: datetime) -> Change:
            if session.status is Status.SWIPING and session.host_id == user_id:
                return rules.unchanged(session)
            rules.require_can_start(session, user_id)
            return self._begin(session, now)

        return self._transitions.apply(session_id, rule, operation)

    def vote(
        self,
        session_id: ObjectId,
        user_id: ObjectId,
        motion: MotionKind,
        in_favour: bool,
        operation: Operation | None = None,
    ) -> Session:
        """Vote on a motion (S12). An `operation` that was carried out before changes nothing.

        Raises:
            Conflict: as `rules.vote`.
        """
        return self._settled(
            self._transitions.apply(
                session_id, lambda s, now: rules.vote(s, user_id, motion, in_favour, now), operation
            )
        )

    def toss(self, session_id: ObjectId, user_id: ObjectId, operation: Operation | None = None) -> ObjectId:
        """Have a coin choose among tied cards (S11); the card. It falls once.

        Raises:
            Forbidden: `not_host`.
            Conflict: `nothing_tied`.
        """
        drawn = secrets.randbits(_COIN_BITS)
        tossed = self._transitions.apply(session_id, lambda s, _: rules.toss(s, user_id, drawn), operation)
        if tossed.outcome is None or tossed.outcome.tossed is None:
            raise Conflict("No cards share the first place.", code="nothing_tied")
        return tossed.outcome.tossed

    def settle(self, session_id: ObjectId) -> Session:
        """Decide from the whole log whether there is a match, or everybody has finished the round."""

        def rule(session: Session, now: datetime) -> Change:
            tally = self._swipes.tally(session)
            matched = rules.match(session, tally.likes, now)
            return matched if matched.events else rules.close_round(session, tally, now)

        return self._count_if_closing(self._transitions.apply(session_id, rule))

    def run_due(self, session_id: ObjectId) -> None:
        """Do what time asks for: start after the countdown, end the round, expire. Harmless when nothing is due."""
        try:
            session = self._count_if_closing(self._transitions.apply(session_id, self._due))
        except NotFound:
            return
        except (Conflict, Locked) as refused:
            _log.info("countdown_stopped", session_id=str(session_id), code=refused.code)
            code, detail = refused.code, refused.detail
            session = self._transitions.apply(
                session_id, lambda s, now: rules.stop_countdown(s, now, code, detail)
            )
        self._transitions.schedule(session)

    def give_up(self, session_id: ObjectId) -> Session:
        """End a session that others still play; for them it has expired. Harmless where it is over.

        Raises:
            NotFound: `session_not_found`.
        """
        return self._transitions.apply(session_id, rules.give_up)

    def load_for(self, session_id: ObjectId, user_id: ObjectId) -> Session:
        """The session, for its participants alone.

        Raises:
            NotFound: `session_not_found`.
        """
        session = self._store.load(session_id)
        session.participant(user_id)
        return session

    def _due(self, session: Session, now: datetime) -> Change:
        if session.starts_at is not None and session.starts_at <= now:
            return self._begin(session, now)
        if session.counted_at is not None and session.counted_at <= now and session.status is Status.SWIPING:
            return rules.close_round(session, self._swipes.tally(session), now)
        return rules.expire(session, now)

    def _count_if_closing(self, session: Session) -> Session:
        """Count a round that was closed, also one that a process closed and then died."""
        if not session.being_counted:
            return session
        count = secrets.token_hex(_COUNT_NAME_BYTES)
        self._swipes.stamp(session.id, session.round, count)

        def rule(counted: Session, now: datetime) -> Change:
            if counted.round != session.round:  # somebody else was faster, and the next round runs
                return rules.unchanged(counted)
            reconsider = self._flags.is_on(Flag.RECONSIDERATION)
            return rules.end_round(
                counted, self._swipes.tally(counted, count), now, count, reconsider=reconsider
            )

        return self._transitions.apply(session.id, rule)

    def _settled(self, session: Session) -> Session:
        """Decide what a change of who is there, or a vote, may have decided."""
        return self.settle(session.id) if session.status.running else session

    def _begin(self, session: Session, now: datetime) -> Change:
        deck = self._dealer.deck(session)
        return rules.begin(session, deck.items, deck.reserve, now)

    def _withdraw_if_too_many(self, session: Session, user: UserProfile) -> None:
        """Somebody who joins two sessions in the same moment keeps at most one of them (A4)."""
        try:
            self._places.require_free(user, other_than=session.id)
        except Conflict:
            self.leave(session.id, user.id)
            raise
