"""How the audit log lies in MongoDB. The entries themselves are written and read by `chain`, as plain documents."""

from __future__ import annotations

from mongoengine import (
    BinaryField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    LongField,
    ObjectIdField,
    StringField,
)


class AuditEntry(Document):
    """One entry. It is never changed; the oldest are deleted when their time has come."""

    seq = LongField(required=True)
    at = DateTimeField(required=True)
    action = StringField(required=True)
    outcome = StringField(required=True)
    reason = StringField(required=True)
    milliseconds = IntField(required=True)
    request_id = StringField(required=True)
    channel = StringField(required=True)
    times = IntField(required=True)
    people = ListField(StringField())
    who = StringField()
    about = StringField()
    circumstances = DictField()
    sealed = BinaryField()
    hash = BinaryField(required=True)

    meta = {
        "collection": "audit_entries",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["seq"], "unique": True, "name": "one_at_each_place"},
            {"fields": ["-at", "-seq"]},
            {"fields": ["people", "-at", "-seq"]},
            {"fields": ["action", "-at", "-seq"]},
            {"fields": ["outcome", "-at", "-seq"]},
            {"fields": ["request_id", "-at", "-seq"]},
        ],
    }


class AuditSubject(Document):
    """Whom a pseudonym stands for, and the secret that opens what entries hold sealed. Its key is the user's id."""

    user = ObjectIdField(primary_key=True)
    pseudonym = StringField(required=True)
    secret = BinaryField(required=True)

    meta = {
        "collection": "audit_subjects",
        "auto_create_index": False,
        "indexes": [{"fields": ["pseudonym"], "unique": True}],
    }
