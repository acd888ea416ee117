"""The JSON Schema of the files in an export: docs/api/export.schema.json, and in each archive."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import models_json_schema

from backend.compliance.register import EXPORTED
from backend.compliance.register.shapes import CardShape
from backend.compliance.register.terms import Shape

SCHEMA_NAME = "dindin-export"
SCHEMA_VERSION = 1
SCHEMA_FILE = "export.schema.json"
CARDS = "cards"


def document_text() -> str:
    """The schema, as it is published."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """The schema: each file of an archive that ends in `.json` is one of these, but for the schema itself."""
    files = {export.kind: (export.shape, export.title, holding.holds) for holding, export in EXPORTED}
    files[CARDS] = (CardShape, "Cards", "what the ids of cards in the other files stand for")
    shapes = {shape for shape, _, _ in files.values()}
    _, records = models_json_schema(
        [(shape, "serialization") for shape in sorted(shapes, key=lambda shape: shape.__name__)],
        ref_template="#/$defs/{model}",
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:dindin:export:{SCHEMA_VERSION}",
        "title": "A file of an export of DinDin",
        "oneOf": [
            _manifest(),
            *(_file(kind, shape, title, holds) for kind, (shape, title, holds) in files.items()),
        ],
        "$defs": records["$defs"],
    }


def _file(kind: str, shape: type[Shape], title: str, holds: str) -> dict[str, Any]:
    own = {
        "kind": {"const": kind},
        "records": {"type": "array", "items": {"$ref": f"#/$defs/{shape.__name__}"}},
    }
    return {**_object(own), "title": title, "description": f"{kind}.json: {holds}"}


def _manifest() -> dict[str, Any]:
    files = {"name": {"type": "string"}, "records": {"type": "integer", "minimum": 0}}
    own = {
        "export_id": {"type": "string"},
        "user_id": {"type": "string"},
        "created_at": {"type": "string", "format": "date-time"},
        "files": {"type": "array", "items": _closed(files)},
    }
    return {**_object(own), "title": "Manifest", "description": "manifest.json: what the archive is made of"}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    always = {"schema": {"const": SCHEMA_NAME}, "schema_version": {"const": SCHEMA_VERSION}}
    return _closed({**always, **properties})


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
