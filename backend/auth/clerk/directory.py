"""Clerk's own records of people, by its Backend API: who is erased here is to be deleted there (docs/product.md P2)."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import quote

from backend.auth.clerk.gone import GoneIdentities
from backend.auth.issuers.outgoing import IssuerAway, IssuerClient
from backend.config import Settings

# One that does not exist (any more) is as good as deleted.
_DELETED = {HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


class ClerkDirectory:
    """Speaks for this server at Clerk, where CLERK_SECRET_KEY lets it."""

    def __init__(self, client: IssuerClient, gone: GoneIdentities, settings: Settings) -> None:
        self._client = client
        self._gone = gone
        self._issuer = settings.clerk_issuer
        self._users = f"{settings.clerk_api_url.rstrip('/')}/v1/users"
        self._key = settings.clerk_secret_key.get_secret_value()

    def refuse(self, identities: Iterable[tuple[str, str]]) -> None:
        """Let no token of Clerk's that is still good open a new account for these (issuer, subject)."""
        for issuer, subject in self._known_there(identities):
            self._gone.add(issuer, subject)

    def delete(self, identities: Iterable[tuple[str, str]]) -> int:
        """Have Clerk delete those of the (issuer, subject) that are its own; how many it was told of.

        Raises:
            IssuerAway: Clerk cannot be reached, or refuses; try again later.
        """
        told = 0
        for _, subject in self._known_there(identities) if self._key else ():
            self._have_deleted(subject)
            told += 1
        return told

    def _have_deleted(self, subject: str) -> None:
        authorized = {"Authorization": f"Bearer {self._key}"}
        try:
            status = self._client.delete(f"{self._users}/{quote(subject, safe='')}", authorized)
        except IssuerAway:  # its message holds the address, and so the subject
            raise IssuerAway("Clerk's Backend API cannot be reached") from None
        if status not in _DELETED:
            raise IssuerAway(f"Clerk's Backend API answers {status}: check CLERK_SECRET_KEY")

    def _known_there(self, identities: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        return [one for one in identities if self._issuer and one[0] == self._issuer]
