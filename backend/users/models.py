"""How a user lies in MongoDB. Documents do not leave this package."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntField,
    ListField,
    PointField,
    StringField,
)


class PreferencesRecord(EmbeddedDocument):
    """What a user likes and cannot eat. `home_location` is GeoJSON: longitude first."""

    dietary = ListField(StringField())
    allergies = ListField(StringField())
    liked_cuisines = ListField(StringField())
    disliked_cuisines = ListField(StringField())
    max_price = IntField(min_value=1, max_value=4)
    home_location = PointField(auto_index=False)


class User(Document):
    """An account. `email` is as the user wrote it, `email_key` what its spellings have in common."""

    email = StringField(required=True)
    email_key = StringField(required=True)
    password_hash = StringField(required=True)
    display_name = StringField(required=True)
    tier = StringField(required=True, choices=("free", "pro"), default="free")
    created_at = DateTimeField(required=True)
    preferences = EmbeddedDocumentField(PreferencesRecord)

    meta = {  # noqa: RUF012  # mongoengine's way
        "collection": "users",
        "auto_create_index": False,
        "indexes": [{"fields": ["email_key"], "unique": True}],
    }
