"""From the server's JSON about privacy to values; raises `FrameError` naming the field that is wrong."""

from __future__ import annotations

from typing import get_args

from client.net.fields import Fields
from client.net.privacy_values import (
    Author,
    ConsentRecord,
    Erasure,
    ErasureStatus,
    Export,
    ExportStatus,
    RecordedEvent,
    RecordOutcome,
    RecordPage,
)
from client.net.reading import TEXT_KINDS

EXPORT_STATUSES: tuple[ExportStatus, ...] = get_args(ExportStatus)
ERASURE_STATUSES: tuple[ErasureStatus, ...] = get_args(ErasureStatus)
RECORD_OUTCOMES: tuple[RecordOutcome, ...] = get_args(RecordOutcome)
AUTHORS: tuple[Author, ...] = get_args(Author)


def read_consent_record(fields: Fields) -> ConsentRecord:
    """How the user stands to one text."""
    return ConsentRecord(
        kind=fields.choice("kind", TEXT_KINDS),
        given=fields.flag("given"),
        up_to_date=fields.flag("up_to_date"),
        given_at=fields.optional_moment("given_at"),
        withdrawn_at=fields.optional_moment("withdrawn_at"),
    )


def read_consents(fields: Fields) -> tuple[ConsentRecord, ...]:
    """How the user stands to all texts."""
    return tuple(read_consent_record(consent) for consent in fields.objects("items"))


def read_export(fields: Fields) -> Export:
    """Where an export is."""
    return Export(
        id=fields.text("id"),
        status=fields.choice("status", EXPORT_STATUSES),
        progress=fields.integer("progress"),
        requested_at=fields.moment("requested_at"),
        expires_at=fields.moment("expires_at"),
        size_bytes=fields.integer("size_bytes") if fields.has("size_bytes") else None,
    )


def read_exports(fields: Fields) -> tuple[Export, ...]:
    """The user's exports, newest first."""
    return tuple(read_export(export) for export in fields.objects("items"))


def read_erasure(fields: Fields) -> Erasure:
    """Where an erasure is."""
    return Erasure(
        status=fields.choice("status", ERASURE_STATUSES),
        due_at=fields.optional_moment("due_at"),
        receipt_id=fields.text("receipt_id", ""),
    )


def read_record(fields: Fields) -> RecordPage:
    """Some of what was recorded about the user."""
    return RecordPage(
        events=tuple(
            RecordedEvent(
                at=event.moment("at"),
                action=event.text("action"),
                outcome=event.choice("outcome", RECORD_OUTCOMES),
                by=event.choice("by", AUTHORS),
                network=event.text("network", ""),
                times=event.integer("times", 1),
            )
            for event in fields.objects("items")
        ),
        cursor=fields.text("next") if fields.has("next") else None,
    )
