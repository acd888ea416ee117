"""Requests that are good but for one thing, for every route that takes a body. Generated from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask_openapi3 import OpenAPI

from backend.http.access import Access
from tests.security.http.expectations import EXPECTED, Row
from tests.security.http.world import NOBODYS_ID, Someone, World

WITH_BODY = [
    name
    for name, row in EXPECTED.items()
    if row.body is not None and row.level in {Access.PUBLIC, Access.GUEST, Access.USER, Access.OPERATOR}
]


class Attempts:
    """Attempts at one route, by somebody who may use it, in a world of its own."""

    def __init__(self, name: str, app: OpenAPI, world: World, forget_counts: Callable[[], None]) -> None:
        self.method, rule = name.split(" ", 1)
        self.row: Row = EXPECTED[name]
        self.who = _caller(self.row, name, world)
        self._world = world
        self._forget_counts = forget_counts
        self._document = app.api_doc
        operation = self._document["paths"][rule.replace("<", "{").replace(">", "}")][self.method.lower()]
        self.fields = sorted(self._schema_of_body(operation)["properties"])
        thing = world.thing(self.row.of) if self.row.of else NOBODYS_ID
        self.path = world.on_the_list(rule).replace("<id>", thing)
        body = self.row.mild or self.row.body
        self.good = body(world, self.who) if body else {}

    def send(self, body: Any) -> Any:
        """The answer to a body. However many there are, none is refused for coming too often."""
        self._forget_counts()
        return self.who.call(self.method, self.path, body)

    def send_text(self, text: bytes) -> Any:
        """The answer to a body that is already JSON, or almost."""
        self._forget_counts()
        bearer = {"Authorization": f"Bearer {self.who.token}"}
        return self.who.http.open(
            self.path, method=self.method, data=text, content_type="application/json", headers=bearer
        )

    def with_each_field(self, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each field in turn, and the good body with `value` in its place."""
        for field in self.fields:
            yield field, {**self.good, field: value}

    def _schema_of_body(self, operation: dict[str, Any]) -> dict[str, Any]:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        found: dict[str, Any] = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found


def _caller(row: Row, name: str, world: World) -> Someone:
    if row.level is Access.OPERATOR:
        return world.operator
    return world.guest if name.endswith("/claim") else world.owner
