"""How erasures, their receipts and tombstones lie in MongoDB."""

from __future__ import annotations

from mongoengine import (
    BinaryField,
    BooleanField,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)


class FoundRecord(EmbeddedDocument):
    """How many records one step found, in one go."""

    place = StringField(required=True)
    count = IntField(required=True)


class ElsewhereRecord(EmbeddedDocument):
    """An account elsewhere."""

    issuer = StringField(required=True)
    subject = StringField(required=True)


class ErasureRecord(Document):
    """One erasure, until it is finished: then the document goes, and with it the last that is known of the person.

    `secret` is what pseudonyms come from. `address` and `identities` are moved here from the account when it begins,
    and go as soon as both have been told. `shut_at`: since when nobody gets in. `last_walk`: whether every place is
    being asked once more, now that no request of before can be under way; `done` begins anew with it. `sessions`: all
    that have named the person since, so that what is written late is found where a stand-in has the place already.
    `tell`: whether the person gets a receipt and a last mail, and Clerk hears of it; not where the address was never
    confirmed, and not again where a restored backup has brought back who was erased before. `quiet` is its opposite,
    which processes of the version before look for while they are replaced.
    """

    user = ObjectIdField(required=True)
    status = StringField(required=True, choices=("scheduled", "running"))
    requested_at = DateTimeField(required=True)
    due_at = DateTimeField(required=True)
    touched_at = DateTimeField(required=True)
    begun_at = DateTimeField()
    shut_at = DateTimeField()
    last_walk = BooleanField()
    sessions = ListField(ObjectIdField())
    receipt_id = StringField(required=True)
    tell = BooleanField(required=True)
    quiet = BooleanField()
    secret = BinaryField()
    address = StringField()
    identities = EmbeddedDocumentListField(ElsewhereRecord)
    done = ListField(StringField())
    found = EmbeddedDocumentListField(FoundRecord)

    meta = {
        "collection": "erasures",
        "auto_create_index": False,
        "indexes": [{"fields": ["user"], "unique": True}, {"fields": ["status", "due_at"]}],
    }


class ErasureReceiptRecord(Document):
    """What stays of an erasure: no personal data. The key is random, and known to nobody but who was erased."""

    key = StringField(primary_key=True)
    status = StringField(required=True, choices=("running", "done"))
    requested_at = DateTimeField(required=True)
    begun_at = DateTimeField(required=True)
    finished_at = DateTimeField()
    found = EmbeddedDocumentListField(FoundRecord)
    signature = StringField()

    meta = {
        "collection": "erasure_receipts",
        "auto_create_index": False,
        "indexes": [{"fields": ["begun_at"]}],
    }


class TombstoneRecord(Document):
    """Somebody was erased: the key is a keyed hash of their id (`Ledger`, purpose "tombstone")."""

    key = StringField(primary_key=True)
    begun_at = DateTimeField(required=True)

    meta = {
        "collection": "tombstones",
        "auto_create_index": False,
    }
