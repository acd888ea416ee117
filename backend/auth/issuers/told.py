"""What an issuer tells of a person, brought into the form in which we keep it. Trusts nothing of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import EmailStr, TypeAdapter, ValidationError

from backend.texts import is_invisible
from backend.users.accounts import Identity
from backend.users.names import MAX_DISPLAY_NAME, clean_display_name

_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailStr)
_MAX_RAW_NAME = 400
_YEAR_5138 = 10**11  # in seconds: far away, and still a date

_MOODS = ("Hungry", "Peckish", "Cheerful", "Curious", "Sunny", "Merry", "Brave", "Gentle", "Lucky", "Jolly")
_EATERS = ("Otter", "Badger", "Robin", "Hedgehog", "Panda", "Fox", "Heron", "Squirrel", "Beaver", "Puffin")


def identity_told(issuer: str, subject: str, claims: Mapping[str, Any]) -> Identity:
    """The identity that standard claims describe (OpenID Connect Core 5.1).

    An address that the issuer does not call verified is left out: it would be somebody's word about somebody else.
    """
    address = address_told(claims.get("email")) if claims.get("email_verified") is True else ""
    return Identity(
        issuer=issuer,
        subject=subject,
        email=address,
        email_verified=bool(address),
        display_name=name_told(claims) or friendly_name(),
    )


def proved_at_told(claims: Mapping[str, Any]) -> int | None:
    """When the issuer saw last who they are: seconds since 1970 (OpenID Connect Core 2, `auth_time`); None: not told.

    What is told but cannot be a time is as good as very long ago.
    """
    told = claims.get("auth_time")
    if told is None:
        return None
    return int(told) if isinstance(told, int | float) and 0 <= told < _YEAR_5138 else 0


def address_told(raw: object) -> str:
    """An e-mail address; empty where it is none."""
    try:
        return _ADDRESS.validate_python(raw)
    except ValidationError:
        return ""


def name_told(claims: Mapping[str, Any]) -> str:
    """What the person wants to be called, fit for other people's screens; empty where nothing is."""
    for raw in _names(claims):
        seen = "".join(" " if is_invisible(character) else character for character in raw[:_MAX_RAW_NAME])
        try:
            return clean_display_name(" ".join(seen.split())[:MAX_DISPLAY_NAME])
        except ValueError:
            continue
    return ""


def friendly_name() -> str:
    """For somebody who did not give a name. They can change it."""
    return f"{secrets.choice(_MOODS)} {secrets.choice(_EATERS)}"


def _names(claims: Mapping[str, Any]) -> Iterator[str]:
    """The likely ones first. Never what is left of an address: that is nobody else's business."""
    for claim in ("name", "given_name", "nickname", "preferred_username"):
        raw = claims.get(claim)
        if isinstance(raw, str) and raw.strip() and "@" not in raw:
            yield raw
