"""Nobody gives themselves what the server decides, by saying more than they are asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import svcs
from bson import ObjectId
from flask_openapi3 import OpenAPI

from backend.infra.mongo import MongoDatabase
from tests.security.http.attempts import WITH_BODY, Attempts
from tests.security.http.world import World

pytestmark = pytest.mark.security

WISHES = {
    "role": "operator",
    "tier": "pro",
    "id": "0" * 24,
    "_id": "0" * 24,
    "user_id": "0" * 24,
    "owner_id": "0" * 24,
    "host_id": "0" * 24,
    "participant_id": "0" * 24,
    "email_confirmed": True,
    "email_confirmed_at": "2026-01-01T00:00:00.000Z",
    "email_key": "ada@example.com",
    "password_hash": "$argon2id$v=19$m=1,t=1,p=1$x$x",
    "created_at": "2026-01-01T00:00:00.000Z",
    "is_admin": True,
    "muted": [],
    "members": [],
    "status": "done",
}


@pytest.mark.parametrize("name", WITH_BODY)
def test_what_nobody_asked_for_is_refused_and_changes_nothing(
    name: str,
    app: OpenAPI,
    shared_world: World,
    services: svcs.Container,
    forget_counts: Callable[[], None],
) -> None:
    attempts = Attempts(name, app, shared_world, forget_counts)
    users = services.get(MongoDatabase)["users"]
    before, count = users.find_one({"_id": ObjectId(attempts.who.id)}), users.estimated_document_count()
    tried = {key: value for key, value in WISHES.items() if key not in attempts.fields}
    assert len(tried) >= len(WISHES) - 1
    for key, value in tried.items():
        answer = attempts.send({**attempts.good, key: value})
        assert answer.status_code == 422, key
        assert [error["field"] for error in answer.get_json()["errors"]] == [key]
    assert users.find_one({"_id": ObjectId(attempts.who.id)}) == before
    assert users.estimated_document_count() == count


def test_wishes_in_the_address_or_in_headers_are_not_heard(world: World) -> None:
    for header in ("X-Role", "X-User-Id", "X-Forwarded-User", "X-HTTP-Method-Override", "X-Original-URL"):
        me = world.stranger.call(
            "GET", "/api/v1/users/me?role=operator&user_id=1", **{header: world.owner.id}
        )
        assert (me.get_json()["id"], me.get_json()["role"]) == (world.stranger.id, "user")
