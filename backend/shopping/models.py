"""How shopping lists lie in MongoDB. Documents do not leave this package."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    LongField,
    ObjectIdField,
    StringField,
)


class ItemRecord(EmbeddedDocument):
    """A line of a list. `thousandths` and `base` are absent where nobody said how much.

    `added_by`: who chose the name, and the unit where `unit_by`, which may be absent, says nobody else.
    """

    id = ObjectIdField(required=True)
    name = StringField(required=True)
    thousandths = LongField()
    base = StringField()
    recipe_ids = ListField(ObjectIdField())
    added_by = ObjectIdField(required=True)
    unit_by = ObjectIdField()
    added_at = DateTimeField(required=True)
    ticked = BooleanField(required=True)


class ShoppingListRecord(Document):
    """A user's list, changed only by compare-and-set on `version`. One user has one; a group shares one."""

    owner_id = ObjectIdField(required=True)
    group_id = ObjectIdField()
    items = EmbeddedDocumentListField(ItemRecord)
    version = IntField(required=True)

    meta = {
        "collection": "shopping_lists",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["owner_id"], "unique": True},
            {
                "fields": ["group_id"],
                "unique": True,
                "partialFilterExpression": {"group_id": {"$type": "objectId"}},
            },
            {"fields": ["items.added_by"]},
            {"fields": ["items.unit_by"], "sparse": True},
        ],
    }
