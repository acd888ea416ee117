"""What crosses the wire about consents."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field, model_validator

from backend.http.schemas import Body, Moment, Path
from backend.users.consent_texts import ConsentKind, ConsentText
from backend.users.consents import Standing
from backend.users.schemas import TextVersion

KindName = Literal["terms", "privacy", "special_category"]


class TextPath(Path):
    """Which text."""

    kind: KindName


class ConsentTextOut(BaseModel):
    """The version of a text that is in force."""

    kind: KindName
    version: TextVersion
    text: str = Field(description="Markdown.")
    sha256: str = Field(description="Of the text's bytes in UTF-8; recorded with each consent.")


class ConsentOut(BaseModel):
    """How one stands to one of the texts."""

    kind: KindName
    current_version: TextVersion
    given: bool
    given_version: TextVersion | None = Field(description="The version agreed to last; null: never.")
    given_at: Moment | None
    withdrawn_at: Moment | None = Field(description="Null while one agrees.")
    up_to_date: bool = Field(description="Whether one agrees to the version that is in force.")


class ConsentList(BaseModel):
    """How one stands to all texts."""

    items: list[ConsentOut]


class Decision(Body):
    """One agrees to a text, or takes that back; the version matters to agreeing only."""

    kind: KindName
    given: bool
    version: TextVersion | None = None

    @model_validator(mode="after")
    def _to_known_words(self) -> Decision:
        if self.given and self.version is None:
            raise ValueError("Say which version of the text you agree to.")
        return self


def text_out(text: ConsentText) -> ConsentTextOut:
    """As the wire has it."""
    return ConsentTextOut.model_validate(
        {"kind": text.kind.value, "version": text.version, "text": text.text, "sha256": text.digest}
    )


def consent_out(standing: Standing) -> ConsentOut:
    """As the wire has it."""
    return ConsentOut.model_validate(
        {
            "kind": standing.kind.value,
            "current_version": standing.current_version,
            "given": standing.given,
            "given_version": standing.given_version,
            "given_at": standing.given_at,
            "withdrawn_at": standing.withdrawn_at,
            "up_to_date": standing.up_to_date,
        }
    )


def kind_of(name: KindName) -> ConsentKind:
    """The kind as services know it."""
    return ConsentKind(name)
