"""What text from people may hold so that other people's screens can show it. Pure."""

from __future__ import annotations

import unicodedata

# What people are called whose account was erased, where the history of others names them (docs/product.md P2).
SOMEBODY = "Somebody"

# Joiners hold together emoji and the letters of several scripts; every other invisible character is refused.
_JOINERS = frozenset("\u200c\u200d")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def is_invisible(character: str) -> bool:
    """Control characters, direction marks, lone surrogates, private and unassigned code points."""
    return unicodedata.category(character) in _REFUSED_CATEGORIES and character not in _JOINERS


def address_key(email: str) -> str:
    """What two spellings of one e-mail address have in common: upper and lower case of ASCII letters.

    Nothing more is folded. Mail to groß.de and to gross.de arrives at different people.
    """
    composed = unicodedata.normalize("NFC", email.strip())
    return "".join(character.lower() if character.isascii() else character for character in composed)


def longest_run_of_marks(text: str) -> int:
    """How many accents are piled on one letter at most."""
    longest = current = 0
    for character in text:
        current = current + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        longest = max(longest, current)
    return longest
