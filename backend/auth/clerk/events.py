"""What Clerk tells by webhook about its users and log-ins (docs/product.md A2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import structlog
from bson import ObjectId
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from backend.auth.clerk.gone import GoneIdentities
from backend.auth.clerk.log_ins import ClerkLogIns
from backend.auth.issuers.told import address_told, friendly_name, name_told
from backend.auth.service import AuthService
from backend.http.problems import invalid_input
from backend.users.accounts import Accounts, Identity
from backend.users.elsewhere import ToldElsewhere

_log = structlog.stdlib.get_logger(__name__)

_Id = Annotated[str, StringConstraints(min_length=1, max_length=255)]
_YEAR_2100 = 4_102_444_800_000
_Milliseconds = Annotated[int, Field(ge=0, le=_YEAR_2100)]


class _Verification(BaseModel):
    status: str | None = None


class _Address(BaseModel):
    id: str
    email_address: str
    verification: _Verification | None = None


class _Person(BaseModel):
    """Clerk's `User`, as far as it matters here."""

    id: _Id
    updated_at: _Milliseconds
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    primary_email_address_id: str | None = None
    email_addresses: list[_Address] = Field(default_factory=list)

    @property
    def name(self) -> str:
        """What others call them; empty where Clerk does not know."""
        full = " ".join(part for part in (self.first_name, self.last_name) if part)
        return name_told({"name": full, "nickname": self.username or ""})

    @property
    def address(self) -> str:
        """Their primary address, if Clerk has verified it."""
        for one in self.email_addresses:
            verified = one.verification is not None and one.verification.status == "verified"
            if one.id == self.primary_email_address_id and verified:
                return address_told(one.email_address)
        return ""


class _DeletedPerson(BaseModel):
    id: _Id


class _LogIn(BaseModel):
    """Clerk's `Session`, as far as it matters here."""

    id: _Id
    user_id: _Id


_Shape = TypeVar("_Shape", bound=BaseModel)


class ClerkEvents:
    """Does what an event asks for. Each may come twice, late, and in any order."""

    def __init__(
        self,
        *,
        issuer: str,
        accounts: Accounts,
        news: ToldElsewhere,
        auth: AuthService,
        log_ins: ClerkLogIns,
        gone: GoneIdentities,
        erase: Callable[[ObjectId], object],
    ) -> None:
        """Wire the parts.

        Args:
            erase: begins to erase a user, at once; from then on nobody gets in any more (docs/product.md P2).
        """
        self._issuer = issuer
        self._accounts = accounts
        self._news = news
        self._auth = auth
        self._log_ins = log_ins
        self._gone = gone
        self._erase = erase

    def handle(self, event: Mapping[str, Any]) -> None:
        """Take in one event; those of other kinds are none of our business.

        Raises:
            InvalidInput: it does not look as Clerk's events do.
        """
        kind, about = event.get("type"), event.get("data")
        if kind in {"user.created", "user.updated"}:
            self._person_changed(_read(_Person, about), is_new=kind == "user.created")
        elif kind == "user.deleted":
            self._person_deleted(_read(_DeletedPerson, about).id)
        elif kind in {"session.ended", "session.removed", "session.revoked"}:
            log_in = _read(_LogIn, about)
            self._auth.end_external(self._log_ins.external_of(log_in.user_id, log_in.id))

    def _person_changed(self, person: _Person, *, is_new: bool) -> None:
        """Only who registers there gets an account by it: news of others may be late news of who was erased here."""
        known = self._accounts.known_by(self._issuer, person.id) is not None
        if self._gone.includes(self._issuer, person.id) or not (is_new or known):
            return
        name, address = person.name, person.address
        identity = Identity(
            issuer=self._issuer,
            subject=person.id,
            email=address,
            email_verified=bool(address),
            display_name=name or friendly_name(),
        )
        if not known:
            self._accounts.by_identity(identity)
        updated_at = datetime.fromtimestamp(person.updated_at / 1000, UTC)
        if not self._news.tell_profile(identity, name, updated_at):
            _log.info("clerk_news_is_old")

    def _person_deleted(self, subject: str) -> None:
        self._gone.add(self._issuer, subject)
        user = self._accounts.known_by(self._issuer, subject)
        if user is not None:
            _log.info("deleted_at_clerk", user_id=str(user.id))
            self._erase(user.id)


def _read(shape: type[_Shape], about: object) -> _Shape:
    try:
        return shape.model_validate(about)
    except ValidationError as error:
        raise invalid_input(error) from None
