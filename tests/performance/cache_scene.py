"""People, running sessions, and sessions that are over, for the evening of `tests.performance.cache`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import svcs
from bson import ObjectId

from backend.catalog.service import CatalogService
from backend.config import Settings
from backend.infra.clock import SystemClock
from backend.infra.event_bus import Announcement
from backend.sessions.rules.endings import over
from backend.sessions.state import Status
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Direction, Swipe
from backend.users.consent_texts import CURRENT_TEXTS, ConsentKind
from backend.users.consents import ConsentService
from backend.users.preferences import Preferences, PreferenceService
from backend.wiring import build_registry
from tests.performance.scene import ROOM_SIZE, Seat, fill_rooms

_RUNNING, _OVER = 10, 5
_SWIPED = 30
_UNKNOWN = 5
_DIET_EVERY = 5  # so many people have one among them who keeps a diet, and so is not cached


@dataclass(frozen=True)
class Evening:
    """Who asks, and for what.

    Attributes:
        seats: people in sessions that run.
        without_diet: those of them of whom no diet is kept.
        over: people in sessions that are over.
        missing: ids that no recipe has.
    """

    seats: list[Seat]
    without_diet: list[Seat]
    over: list[Seat]
    recipes: list[ObjectId]
    restaurants: list[ObjectId]
    missing: list[ObjectId]


def prepare(settings: Settings) -> Evening:
    """Put everybody into the database."""
    seats = fill_rooms(settings, _RUNNING + _OVER)
    running, ended = seats[: _RUNNING * ROOM_SIZE], seats[_RUNNING * ROOM_SIZE :]
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        for seat in ended:
            _swipe(services.get(SwipeLog), seat)
        for session_id in {seat.session_id for seat in ended}:
            _end(services.get(SessionStore), ObjectId(session_id))
        for seat in islice(running, 0, None, _DIET_EVERY):
            _keep_diet(services, ObjectId(seat.user_id))
        catalog = services.get(CatalogService)
        recipes, restaurants = (
            [candidate.id for candidate in catalog.deck_candidates(menu)]
            for menu in ("recipes", "restaurants")
        )
    without_diet = [seat for place, seat in enumerate(running) if place % _DIET_EVERY]
    return Evening(running, without_diet, ended, recipes, restaurants, [ObjectId() for _ in range(_UNKNOWN)])


def _swipe(log: SwipeLog, seat: Seat) -> None:
    session_id, person = ObjectId(seat.session_id), ObjectId(seat.user_id)
    log.append(
        [
            Swipe(session_id, person, f"{number:026d}", ObjectId(card), Direction.LIKE, 1, number)
            for number, card in enumerate(seat.deck[:_SWIPED])
        ]
    )


def _end(store: SessionStore, session_id: ObjectId) -> None:
    session = store.load(session_id)
    ended = over(session, Status.CLOSED, SystemClock().now() - timedelta(hours=1))
    store.replace(session, ended, Announcement(ended.version, ()))


def _keep_diet(services: svcs.Container, user_id: ObjectId) -> None:
    kind = ConsentKind.SPECIAL_CATEGORY
    services.get(ConsentService).give(user_id, kind, CURRENT_TEXTS[kind].version)
    services.get(PreferenceService).replace(user_id, Preferences(dietary=("vegan",), allergies=("nuts",)))
