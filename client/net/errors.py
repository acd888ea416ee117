"""What can go wrong when talking to the server, with sentences made for people."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

UNREACHABLE = "unreachable"
BAD_ANSWER = "bad_answer"
UNAUTHENTICATED = "unauthenticated"
ACCOUNT_NEEDED = "account_needed"
CONSENT_NEEDED = "consent_needed"
CONSENT_OUTDATED = "consent_outdated"
TOKEN_EXPIRED = "token_expired"  # noqa: S105  (an error's code, not a secret)


class ApiError(Exception):
    """The server refused, or could not be reached (`status` 0, code "unreachable").

    `detail` is a sentence for people, `field_errors` one per form field, `retry_after` the seconds to wait
    when the server told them.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        field_errors: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field_errors: Mapping[str, str] = MappingProxyType(dict(field_errors or {}))
        self.retry_after = retry_after

    @property
    def unreachable(self) -> bool:
        """Whether no answer came at all, so that the same request may work later."""
        return self.code == UNREACHABLE

    @property
    def signed_out(self) -> bool:
        """Whether only logging in again helps."""
        return self.code in {UNAUTHENTICATED, TOKEN_EXPIRED}


class FrameError(ValueError):
    """Something the server sent does not have the form the protocol gives it; the text says where."""
