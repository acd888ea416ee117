"""Join codes as people give them: typed, pasted, or in a link of this app."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

CODE_LENGTH = 6
SCHEME = "dindin"


class LinkError(ValueError):
    """A link leads nowhere in this app; the text says what one looks like."""


def typed_code(raw: str) -> str:
    """What counts of something typed or pasted as a join code: letters and digits, upper case, at most six.

    Spaces and case do not matter (docs/product.md S2). Whether such a code exists only the server can say.
    """
    return "".join(character for character in raw.upper() if character.isascii() and character.isalnum())[
        :CODE_LENGTH
    ]


def code_of_link(link: str) -> str:
    """The code in `dindin://join/CODE`; raises `LinkError` for anything else."""
    try:
        parts = urlsplit(link)
    except ValueError:
        raise _unusable(link) from None
    given = unquote(parts.path).strip("/")
    code = typed_code(given)
    # Longer ones are refused, not cut: the rest may be what tells them apart.
    letters = "".join(given.replace("-", "").split()).upper()
    if (
        parts.scheme != SCHEME
        or parts.netloc.lower() != "join"
        or code != letters
        or len(code) != CODE_LENGTH
    ):
        raise _unusable(link)
    return code


def _unusable(link: str) -> LinkError:
    return LinkError(f"{link!r} is no invitation to a session: one looks like {SCHEME}://join/K7MQ4P.")
