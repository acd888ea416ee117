"""How a log-in lies in MongoDB."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, Document, IntField, ObjectIdField, StringField


class AuthSession(Document):
    """One log-in on one device. Every token belongs to one, and ends with it.

    `generation` counts the refreshes: only the refresh token of the current generation is good. `external` names the
    log-in elsewhere that this one stands for, if it does. `proved_at`, which log-ins of the version before do not have,
    is before `created_at` where an issuer remembered who they are.
    """

    user = ObjectIdField(required=True)
    created_at = DateTimeField(required=True)
    expires_at = DateTimeField(required=True)
    rotated_at = DateTimeField(required=True)
    generation = IntField(required=True)
    revoked_at = DateTimeField()
    user_agent = StringField(max_length=120)
    external = StringField()
    proved_at = DateTimeField()

    meta = {
        "collection": "auth_sessions",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["user"]},
            {"fields": ["expires_at"]},
            {"fields": ["revoked_at"], "sparse": True},
            {"fields": ["external"], "unique": True, "sparse": True},
        ],
    }


class Delivery(Document):
    """A message from elsewhere. The key is its sender's name and its id; `done` once it was handled."""

    key = StringField(primary_key=True)
    done = BooleanField(required=True)
    leased_until = DateTimeField(required=True)
    expires_at = DateTimeField(required=True)

    meta = {
        "collection": "webhook_deliveries",
        "auto_create_index": False,
        "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}],
    }


class GoneIdentity(Document):
    """An identity that was deleted elsewhere. The key is a digest of it."""

    key = StringField(primary_key=True)
    expires_at = DateTimeField(required=True)

    meta = {
        "collection": "gone_identities",
        "auto_create_index": False,
        "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}],
    }
