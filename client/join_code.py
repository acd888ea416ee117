"""Invitations as people give them: codes and links, typed, pasted, or handed to the app when it starts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

CODE_LENGTH = 6
SCHEME = "dindin"
GROUP_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")


class LinkError(ValueError):
    """A link leads nowhere in this app; the text says what one looks like."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where a link leads: into a session by its `code`, or into a group by its `group_token`."""

    code: str = ""
    group_token: str = ""


def invitation_of_link(link: str) -> Invitation:
    """What `dindin://join/CODE` or `dindin://group/TOKEN` invites to; raises `LinkError` for anything else."""
    if link.strip().lower().startswith(f"{SCHEME}://group/"):
        return Invitation(group_token=group_token(link))
    return Invitation(code=code_of_link(link))


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


def group_token(given: str) -> str:
    """The token of a group's invite link: `https://…/g/TOKEN`, `dindin://group/TOKEN`, or the token alone.

    Raises `LinkError` for anything else. Whether such a group exists only the server can say.
    """
    link = given.strip()
    try:
        parts = urlsplit(link)
    except ValueError:
        raise _no_group(link) from None
    *_, place, token = ["", "", *parts.path.rstrip("/").split("/")]
    in_link = {
        "": link == token,
        "http": place == "g",
        "https": place == "g",
        SCHEME: parts.netloc.lower() == "group" and parts.path.strip("/") == token,
    }.get(parts.scheme, False)
    if not in_link or GROUP_TOKEN.fullmatch(token) is None:
        raise _no_group(link)
    return token


def _no_group(link: str) -> LinkError:
    return LinkError(
        f"{link!r} is no invitation to a group: one ends in /g/ and its token, or is {SCHEME}://group/ with it."
    )


def _unusable(link: str) -> LinkError:
    return LinkError(f"{link!r} is no invitation to a session: one looks like {SCHEME}://join/K7MQ4P.")
