"""Asking the app, and finding what it recorded of that."""

from __future__ import annotations

import json
import secrets
from typing import Any

import svcs
from flask.testing import FlaskClient

from backend.audit.chain import Chain
from backend.audit.reading import Criteria, Record
from backend.audit.subjects import Subjects
from backend.audit.trail import AuditTrail
from backend.infra.keys import Ledger
from backend.infra.mongo import BsonDocument, MongoDatabase
from tests.waiting import eventually


class Recorded:
    """Requests with an id of their own each."""

    def __init__(self, services: svcs.Container) -> None:
        self.trail = services.get(AuditTrail)
        database, ledger = services.get(MongoDatabase, Ledger)
        self._chain = Chain(database, ledger)
        self._subjects = Subjects(database, ledger, lambda _user_id: False)

    def ask(self, http: FlaskClient, method: str, path: str, **more: Any) -> tuple[Any, str]:
        """The answer, and the id under which it was recorded, if it was."""
        request_id = secrets.token_hex(8)
        headers = {**more.pop("headers", {}), "X-Request-ID": request_id}
        return http.open(f"/api/v1{path}", method=method, headers=headers, **more), request_id

    def of(self, request_id: str, count: int = 1) -> list[Record]:
        """What was recorded of a request, once so much is there; the newest first."""
        eventually(lambda: len(self._found(request_id)) >= count)
        found = self._found(request_id)
        assert len(found) == count, [record.action for record in found]
        return found

    def one(self, request_id: str) -> Record:
        """The only thing that was recorded of a request."""
        return self.of(request_id)[0]

    def raw(self, request_id: str) -> BsonDocument:
        """The same as it is stored."""
        self.of(request_id)
        found_by = self._subjects.stand_in(request_id)
        return next(entry for entry in self._chain.walk(0) if entry["request_id"] == found_by)

    def nothing_of(self, request_id: str, sentinel: str) -> bool:
        """Whether nothing was recorded of a request, by when something was of a later one."""
        self.of(sentinel)
        return self._found(request_id) == []

    def _found(self, request_id: str) -> list[Record]:
        return self.trail.search(Criteria(request_id=request_id), None, 50)[0]


def in_plain(entry: BsonDocument) -> str:
    """Everything of an entry that can be read."""
    return json.dumps(entry, default=repr)
