"""What a report of an error says, and nothing beyond it.

Chosen, not filtered: of an error its class and where in the program it was; the screen, the last actions without what
is somebody's own (`client.reporting`), the app's version and the kind of system. What an error said, values, addresses,
the machine's name, the folders of whoever is at home there: none of it is among that, whatever a later version of
Sentry's library may add.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_ABOUT_THE_REPORT = (
    "event_id",
    "timestamp",
    "start_timestamp",
    "level",
    "platform",
    "release",
    "environment",
    "type",
    "transaction",
    "tags",
    "breadcrumbs",
)
_OF_A_TRACE = ("trace_id", "span_id", "op")
_OF_A_RUNTIME = ("name", "version")
_OF_A_LIBRARY = ("name", "version")
_OF_A_FRAME = ("function", "module", "lineno", "in_app")
_OF_A_MECHANISM = ("type", "handled", "exception_id", "parent_id", "is_exception_group")
_FOLDERS = re.compile(r".*[\\/]", re.DOTALL)
_FROM_THE_ROOT = re.compile(r"[\\/~]|[A-Za-z]:")


def chosen(event: Event, _hint: Hint) -> Event:
    """A report as it may leave the device; takes both errors and times, as Sentry's library has prepared them."""
    given: Mapping[str, Any] = event
    told: Any = _only(given, _ABOUT_THE_REPORT)
    told["sdk"] = _only(given.get("sdk") or {}, _OF_A_LIBRARY)
    contexts = given.get("contexts") or {}
    told["contexts"] = {
        name: _only(contexts[name], fields)
        for name, fields in (("runtime", _OF_A_RUNTIME), ("trace", _OF_A_TRACE))
        if name in contexts
    }
    if "exception" in given:
        told["exception"] = {"values": [_error(one) for one in given["exception"].get("values", [])]}
    report: Event = told
    return report


def crumbs(steps: Sequence[str]) -> dict[Literal["values"], list[dict[str, Any]]]:
    """The last actions as Sentry shows what led to something."""
    return {"values": [{"category": "action", "level": "info", "message": step} for step in steps]}


def _error(one: Mapping[str, Any]) -> dict[str, Any]:
    """One of a chain of errors: its class, and where it was."""
    frames = (one.get("stacktrace") or {}).get("frames", [])
    return {
        **_only(one, ("type", "module")),
        "mechanism": _only(one.get("mechanism") or {}, _OF_A_MECHANISM),
        "stacktrace": {"frames": [_frame(frame) for frame in frames]},
    }


def _frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    return {**_only(frame, _OF_A_FRAME), "filename": _file(frame.get("filename") or "")}


def _file(name: str) -> str:
    """A file as its package names it: client/app.py; of one that is named from the root, the last part."""
    return _FOLDERS.sub("", name) if _FROM_THE_ROOT.match(name) else name


def _only(told: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: told[name] for name in names if name in told}
