"""Rooms full of people, put straight into the database: what is measured is swiping, not registering.

One room is made through the services, as people would; the others are copies of its documents under new ids, so that
ten thousand people are there within seconds and the benchmark need not know how documents look.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import svcs
from bson import ObjectId

from backend.auth.sessions import AuthSessions
from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.infra.clock import SystemClock
from backend.infra.mongo import BsonDocument, MongoDatabase
from backend.sessions.service import SessionService
from backend.sessions.state import Energy
from backend.users.accounts import Accounts
from backend.wiring import build_registry

DECK_SIZE = 50
ROOM_SIZE = 4
_ROUND_SECONDS = 900
_DOCUMENTS_AT_ONCE = 1000
_UNIQUE = ("code", "email", "email_key")  # beside ids, no two documents may have these in common


@dataclass(frozen=True)
class Seat:
    """One participant: who, with which token, in which room at which place."""

    token: str
    user_id: str
    session_id: str
    place: int
    deck: tuple[str, ...]


def fill_rooms(settings: Settings, rooms: int) -> list[Seat]:
    """`rooms` started sessions of `ROOM_SIZE` people each; the seats in order of rooms."""
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        database = services.get(MongoDatabase)
        users, session_id, deck = _begin_one(services)
        signer, now = TokenSigner(settings), SystemClock().now()
        until = now + signer.refresh_lifetime
        log_ins = [AuthSessions().open(user, now, until, "load", proved_at=now) for user in users]
        model = {
            "users": list(database.users.find({"_id": {"$in": users}})),
            "auth_sessions": list(database.auth_sessions.find({"_id": {"$in": log_ins}})),
            "sessions": list(database.sessions.find({"_id": session_id})),
        }
        copies: dict[str, list[BsonDocument]] = {name: [] for name in model}
        seats: list[Seat] = []
        for _ in range(rooms):
            new = {old: ObjectId() for old in (*users, *log_ins, session_id)}
            for name, documents in model.items():
                copies[name] += [_copy(document, new) for document in documents]
            seats += [
                Seat(
                    token=signer.access_token(new[user], new[log_in], now),
                    user_id=str(new[user]),
                    session_id=str(new[session_id]),
                    place=place,
                    deck=deck,
                )
                for place, (user, log_in) in enumerate(zip(users, log_ins, strict=True))
            ]
        for name, documents in copies.items():
            for start in range(0, len(documents), _DOCUMENTS_AT_ONCE):
                database[name].insert_many(documents[start : start + _DOCUMENTS_AT_ONCE], ordered=False)
    return seats


def _begin_one(services: svcs.Container) -> tuple[list[ObjectId], ObjectId, tuple[str, ...]]:
    """One room through the services: its people, its session, its deck."""
    accounts, sessions = services.get(Accounts, SessionService)
    ids = [_user(accounts) for _ in range(ROOM_SIZE)]
    services.get(MongoDatabase).users.update_many({"_id": {"$in": ids}}, {"$set": {"tier": "pro"}})
    session = sessions.create(ids[0], "both", DECK_SIZE, (_ROUND_SECONDS,))
    for user_id in ids[1:]:
        sessions.join(user_id, session.code)
    for user_id in ids:
        sessions.vote_energy(session.id, user_id, Energy.HIGH)
        sessions.set_ready(session.id, user_id, True)
    started = sessions.start(session.id, ids[0])
    return ids, session.id, tuple(str(item) for item in started.deck)


def _user(accounts: Accounts) -> ObjectId:
    return accounts.open(f"{secrets.token_hex(8)}@load.example", "no password opens this", "Load").id


def _copy(document: BsonDocument, new: Mapping[ObjectId, ObjectId]) -> BsonDocument:
    copied: BsonDocument = renamed(document, new)
    return copied | {name: secrets.token_hex(8) for name in _UNIQUE if name in copied}


def renamed(value: Any, new: Mapping[ObjectId, ObjectId]) -> Any:
    """A document, or a part of one, with other ids."""
    if isinstance(value, ObjectId):
        return new.get(value, value)
    if isinstance(value, dict):
        return {key: renamed(inner, new) for key, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner, new) for inner in value]
    return value
