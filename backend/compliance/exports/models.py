"""How an export lies in MongoDB; its ZIP lies in STORAGE_URL."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, Document, IntField, LongField, ObjectIdField, StringField


class Export(Document):
    """One request for a copy of everything about a user. `running` exists for its index: one at a time per user."""

    user = ObjectIdField(required=True)
    status = StringField(required=True, choices=("queued", "running", "done", "failed"))
    progress = IntField(required=True, min_value=0, max_value=100)
    running = BooleanField(required=True)
    requested_at = DateTimeField(required=True)
    touched_at = DateTimeField(required=True)
    finished_at = DateTimeField()
    expires_at = DateTimeField(required=True)
    size_bytes = LongField()

    meta = {
        "collection": "exports",
        "auto_create_index": False,
        "indexes": [
            {
                "fields": ["user"],
                "unique": True,
                "partialFilterExpression": {"running": True},
                "name": "one_at_a_time",
            },
            {"fields": ["user", "-requested_at"]},
            {"fields": ["expires_at"]},
        ],
    }
