"""How favourites lie in MongoDB. Documents do not leave this package."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, ObjectIdField, StringField


class SavedItemRecord(Document):
    """A recipe or restaurant that somebody has saved: once each."""

    user_id = ObjectIdField(required=True)
    kind = StringField(required=True, choices=("recipe", "restaurant"))
    item_id = ObjectIdField(required=True)
    saved_at = DateTimeField(required=True)

    meta = {
        "collection": "saved_items",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["user_id", "item_id"], "unique": True},
            {"fields": ["user_id", "kind", "-saved_at", "-id"]},
        ],
    }


class LikeRecord(Document):
    """Somebody's like of a recipe: one each. What is shown is how many there are, counted from the index."""

    recipe_id = ObjectIdField(required=True)
    user_id = ObjectIdField(required=True)
    at = DateTimeField(required=True)

    meta = {
        "collection": "likes",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["recipe_id", "user_id"], "unique": True},
            {"fields": ["user_id", "-at"]},
        ],
    }
