"""What text from people may hold so that other people's screens can show it. Pure."""

from __future__ import annotations

import unicodedata

# What people are called whose account was erased, where the history of others names them (docs/product.md P2).
SOMEBODY = "Somebody"

# Joiners hold together emoji and the letters of several scripts; every other invisible character is refused.
_JOINERS = frozenset("\u200c\u200d")
_SEEN = frozenset("LNPS")  # letters, digits, punctuation, symbols
_MAX_MARKS_IN_A_ROW = 3
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def is_invisible(character: str) -> bool:
    """Control characters, direction marks, lone surrogates, private and unassigned code points."""
    return unicodedata.category(character) in _REFUSED_CATEGORIES and character not in _JOINERS


def clean_line(raw: str, most: int) -> str:
    """A name of something, or somebody, in one spelling: NFC, trimmed, single spaces.

    Raises:
        ValueError: empty, longer than `most` characters, or with what people's screens could not show as one
            line of text: control characters, direction marks, piles of accents.
    """
    refuse_invisible(raw)
    line = " ".join(unicodedata.normalize("NFC", raw).split())
    refuse_unshowable(line, most, if_unseen="Please enter a name that others can see.")
    return line


def refuse_invisible(text: str) -> None:
    """See that all of a text can be seen.

    Raises:
        ValueError: it cannot; says what can.
    """
    if any(is_invisible(character) for character in text):
        raise ValueError("Please use letters, digits, spaces, punctuation and emoji only.")


def refuse_unshowable(text: str, most: int, *, if_unseen: str) -> None:
    """See that there is something in a text, not too much, and no piles of accents.

    Raises:
        ValueError: nothing can be seen (then `if_unseen` says so), longer than `most` characters, piles of accents.
    """
    if not any(unicodedata.category(character)[0] in _SEEN for character in text):
        raise ValueError(if_unseen)
    if len(text) > most:
        raise ValueError(f"Please use at most {most} characters.")
    if _longest_run_of_marks(text) > _MAX_MARKS_IN_A_ROW:
        raise ValueError("Please use fewer accents on one letter.")


def address_key(email: str) -> str:
    """What two spellings of one e-mail address have in common: upper and lower case of ASCII letters.

    Nothing more is folded. Mail to groß.de and to gross.de arrives at different people.
    """
    composed = unicodedata.normalize("NFC", email.strip())
    return "".join(character.lower() if character.isascii() else character for character in composed)


def _longest_run_of_marks(text: str) -> int:
    """How many accents are piled on one letter at most."""
    longest = current = 0
    for character in text:
        current = current + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        longest = max(longest, current)
    return longest
