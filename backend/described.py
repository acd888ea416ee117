"""The documents that are written from the program, and published in docs."""

from __future__ import annotations

from backend.app import describe_api
from backend.compliance.exports import published_schema
from backend.compliance.privacy_record import record_text
from backend.compliance.wording import periods_of, usual_periods
from backend.config import Settings
from backend.http import openapi
from backend.sessions import protocol


def text_of(document: str, settings: Settings | None) -> str:
    """A document whole.

    Args:
        document: openapi, protocol, export-schema or privacy-record.
        settings: whose periods the privacy record tells; without, the usual ones.
    """
    match document:
        case "openapi":
            return openapi.document_text(describe_api())
        case "protocol":
            return protocol.document_text()
        case "export-schema":
            return published_schema.document_text()
        case "privacy-record":
            return record_text(periods_of(settings) if settings else usual_periods())
        case _:
            raise ValueError(f"there is no document {document}")
