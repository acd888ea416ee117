"""`/`, and the files that all pages share."""

from __future__ import annotations

from flask import Blueprint, Response

from backend.http.access import Access, access
from backend.pages.problem_pages import readable
from backend.pages.rendering import public_page, shared_file

pages = Blueprint("pages", __name__, template_folder="templates")
pages.after_app_request(readable)


@pages.get("/")
@access(Access.PUBLIC)
def home() -> Response:
    """What this is."""
    return public_page("home")


@pages.get("/pages/<name>")
@access(Access.PUBLIC)
def asset(name: str) -> Response:
    """The pages' stylesheet and icon."""
    return shared_file(name)


@pages.get("/favicon.ico")
@access(Access.PUBLIC)
def favicon() -> Response:
    """What browsers ask for by themselves."""
    return shared_file("icon.png")
