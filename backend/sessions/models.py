"""How sessions and swipes lie in MongoDB: collections and indexes. store.py and swipes.py read and write them."""

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
    LongField,
    ObjectIdField,
    StringField,
)
from mongoengine import DictField as Json


class ParticipantRecord(EmbeddedDocument):
    """A participant inside a session."""

    user_id = ObjectIdField(required=True)
    display_name = StringField(required=True)
    joined_at = DateTimeField(required=True)
    left = BooleanField(default=False)
    gone = BooleanField(default=False)
    spectator = BooleanField(default=False)
    started = BooleanField(default=False)
    energy = StringField()
    ready = BooleanField(default=False)
    own_deck = ListField(ObjectIdField())


class MotionRecord(EmbeddedDocument):
    """An open motion."""

    kind = StringField(required=True)
    opened_by = ObjectIdField(required=True)
    in_favour = ListField(ObjectIdField())
    against = ListField(ObjectIdField())


class PauseRecord(EmbeddedDocument):
    """A standing clock."""

    reason = StringField(required=True)
    remaining_ms = LongField(required=True)


class OpinionRecord(EmbeddedDocument):
    """Who likes and who dislikes a card, from the rounds before; kept until the session is over."""

    item = ObjectIdField(required=True)
    likes = ListField(ObjectIdField())
    dislikes = ListField(ObjectIdField())


class OutcomeRecord(EmbeddedDocument):
    """How a session was decided."""

    kind = StringField(required=True)
    items = ListField(ObjectIdField())
    decided_at = DateTimeField(required=True)
    tied = ListField(ObjectIdField())
    tossed = ObjectIdField()


class SessionRecord(Document):
    """One session: everything current about it, changed only by compare-and-set on `version`.

    `pending` holds what changes have to say and have not said yet: written with the change itself, so that an
    announcement cannot get lost with the process that made it. `live`, `due_at` and `unannounced` exist for indexes.
    `events_name_somebody` is set while Valkey may still hold events that name a person who was erased here.
    """

    code = StringField(required=True)
    host_id = ObjectIdField(required=True)
    group_id = ObjectIdField()
    menu = StringField(required=True)
    deck_size = IntField(required=True)
    capacity = IntField(required=True)
    round_seconds = ListField(IntField())
    seed = LongField(required=True)
    created_at = DateTimeField(required=True)
    expires_at = DateTimeField(required=True)
    expiry_minutes = IntField(required=True)
    participants = EmbeddedDocumentListField(ParticipantRecord)
    status = StringField(required=True)
    round = IntField(required=True)
    starts_at = DateTimeField()
    ends_at = DateTimeField()
    pause = EmbeddedDocumentField(PauseRecord)
    deck = ListField(ObjectIdField())
    reserve = ListField(ObjectIdField())
    shortlist = ListField(ObjectIdField())
    carried = EmbeddedDocumentListField(OpinionRecord)
    energy = StringField()
    motions = EmbeddedDocumentListField(MotionRecord)
    counts = ListField(StringField())
    closing = BooleanField(default=False)
    ending = BooleanField(default=False)
    outcome = EmbeddedDocumentField(OutcomeRecord)
    finished_at = DateTimeField()
    carried_out = Json()
    version = IntField(required=True)
    live = BooleanField(required=True)
    due_at = DateTimeField()
    pending = ListField(Json())
    unannounced = BooleanField()
    events_name_somebody = BooleanField()

    meta = {
        "collection": "sessions",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["code"], "unique": True, "partialFilterExpression": {"live": True}},
            {"fields": ["participants.user_id", "-created_at"]},
            {
                "name": "sessions_of_group",
                "fields": ["group_id", "status", "-created_at"],
                "partialFilterExpression": {"group_id": {"$type": "objectId"}},
            },
            {"fields": ["due_at"], "partialFilterExpression": {"live": True}},
            {"fields": ["unannounced"], "partialFilterExpression": {"unannounced": True}},
            {
                "fields": ["events_name_somebody"],
                "partialFilterExpression": {"events_name_somebody": True},
            },
            {"fields": ["finished_at"]},
        ],
    }


class SwipeRecord(Document):
    """One entry of the append-only log of swipes. Field names are short: there are many, and the hot index holds them.

    `c` is session id + item id + round, 25 bytes: one `$in` over it finds, from the index alone, what was last said of
    a batch's cards in their round. What was said in rounds before is in the session.
    """

    session_id = ObjectIdField(db_field="s", required=True)
    participant_id = ObjectIdField(db_field="p", required=True)
    op_id = StringField(db_field="o", required=True)
    item_id = ObjectIdField(db_field="i", required=True)
    direction = StringField(db_field="d", required=True)
    round = IntField(db_field="r", required=True)
    at = LongField(db_field="t", required=True)
    card = BinaryField(db_field="c", required=True)
    counts = ListField(StringField(), db_field="n")

    meta = {
        "collection": "swipes",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["session_id", "participant_id", "op_id"], "unique": True},
            {"fields": ["card", "participant_id", "at", "direction"]},
        ],
    }


class MessageRecord(Document):
    """Something that somebody wrote in a session."""

    session_id = ObjectIdField(required=True)
    participant_id = ObjectIdField(required=True)
    op_id = StringField(required=True)
    text = StringField(required=True)
    at = DateTimeField(required=True)

    meta = {
        "collection": "messages",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["session_id", "participant_id", "op_id"], "unique": True},
            {"fields": ["session_id", "-at"]},
        ],
    }


class FeedbackRecord(Document):
    """Whether somebody followed an outcome through: cooked it, went there."""

    session_id = ObjectIdField(required=True)
    participant_id = ObjectIdField(required=True)
    item_id = ObjectIdField(required=True)
    followed_through = BooleanField(required=True)
    at = DateTimeField(required=True)

    meta = {
        "collection": "feedback",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["session_id", "participant_id"], "unique": True},
            {"fields": ["item_id"]},
            {"fields": ["participant_id"]},
        ],
    }
