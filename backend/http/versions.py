"""Which versions of the API there are, side by side, and what of them is on its way out (docs/product.md O6).

The path says which version is spoken: `/api/v1/...`. Every answer repeats it in `API-Version`; a caller may send that
header to make sure, and is refused where this server does not have that version, or the path means another one.

To open a version: add it to VERSIONS and register its routes below `/api/vN`; routes that do not change can be
registered under both. To announce the end of a version or of one route: add a row to RETIRING.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, Response, current_app, request
from werkzeug.http import http_date

from backend.errors import AppError

VERSIONS: tuple[str, ...] = ("v1",)
"""In the order in which they came; the last one is what paths without a version answer with."""

_HEADER = "API-Version"
_EXTENSION = "dindin.versions"
_SEGMENT = re.compile(r"^/api/(v[0-9]+)(?:/|$)")


@dataclass(frozen=True, slots=True)
class Retiring:
    """Something of the API that is on its way out.

    Attributes:
        path: as routes are declared, whole segments: `/api/v1` is a version, `/api/v1/recipes/<recipe_id>` a route.
            What is below it goes with it.
        deprecated: since when, or from when on, nobody should begin to use it; aware.
        sunset: when it may stop answering; aware. None: that is not decided.
        instead: path of what to use in its place; empty where there is nothing.
        explained: URL of what people who use it must know; empty where nothing is written.
    """

    path: str
    deprecated: datetime
    sunset: datetime | None = None
    instead: str = ""
    explained: str = ""

    def __post_init__(self) -> None:
        if self.sunset is not None and self.sunset < self.deprecated:
            raise ValueError(f"{self.path}: it cannot end before it is deprecated")  # RFC 9745, section 4

    def holds(self, rule: str) -> bool:
        """Whether the route at `rule` is meant."""
        return rule == self.path or rule.startswith(f"{self.path}/")


RETIRING: tuple[Retiring, ...] = ()
"""Nothing at present. Where several rows mean a route, the first one speaks."""


class UnsupportedVersion(AppError):
    """The caller asked for an API version that this server does not have, or not at this path."""

    code = "unsupported_version"
    status = 400


@dataclass(frozen=True, slots=True)
class _Tables:
    versions: Sequence[str]
    retiring: Sequence[Retiring]


def init_versions(
    app: Flask, versions: Sequence[str] = VERSIONS, retiring: Sequence[Retiring] = RETIRING
) -> None:
    """Check which version requests ask for, and say in every answer which one it is and what is on its way out."""
    app.extensions[_EXTENSION] = _Tables(versions, retiring)
    app.before_request(_check)
    app.after_request(_say)


def retiring_row(rule: str, retiring: Sequence[Retiring] = RETIRING) -> Retiring | None:
    """The row that speaks for the route at `rule`; None where that is to stay."""
    return next((row for row in retiring if row.holds(rule)), None)


def _tables() -> _Tables:
    tables: _Tables = current_app.extensions[_EXTENSION]
    return tables


def _in_path() -> str | None:
    segment = _SEGMENT.match(request.path)
    return segment.group(1) if segment else None


def _check() -> None:
    versions, in_path = _tables().versions, _in_path()
    wanted = request.headers.get(_HEADER)
    known = " and ".join(f"{version} at /api/{version}" for version in versions)
    for asked in (in_path, wanted):
        if asked is not None and asked not in versions:
            raise UnsupportedVersion(f"There is no such version of the API here; this server speaks {known}.")
    if wanted is not None and in_path is not None and wanted != in_path:
        raise UnsupportedVersion(
            f"The path is of version {in_path} and API-Version asks for {wanted}: {wanted} is at /api/{wanted}."
        )


def _say(response: Response) -> Response:
    tables, in_path = _tables(), _in_path()
    response.headers[_HEADER] = in_path if in_path in tables.versions else tables.versions[-1]
    row = retiring_row(request.url_rule.rule, tables.retiring) if request.url_rule else None
    if row is not None:
        _announce(row, response)
    return response


def _announce(row: Retiring, response: Response) -> None:
    response.headers["Deprecation"] = f"@{int(row.deprecated.timestamp())}"  # a date of RFC 9651
    if row.sunset is not None:
        response.headers["Sunset"] = http_date(row.sunset)
    if row.instead:
        response.headers.add("Link", f'<{row.instead}>; rel="successor-version"')
    if row.explained:
        response.headers.add("Link", f'<{row.explained}>; rel="deprecation"; type="text/html"')
