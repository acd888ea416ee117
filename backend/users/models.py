"""How a user lies in MongoDB. Documents do not leave this package."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
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


class IdentityRecord(EmbeddedDocument):
    """An account elsewhere through which the user logs in. `key` is issuer and subject in one, for the index.

    `told_name` is how the issuer last said that they are called there, `told_at` when that was so.
    """

    key = StringField(required=True)
    issuer = StringField(required=True)
    subject = StringField(required=True)
    added_at = DateTimeField(required=True)
    told_name = StringField()
    told_at = DateTimeField()


class User(Document):
    """An account. `email` is as the user wrote it, `email_key` what its spellings have in common.

    Guests, and people who log in elsewhere, may have no address and no password. An address may be claimed by several
    accounts and belongs to the one that has confirmed it (docs/decisions/0010).
    """

    email = StringField()
    email_key = StringField()
    email_confirmed_at = DateTimeField()
    password_hash = StringField()
    identities = EmbeddedDocumentListField(IdentityRecord)
    display_name = StringField(required=True)
    role = StringField(required=True, choices=("guest", "user", "operator"), default="user")
    tier = StringField(required=True, choices=("free", "pro"), default="free")
    tier_told_at = DateTimeField()
    muted = ListField(StringField())
    created_at = DateTimeField(required=True)
    preferences = EmbeddedDocumentField(PreferencesRecord)

    meta = {  # noqa: RUF012  # mongoengine's way
        "collection": "users",
        "auto_create_index": False,
        "indexes": [
            {
                "name": "address_belongs_to_one",
                "fields": ["email_key"],
                "unique": True,
                "partialFilterExpression": {"email_confirmed_at": {"$type": "date"}},
            },
            {"name": "claims_of_address", "fields": ["email_key", "-email_confirmed_at", "-created_at"]},
            {
                "name": "identity_belongs_to_one",
                "fields": ["identities.key"],
                "unique": True,
                "partialFilterExpression": {"identities.key": {"$exists": True}},
            },
        ],
    }
