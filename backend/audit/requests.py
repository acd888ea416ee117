"""What is recorded of requests: routes declare their action, one hook writes it down when the answer is known."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

import structlog
from bson import ObjectId
from flask import Flask, Response, current_app, g, has_request_context, request

from backend.audit.events import ORIGIN, AuditEvent, Channel, Origin, Outcome, truncated
from backend.audit.trail import AuditTrail
from backend.config import Settings
from backend.http.access import Access, declared_access, known_caller
from backend.http.callers import account_in_body

_log = structlog.stdlib.get_logger(__name__)

_View = TypeVar("_View", bound=Callable[..., object])

_ATTRIBUTE = "__audited__"
_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
_REFUSAL = "auth.refused"
_NOWHERE = "nowhere"
# Asked every few seconds by machines, about nobody.
_NEVER_ROUTINELY = ("health.", "metrics.")


@dataclass(frozen=True, slots=True)
class Audited:
    """What a route declares.

    Attributes:
        action: what it does, as `auth.log_in`.
        about: the part of the path that is the id of the user to whom it is done.
        routine: what ends well is recorded only with ENABLE_AUDIT_LOG.
    """

    action: str
    about: str = ""
    routine: bool = False


@dataclass(slots=True)
class _Notes:
    action: str = ""
    who: ObjectId | None = None
    about: ObjectId | None = None
    resource: str = ""
    outcome: Outcome | None = None
    reason: str = ""


def audited(action: str, *, about: str = "", routine: bool = False) -> Callable[[_View], _View]:
    """Declare that calling the route is a security event. Goes below the route decorator."""

    def declare(view: _View) -> _View:
        setattr(view, _ATTRIBUTE, Audited(action, about, routine))
        return view

    return declare


def declared_audit(view: Callable[..., object] | None) -> Audited | None:
    """What `view` declares; None where it declares nothing."""
    return getattr(view, _ATTRIBUTE, None)


def note(
    *,
    action: str = "",
    who: ObjectId | None = None,
    about: ObjectId | None = None,
    resource: str = "",
    outcome: Outcome | None = None,
    reason: str = "",
) -> None:
    """Say what the hook cannot see of this request; what is given counts more than what it sees.

    `resource` is for a route that leads to many things: which one. No words of anybody.
    Means nothing outside of a request.
    """
    if not has_request_context():
        return
    notes = _notes()
    notes.action = action or notes.action
    notes.who = who or notes.who
    notes.about = about or notes.about
    notes.resource = resource or notes.resource
    notes.outcome = outcome or notes.outcome
    notes.reason = reason or notes.reason


def init_audit(app: Flask, settings: Settings, trail: AuditTrail) -> None:
    """Record security events, and every request with ENABLE_AUDIT_LOG. Call behind `init_edge`, before the limits."""
    recording = _Recording(settings, trail)
    app.before_request(_say_where_it_comes_from)
    app.after_request(recording.write)


def _say_where_it_comes_from() -> None:
    """For what use cases record by themselves."""
    ORIGIN.set(_origin())


def _origin() -> Origin:
    view = current_app.view_functions.get(request.endpoint or "")
    channel = Channel.SOCKET if declared_access(view) is Access.SOCKET else Channel.HTTP
    return Origin(channel, g.get("request_id", ""), truncated(request.remote_addr or ""))


class _Recording:
    def __init__(self, settings: Settings, trail: AuditTrail) -> None:
        self._everything = settings.enable_audit_log
        self._secret = settings.secret_key.get_secret_value().encode()
        self._trail = trail

    def write(self, response: Response) -> Response:
        """Record the request, if it is one to record. Whatever goes wrong here, its answer goes out."""
        try:
            event = self._event(response.status_code)
            if event.security or self._is_wanted():
                self._trail.record(event)
        except Exception:  # noqa: BLE001  # what was done was done, and must be answered
            _log.exception("audit_entry_lost", endpoint=request.endpoint)
        return response

    def _is_wanted(self) -> bool:
        endpoint = request.endpoint or _NOWHERE
        return self._everything and request.method != "OPTIONS" and not endpoint.startswith(_NEVER_ROUTINELY)

    def _event(self, status: int) -> AuditEvent:
        declared = declared_audit(current_app.view_functions.get(request.endpoint or ""))
        notes = _notes()
        outcome = notes.outcome or _outcome(status)
        done = outcome is Outcome.DONE
        who = notes.who or _caller()
        security = outcome is Outcome.REFUSED or (declared is not None and not (declared.routine and done))
        return AuditEvent(
            action=notes.action or _action(declared, outcome),
            outcome=outcome,
            who=who,
            about=notes.about or _named_in_path(declared),
            resource=notes.resource or _resource(declared),
            route=_route(),
            reason="" if done else notes.reason or g.get("problem_code", ""),
            milliseconds=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000),
            tried=account_in_body(self._secret)
            if outcome is Outcome.REFUSED and who is None and declared
            else "",
            security=security,
            origin=_origin(),
        )


def _notes() -> _Notes:
    if "audit_notes" not in g:
        g.audit_notes = _Notes()
    notes: _Notes = g.audit_notes
    return notes


def _outcome(status: int) -> Outcome:
    if status in _REFUSED:
        return Outcome.REFUSED
    return Outcome.DONE if status < HTTPStatus.BAD_REQUEST else Outcome.FAILED


def _action(declared: Audited | None, outcome: Outcome) -> str:
    if declared is not None:
        return declared.action
    return _REFUSAL if outcome is Outcome.REFUSED else f"request.{request.endpoint or _NOWHERE}"


def _caller() -> ObjectId | None:
    caller = known_caller()
    return ObjectId(caller.user_id) if caller else None


def _named_in_path(declared: Audited | None) -> ObjectId | None:
    named = (request.view_args or {}).get(declared.about, "") if declared and declared.about else ""
    return ObjectId(named) if ObjectId.is_valid(named) else None


def _resource(declared: Audited | None) -> str:
    """The route, with the ids of things in it. Ids of people, names, codes and tokens stay out."""
    thing = (request.view_args or {}).get("id")
    if thing and not (declared and declared.about == "id") and ObjectId.is_valid(thing):
        return _route().replace("<id>", str(thing).lower())
    return _route()


def _route() -> str:
    if request.url_rule is None:
        return _NOWHERE
    method = request.method if request.method in (request.url_rule.methods or ()) else "other"
    return f"{method} {request.url_rule.rule}"
