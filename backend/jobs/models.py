"""How runs of recurring jobs lie in MongoDB. Documents do not leave this package."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, IntField, StringField
from mongoengine import DictField as Json


class JobRun(Document):
    """One job in one period. The key is both: it is unique before anybody has made an index."""

    key = StringField(primary_key=True)
    job = StringField(required=True)
    period = StringField(required=True)
    asked_at = DateTimeField(required=True)
    token = IntField()
    started_at = DateTimeField()
    done_at = DateTimeField()
    result = Json()
    outcome = StringField(choices=("done", "skipped"))
    because = StringField()
    expires_at = DateTimeField(required=True)

    meta = {
        "collection": "job_runs",
        "auto_create_index": False,
        "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}],
    }


class JobTurn(Document):
    """Whose turn a job is: the highest token given for it. The key is the job's name."""

    key = StringField(primary_key=True)
    token = IntField(required=True)

    meta = {
        "collection": "job_turns",
        "auto_create_index": False,
    }
