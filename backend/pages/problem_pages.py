"""Problems as pages, for people whose browser ran into one. Programs get problem+json."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, request

from backend.http.edge import is_for_browsers
from backend.http.problems import PROBLEM_TYPE
from backend.pages.rendering import fresh_page

_HTML = "text/html"
_HEADINGS = {
    HTTPStatus.FORBIDDEN: "That did not let you in",
    HTTPStatus.NOT_FOUND: "This is not on the menu",
    HTTPStatus.TOO_MANY_REQUESTS: "That was a little too fast",
    HTTPStatus.SERVICE_UNAVAILABLE: "Back in a moment",
}


def readable(response: Response) -> Response:
    """The same answer as a page, where a browser asks for one."""
    if response.mimetype != PROBLEM_TYPE or not _wants_a_page():
        return response
    problem = response.get_json()
    page = fresh_page(
        "problem",
        heading=_HEADINGS.get(HTTPStatus(problem["status"]), "That did not work"),
        detail=problem["detail"],
        request_id=problem["request_id"],
    )
    response.set_data(page.get_data())
    response.content_type = page.content_type
    return response


def _wants_a_page() -> bool:
    return is_for_browsers() and request.accept_mimetypes.best_match([PROBLEM_TYPE, _HTML]) == _HTML
