"""`/` and `/j/CODE`. Static and without script; the invite page never says whether a code exists."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, send_from_directory

from backend.errors import NotFound
from backend.http.access import Access, access

pages = Blueprint("pages", __name__, template_folder="templates")

_STATIC = Path(__file__).parent / "static"
_ASSETS = frozenset({"dindin.css", "icon.png"})
# docs/product.md S2: no look-alikes; upper and lower case are one, because people read codes to each other.
_CODE = re.compile(r"[23456789ABCDEFGHJKMNPQRSTUVWXYZ]{6}")
_AN_HOUR = 3600


@pages.get("/")
@access(Access.PUBLIC)
def home() -> Response:
    """What this is."""
    return _page("pages/home.html")


@pages.get("/j/<code>")
@access(Access.PUBLIC)
def invite(code: str) -> Response:
    """Where an invite link leads: the code, and how to use it."""
    shown = code.upper()
    if not _CODE.fullmatch(shown):
        raise NotFound("This is no invite link: a code has six letters and digits.")
    return _page("pages/invite.html", code=shown)


@pages.get("/pages/<name>")
@access(Access.PUBLIC)
def asset(name: str) -> Response:
    """The pages' stylesheet and icon."""
    if name not in _ASSETS:
        raise NotFound("There is nothing at this address. Check the path.")
    return send_from_directory(_STATIC, name, max_age=_AN_HOUR)


@pages.get("/favicon.ico")
@access(Access.PUBLIC)
def favicon() -> Response:
    """What browsers ask for by themselves."""
    return asset("icon.png")


def _page(template: str, **values: str) -> Response:
    response = make_response(render_template(template, **values))
    response.headers["Cache-Control"] = f"public, max-age={_AN_HOUR}"
    return response
