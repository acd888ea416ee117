"""Cuisines are free words; this is what makes two spellings the same."""

from __future__ import annotations


def cuisine_key(name: str) -> str:
    """What a cuisine is compared by: `Middle  Eastern` and `middle eastern` are one."""
    return " ".join(name.casefold().split())
