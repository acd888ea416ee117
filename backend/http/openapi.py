"""The OpenAPI document as it is committed, so that clients can be built and checked without a server."""

from __future__ import annotations

import json

from flask_openapi3.openapi import OpenAPI


def document_text(app: OpenAPI) -> str:
    """What docs/api/openapi.json holds."""
    return json.dumps(app.api_doc, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
