"""Errors that people may see. HTTP renders them as problem+json, the socket as error replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of the input."""

    field: str
    message: str


class AppError(Exception):
    """Something the caller can understand and act on.

    Attributes:
        code: stable snake_case word, the same over HTTP and the socket.
        status: HTTP status.
        detail: one sentence for people: what is wrong and what to do.
        retry_after: seconds after which trying again makes sense, if it does.
        errors: per-field messages for bad input.
    """

    code = "error"
    status = 500

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        retry_after: float | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.retry_after = retry_after
        self.errors = tuple(errors)


class InvalidInput(AppError):
    """The input does not have the form or range it must have."""

    code = "invalid_input"
    status = 422


class MalformedJson(AppError):
    """The body is not what a JSON object looks like."""

    code = "malformed_json"
    status = 400

    def __init__(self) -> None:
        super().__init__("The body is not a JSON object.")


class UnsupportedMediaType(AppError):
    """The body is of a kind that the route does not take."""

    code = "unsupported_media_type"
    status = 415

    def __init__(self) -> None:
        super().__init__("Send JSON with Content-Type: application/json.")


class Unauthenticated(AppError):
    """Who is calling is not known (any more)."""

    code = "unauthenticated"
    status = 401


class Forbidden(AppError):
    """The caller is known and may not do this."""

    code = "forbidden"
    status = 403


class NotFound(AppError):
    """It does not exist, or not for this caller: strangers cannot tell the two apart."""

    code = "not_found"
    status = 404


class Conflict(AppError):
    """The request is fine, but not in the state things are in."""

    code = "conflict"
    status = 409


class ChangedMeanwhile(AppError):
    """What the caller wants to change is no longer as they have read it."""

    code = "changed_meanwhile"
    status = 412

    def __init__(self) -> None:
        super().__init__("This was changed elsewhere meanwhile. Read it again, then decide.")


class TooManyRequests(AppError):
    """The caller came too often; trying again after `retry_after` seconds helps."""

    code = "too_many_requests"
    status = 429


class Busy(AppError):
    """Too much at once; trying again after `retry_after` seconds helps."""

    code = "busy"
    status = 503
