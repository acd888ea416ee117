"""How a page is made: its template, the files it needs, and who may keep it."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from backend.errors import NotFound
from backend.http.edge import never_compressed

_STATIC = Path(__file__).parent / "static"
_AN_HOUR, _A_MONTH = 3600, 30 * 24 * 3600

_TYPES = {"dindin.css": "text/css; charset=utf-8", "icon.png": "image/png"}
_FILES = {name: (_STATIC / name).read_bytes() for name in _TYPES}
# By what is in a file it gets its address: browsers keep files for long, and still see a new version at once.
_VERSIONS = {name: sha256(content).hexdigest()[:8] for name, content in _FILES.items()}


def shared_file(name: str) -> Response:
    """The stylesheet or the icon.

    Raises:
        NotFound: the pages have no such file.
    """
    if name not in _FILES:
        raise NotFound("There is nothing at this address. Check the path.")
    response = Response(_FILES[name], content_type=_TYPES[name])
    response.headers["Cache-Control"] = f"public, max-age={_A_MONTH}"
    response.set_etag(_VERSIONS[name])
    response.make_conditional(request)
    return response


def public_page(template: str) -> Response:
    """A page that is the same for everybody."""
    response = _page(template, HTTPStatus.OK, {})
    response.headers["Cache-Control"] = f"public, max-age={_AN_HOUR}"
    return response


def fresh_page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """A page about how things are now; nobody keeps it."""
    response = _page(template, status, values)
    response.headers["Cache-Control"] = "no-store"
    return response


def secret_page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """A page that holds a secret token: kept by nobody, never compressed."""
    return never_compressed(_page(template, status, values))


def _page(template: str, status: int, values: dict[str, Any]) -> Response:
    return make_response(render_template(f"pages/{template}.html", asset=_asset, **values), status)


def _asset(name: str) -> str:
    return url_for("pages.asset", name=name, v=_VERSIONS[name])
