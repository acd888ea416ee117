"""How a log-in lies in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, IntField, ObjectIdField, StringField


class AuthSession(Document):
    """One log-in on one device. Every token belongs to one, and ends with it.

    `generation` counts the refreshes: only the refresh token of the current generation is good.
    """

    user = ObjectIdField(required=True)
    created_at = DateTimeField(required=True)
    expires_at = DateTimeField(required=True)
    rotated_at = DateTimeField(required=True)
    generation = IntField(required=True)
    revoked_at = DateTimeField()
    user_agent = StringField(max_length=120)

    meta = {  # noqa: RUF012  # mongoengine's way
        "collection": "auth_sessions",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["user"]},
            {"fields": ["expires_at"]},
            {"fields": ["revoked_at"], "sparse": True},
        ],
    }
