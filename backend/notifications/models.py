"""How a notification lies in MongoDB. Documents do not leave this package."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, ObjectIdField, StringField
from mongoengine import DictField as Json


class NotificationRecord(Document):
    """Something that one user was told. `key` names the news, so that nobody is told twice.

    `actor_id` is whom it names, `named_by` who chose the name of its group: both for when they are erased.
    """

    user_id = ObjectIdField(required=True)
    key = StringField(required=True)
    kind = StringField(required=True)
    text = StringField(required=True)
    data = Json()
    created_at = DateTimeField(required=True)
    read_at = DateTimeField()
    actor_id = ObjectIdField()
    named_by = ObjectIdField()

    meta = {
        "collection": "notifications",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["user_id", "key"], "unique": True},
            {"fields": ["user_id", "-created_at", "-id"]},
            {"fields": ["user_id", "read_at"]},
            {"fields": ["created_at"]},
            {"fields": ["actor_id"], "partialFilterExpression": {"actor_id": {"$type": "objectId"}}},
            {"fields": ["named_by"], "partialFilterExpression": {"named_by": {"$type": "objectId"}}},
        ],
    }
