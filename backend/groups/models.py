"""How a group lies in MongoDB. Documents do not leave this package."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    ObjectIdField,
    StringField,
)


class MemberRecord(EmbeddedDocument):
    """A member inside a group."""

    user_id = ObjectIdField(required=True)
    joined_at = DateTimeField(required=True)


class GroupRecord(Document):
    """A group. `members` are in the order in which they joined; there is always one, and the owner is among them.

    `token` is the secret part of the invite link: whoever knows it may join. `named_by` is who chose the name.
    """

    name = StringField(required=True)
    named_by = ObjectIdField()
    owner_id = ObjectIdField(required=True)
    token = StringField(required=True)
    members = EmbeddedDocumentListField(MemberRecord)
    created_at = DateTimeField(required=True)

    meta = {
        "collection": "groups",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["token"], "unique": True},
            {"fields": ["members.user_id", "-created_at"]},
            {"fields": ["named_by"], "sparse": True},
        ],
    }
