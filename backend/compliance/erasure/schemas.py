"""What crosses the wire about erasures."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from backend.auth.schemas import ReAuthentication
from backend.compliance.erasure.receipts import Receipt
from backend.compliance.erasure.store import ErasureState
from backend.http.schemas import Moment, Path

_ReceiptId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{32}$")]


class ErasureRequest(ReAuthentication):
    """Who asks to be erased proves once more who they are."""

    immediately: bool = Field(False, description="Without the days in which it can be cancelled.")


class ErasureOut(BaseModel):
    """Where an erasure is."""

    status: Literal["none", "scheduled", "running"] = Field(
        description="Scheduled ones can be cancelled; once it runs, all tokens are dead."
    )
    requested_at: Moment | None = None
    due_at: Moment | None = Field(None, description="When it begins, or was to begin.")
    receipt_id: str | None = Field(
        None, description="Keep it: afterwards nobody can find out which receipt was yours."
    )

    @classmethod
    def of(cls, erasure: ErasureState | None) -> ErasureOut:
        """As the person sees it."""
        if erasure is None:
            return cls(status="none")
        return cls.model_validate(
            {
                "status": erasure.status,
                "requested_at": erasure.requested_at,
                "due_at": erasure.due_at,
                "receipt_id": erasure.receipt_id,
            }
        )


class ReceiptPath(Path):
    """The receipt in the path."""

    receipt_id: _ReceiptId


class ReceiptOut(BaseModel):
    """What stays of an erasure."""

    id: str
    status: Literal["running", "done"]
    requested_at: Moment
    begun_at: Moment
    finished_at: Moment | None
    found: dict[str, int] = Field(
        description="By place (docs/privacy-record.md), how many records there were."
    )
    signature: str = Field(
        description="Over all of this, with a key that only the server has; empty until it is done."
    )
    genuine: bool = Field(description="Whether the signature is this server's, and nothing was changed.")

    @classmethod
    def of(cls, receipt: Receipt, *, genuine: bool) -> ReceiptOut:
        """As anybody sees it who knows its id."""
        return cls.model_validate(
            {
                "id": receipt.id,
                "status": receipt.status,
                "requested_at": receipt.requested_at,
                "begun_at": receipt.begun_at,
                "finished_at": receipt.finished_at,
                "found": dict(receipt.found or {}),
                "signature": receipt.signature,
                "genuine": genuine,
            }
        )
