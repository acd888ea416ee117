"""Rooms full of people, made directly through the services: what is measured is swiping, not registering."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import svcs
from bson import ObjectId

from backend.auth.sessions import AuthSessions
from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.infra.clock import SystemClock
from backend.infra.mongo import MongoDatabase
from backend.sessions.service import SessionService
from backend.sessions.state import Energy
from backend.users.service import UserService
from backend.wiring import build_registry

DECK_SIZE = 30


@dataclass(frozen=True)
class Seat:
    """One participant: who, with which token, in which room at which place."""

    token: str
    user_id: str
    session_id: str
    place: int
    deck: tuple[str, ...]


def fill_rooms(settings: Settings, rooms: int, people: int, round_seconds: int = 900) -> list[Seat]:
    """`rooms` sessions of `people` each, started; the seats in order of rooms."""
    seats: list[Seat] = []
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        users, sessions = services.get(UserService, SessionService)
        database, signer = services.get(MongoDatabase), TokenSigner(settings)
        for _ in range(rooms):
            ids = [_user(users) for _ in range(people)]
            database.users.update_many({"_id": {"$in": ids}}, {"$set": {"tier": "pro"}})
            session = sessions.create(ids[0], "both", DECK_SIZE, (round_seconds,))
            for user_id in ids[1:]:
                sessions.join(user_id, session.code)
            for user_id in ids:
                sessions.vote_energy(session.id, user_id, Energy.HIGH)
                sessions.set_ready(session.id, user_id, True)
            started = sessions.start(session.id, ids[0])
            deck = tuple(str(item) for item in started.deck)
            seats += [
                Seat(_token(signer, user_id), str(user_id), str(session.id), place, deck)
                for place, user_id in enumerate(ids)
            ]
    return seats


def _user(users: UserService) -> ObjectId:
    return users.create(f"{secrets.token_hex(8)}@load.example", "no password opens this", "Load").id


def _token(signer: TokenSigner, user_id: ObjectId) -> str:
    now = SystemClock().now()
    log_in = AuthSessions().open(user_id, now, now + signer.refresh_lifetime, "load")
    return signer.access_token(user_id, log_in, now)
