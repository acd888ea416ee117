"""The texts that people are asked to agree to: files of this package, the newest of each kind in force (P3).

A text that was once published never changes, for people have agreed to it word by word: write a new file with the day
it comes into force, as `terms-2027-01-31.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

_FOLDER = Path(__file__).parent


class ConsentKind(StrEnum):
    """What one agrees to."""

    TERMS = "terms"
    PRIVACY = "privacy"
    SPECIAL_CATEGORY = "special_category"  # diet and allergies: GDPR, Art. 9


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of a text.

    Attributes:
        version: the day from which it is in force, as 2026-11-23.
        text: Markdown.
        digest: SHA-256 of its bytes in hex; recorded with each consent.
    """

    kind: ConsentKind
    version: str
    text: str
    digest: str


def texts_of(kind: ConsentKind) -> tuple[ConsentText, ...]:
    """All versions of a text, the oldest first."""
    files = sorted(_FOLDER.glob(f"{kind}-????-??-??.md"))
    return tuple(_read(kind, file) for file in files)


def _read(kind: ConsentKind, file: Path) -> ConsentText:
    content = file.read_bytes()
    version = file.stem.removeprefix(f"{kind}-")
    return ConsentText(kind, version, content.decode(), hashlib.sha256(content).hexdigest())


CURRENT_TEXTS: Mapping[ConsentKind, ConsentText] = MappingProxyType(
    {kind: texts_of(kind)[-1] for kind in ConsentKind}
)
