"""The data register in words: for the README and the page of an export, and for the privacy record."""

from __future__ import annotations

from collections.abc import Mapping

from backend.compliance.register.terms import Erasure, Holding, Otherwise, Retention
from backend.config import Settings


def periods_of(settings: Settings) -> Mapping[str, object]:
    """The settings that rules of retention may name."""
    return settings.model_dump()


def usual_periods() -> Mapping[str, object]:
    """The same, as they are where nobody sets anything."""
    return {name: field.default for name, field in Settings.model_fields.items()}


def kept(holding: Holding, periods: Mapping[str, object]) -> str:
    """How long a place keeps something."""
    match holding.retention:
        case Retention(rule=rule):
            return sentence(rule.format_map(periods))
        case Otherwise(because=because):
            return because


def erased(holding: Holding) -> str:
    """What becomes of it when somebody has their account erased."""
    match holding.erasure:
        case Erasure(how=how):
            return sentence(how)
        case Otherwise(because=because):
            return because


def sentence(words: str) -> str:
    """With a capital, and a full stop."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
