"""Every error leaves as RFC 9457 problem+json, whoever raised it."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, has_request_context, json, request
from pydantic import BaseModel, Field, ValidationError
from pymongo.errors import ConnectionFailure, ExecutionTimeout, WTimeoutError
from werkzeug.exceptions import HTTPException

from backend.errors import AppError, Busy, FieldError, InvalidInput
from backend.http.findings import message_of
from backend.infra.valkey import VALKEY_AWAY

_log = structlog.stdlib.get_logger(__name__)

PROBLEM_TYPE = "application/problem+json"

_MOST_FINDINGS = 20
_MONGODB_AWAY = (ConnectionFailure, ExecutionTimeout, WTimeoutError)

_HTTP_CODES = {
    400: ("bad_request", "The request could not be understood."),
    404: ("not_found", "There is nothing at this address. Check the path."),
    405: ("method_not_allowed", "This address does not take that method; see the Allow header."),
    413: ("too_large", "The body is larger than 1 MiB. Send less at a time."),
    415: ("unsupported_media_type", "Send JSON with Content-Type: application/json."),
    429: ("too_many_requests", "Too many requests. Wait as long as Retry-After says."),
}


class ProblemField(BaseModel):
    """One field that is wrong."""

    field: str
    message: str


class Problem(BaseModel):
    """The body of every error answer."""

    type: str = Field(description="urn:dindin:problem:CODE; stable.")
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[ProblemField] | None = None
    retry_after: float | None = None


def init_problems(app: Flask) -> None:
    """Register the handlers for our own errors, the framework's, the databases' and everything else."""
    app.register_error_handler(AppError, _app_error)
    app.register_error_handler(HTTPException, _http_error)
    for away in (*_MONGODB_AWAY, *VALKEY_AWAY):
        app.register_error_handler(away, _store_away)
    app.register_error_handler(Exception, _unexpected)


def problem_response(error: AppError) -> Response:
    """Render `error`."""
    if has_request_context():
        g.problem_code = error.code  # for those who record how the request ended
    body: dict[str, Any] = {
        "type": f"urn:dindin:problem:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": g.get("request_id", "") if has_request_context() else "",
    }
    if error.errors:
        body["errors"] = [{"field": e.field, "message": e.message} for e in error.errors]
    response = Response(status=error.status, content_type=PROBLEM_TYPE)
    if error.retry_after is not None:
        body["retry_after"] = round(error.retry_after, 3)
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    if error.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers["Cache-Control"] = "no-store"
    response.set_data(json.dumps(body))
    return response


def invalid_input(error: ValidationError) -> InvalidInput:
    """Translate pydantic's findings, without repeating what was sent."""
    if error.error_count() > _MOST_FINDINGS:  # to list them all would cost more than they are worth
        return InvalidInput("Please check what you send: almost nothing of it is as it should be.")
    fields = [
        FieldError(".".join(str(part) for part in found["loc"]) or "body", message_of(found))
        for found in error.errors(include_url=False, include_input=False)
    ]
    named = ", ".join(dict.fromkeys(field.field for field in fields))
    return InvalidInput(f"Please check: {named}.", errors=fields)


def refuse_invalid(error: ValidationError) -> Response:
    """What flask-openapi3 calls when a request does not fit its model."""
    return problem_response(invalid_input(error))


def _app_error(error: AppError) -> Response:
    return problem_response(error)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None and error.response.status_code == error.code:
        return error.response  # type: ignore[return-value]  # werkzeug's base class; Flask's own in practice
    status = error.code or 500
    if status < HTTPStatus.BAD_REQUEST:
        return error.get_response()  # type: ignore[return-value]  # a redirect, as above
    code, detail = _HTTP_CODES.get(
        status, ("http_error", error.description or HTTPStatus(status).description)
    )
    translated = AppError(detail, code=code)
    translated.status = status
    response = problem_response(translated)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def _store_away(error: Exception) -> Response:
    _log.error("store_unavailable", error=type(error).__name__, endpoint=request.endpoint)
    return problem_response(
        Busy("A database is not answering right now. Nothing was lost; try again in a moment.", retry_after=2)
    )


def _unexpected(error: Exception) -> Response:
    _log.exception("unexpected_error", endpoint=request.endpoint, error=type(error).__name__)
    return problem_response(
        AppError(
            "Something went wrong on our side. It has been recorded under this request id.", code="internal"
        )
    )
