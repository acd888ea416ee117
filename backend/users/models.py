"""How a user lies in MongoDB. Documents do not leave this package."""

from __future__ import annotations

from mongoengine import (
    BinaryField,
    BooleanField,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    MapField,
    ObjectIdField,
    PointField,
    StringField,
)


class PreferencesRecord(EmbeddedDocument):
    """What a user likes and cannot eat. `home_location` is GeoJSON: longitude first.

    `sealed` holds diet and allergies, by field, encrypted with the user's own key (backend/users/sealing.py).
    """

    sealed = MapField(BinaryField())
    liked_cuisines = ListField(StringField())
    disliked_cuisines = ListField(StringField())
    max_price = IntField(min_value=1, max_value=4)
    home_location = PointField(auto_index=False)


class DietConsentRecord(EmbeddedDocument):
    """Whether diet and allergies may be kept: what `consents` says, where one update can ask for it.

    `number` is that of the user's last decision, `version` the text that they agree to; none: they do not.
    """

    number = IntField()
    version = StringField()


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
    accounts and belongs to the one that has confirmed it (docs/decisions/0010). `last_seen_at` is when the latest of
    the log-ins was used that are forgotten already.
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
    closed_at = DateTimeField()
    last_seen_at = DateTimeField()
    preferences = EmbeddedDocumentField(PreferencesRecord)
    diet_consent = EmbeddedDocumentField(DietConsentRecord)

    meta = {
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
                "name": "unconfirmed",
                "fields": ["created_at"],
                "partialFilterExpression": {"email_confirmed_at": None},
            },
            {
                "name": "identity_belongs_to_one",
                "fields": ["identities.key"],
                "unique": True,
                "partialFilterExpression": {"identities.key": {"$exists": True}},
            },
        ],
    }


class UserKey(Document):
    """A user's data key, wrapped by the ring's key of that name."""

    user = ObjectIdField(primary_key=True)
    key_name = StringField(required=True)
    sealed = BinaryField(required=True)

    meta = {
        "collection": "user_keys",
        "auto_create_index": False,
        "indexes": [{"name": "by_ring_key", "fields": ["key_name"]}],
    }


class Consent(Document):
    """A decision about a text, given or withdrawn. Decisions are only ever added; `number` counts a user's on one kind.

    `digest` is that of the text's words (backend/users/consent_texts/).
    """

    user = ObjectIdField(required=True)
    kind = StringField(required=True)
    number = IntField(required=True)
    version = StringField(required=True)
    digest = StringField(required=True)
    given = BooleanField(required=True)
    at = DateTimeField(required=True)

    meta = {
        "collection": "consents",
        "auto_create_index": False,
        "indexes": [{"name": "one_after_the_other", "fields": ["user", "kind", "number"], "unique": True}],
    }
