"""What is plainly missing in an address or a password, said before anybody asks the server."""

from __future__ import annotations


def email_error(typed: str) -> str:
    """A sentence for the field; empty where the server may see it."""
    return "" if "@" in typed.strip(" @") else "Your e-mail address, like ana@example.com."


def password_error(typed: str) -> str:
    """A sentence for the field; empty where the server may see it."""
    return "" if typed else "Your password is missing."
