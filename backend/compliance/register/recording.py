"""The register's rows about the audit log (docs/audit.md)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from backend.audit.trail import AuditTrail
from backend.compliance.register.asking import asking, forgotten_by
from backend.compliance.register.shapes import Moment
from backend.compliance.register.terms import (
    Basis,
    Erasure,
    Export,
    Holding,
    Kind,
    Otherwise,
    Place,
    Retention,
    Shape,
)
from backend.config import Settings


class AuditEntryShape(Shape):
    """Something that was recorded of the user."""

    at: Moment
    action: Annotated[str, Field(title="What")]
    outcome: Annotated[Literal["done", "refused", "failed"], Field(title="How it ended")]
    reason: Annotated[str, Field(title="Why")]
    by: Annotated[Literal["you", "somebody else", "the server"], Field(title="Done by")]
    resource: Annotated[str, Field(title="To what")]
    network: Annotated[str, Field(title="From which network")]
    channel: Annotated[Literal["http", "socket", "command", "job"], Field(title="Which way")]
    milliseconds: Annotated[int, Field(title="Milliseconds")]
    request_id: Annotated[str, Field(title="Request")]
    times: Annotated[int, Field(title="Times")]


def _audit_keep_days_ago(settings: Settings, now: datetime) -> datetime:
    return now - timedelta(days=settings.audit_keep_days)


_WHY = "noticing break-ins, and being able to show what was done with people's data"
_A_PSEUDONYM = Otherwise(
    "Nothing is changed: the entries name a pseudonym, and what else they say of the person is sealed. Both lead "
    "nowhere once the row `audit_subjects` is gone."
)

RECORDING: tuple[Holding, ...] = (
    Holding(
        place=Place(Kind.COLLECTION, "audit_entries"),
        holds=(
            "the audit log, a chain: action, outcome, time, under a pseudonym; sealed: the network (an "
            "address without its end), ids of things, the request's id. Of refused strangers the network, and a keyed "
            "digest of the address they tried, another one each day"
        ),
        purpose=_WHY,
        basis=Basis.INTEREST,
        export=Export(
            "audit.json",
            "Audit log",
            asking(AuditTrail, AuditTrail.history_of),
            AuditEntryShape,
        ),
        erasure=_A_PSEUDONYM,
        retention=Retention(
            rule="{audit_keep_days} days",
            cutoff=_audit_keep_days_ago,
            sweep=asking(AuditTrail, AuditTrail.delete_before),
            oldest=asking(AuditTrail, AuditTrail.oldest),
        ),
        recipients="the operators of this server",
    ),
    Holding(
        place=Place(Kind.COLLECTION, "audit_subjects"),
        holds="whom a pseudonym of the audit log stands for, and a secret that opens what is sealed",
        purpose=_WHY,
        basis=Basis.INTEREST,
        export=Otherwise("What it leads to is in the export of `audit_entries`; the secret itself is one."),
        erasure=Erasure(
            "Deleted: from then on nobody can tell which entries were about the person.",
            forgotten_by(AuditTrail, AuditTrail.forget),
        ),
        retention=Otherwise("As long as the account."),
        people=asking(AuditTrail, AuditTrail.people),
    ),
    Holding(
        place=Place(Kind.KEYS, "audit:queue"),
        holds="entries on their way into the audit log, with the account's id",
        purpose="that no request waits for the audit log",
        basis=Basis.INTEREST,
        export=Otherwise("Holds nothing that is not in `audit_entries` a moment later."),
        erasure=Otherwise("Emptied into `audit_entries` before a person is forgotten there."),
        retention=Otherwise("A second, while MongoDB answers."),
    ),
    Holding(
        place=Place(Kind.FILES, "STORAGE_URL/audit/checkpoints/*"),
        holds="signed hashes of the audit log: where it stood, when, how many entries there were",
        purpose="noticing when somebody has changed or removed entries",
        basis=Basis.INTEREST,
        export=Otherwise("Holds nothing about anybody."),
        erasure=Otherwise("Holds nothing about anybody."),
        retention=Otherwise("Deleted with the entries that they are about."),
    ),
)
