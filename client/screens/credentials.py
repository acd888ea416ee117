"""What is said about addresses, passwords and logging out before anybody asks the server."""

from __future__ import annotations

from client.words import _, marked

NO_WAY_BACK = marked(
    "As a guest you could not log in again. Keep your account first if you want to come back."
)


def email_error(typed: str) -> str:
    """A sentence for the field; empty where the server may see it."""
    return "" if "@" in typed.strip(" @") else _("Your e-mail address, like ana@example.com.")


def password_error(typed: str) -> str:
    """A sentence for the field; empty where the server may see it."""
    return "" if typed else _("Your password is missing.")


def new_password_error(typed: str) -> str:
    """A sentence for the field of one that is to be chosen; empty where the server may see it."""
    return "" if typed else _("Your new password is missing.")
