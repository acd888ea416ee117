"""How ratings lie in MongoDB. Documents do not leave this package."""

from __future__ import annotations

from mongoengine import BinaryField, DateTimeField, Document, IntField, ObjectIdField


class RatingRecord(Document):
    """What one person says about one outcome, to themselves. The note is sealed with their data key (notes.py).

    `decided_at` is the outcome's: a rating is kept as long as its session.
    """

    user_id = ObjectIdField(required=True)
    session_id = ObjectIdField(required=True)
    rating = IntField(min_value=1, max_value=5)
    note = BinaryField()
    at = DateTimeField(required=True)
    decided_at = DateTimeField(required=True)

    meta = {
        "collection": "ratings",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["user_id", "session_id"], "unique": True},
            {"fields": ["decided_at"]},
        ],
    }
