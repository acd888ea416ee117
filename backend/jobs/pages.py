"""/admin/jobs: the queues on a page for operators' browsers (docs/product.md O3)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import svcs
from bson import ObjectId
from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from backend.audit.requests import audited, note
from backend.config import Settings
from backend.errors import Forbidden
from backend.http.access import Access, access
from backend.http.edge import DASHBOARD_CONTENT_SECURITY_POLICY
from backend.jobs.dashboard import JobsDashboard
from backend.jobs.entrance import PASS_FOR, JobsEntrance

JOBS_PAGE = "/admin/jobs"
_COOKIE = "dindin_jobs"
# A link from elsewhere sets the cookie, but would not bring it along to a redirect's target: SameSite=Strict.
_GO_ON = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Jobs</title>
<meta http-equiv="refresh" content="0; url={JOBS_PAGE}/"></head>
<body><p><a href="{JOBS_PAGE}/">Go on to the jobs.</a></p></body></html>
"""

# What the page's buttons change, as rq-dashboard names it: a job or a queue, and what is done to that.
_CHANGED = re.compile(r"(job|queue|requeue)(/[A-Za-z0-9_:.-]{1,120}){1,3}")

jobs_pages = Blueprint("jobs_pages", __name__, url_prefix=JOBS_PAGE)


@jobs_pages.get("/enter")
@access(Access.OPERATORS_BROWSER)
@audited("jobs.page_opened")
def enter() -> Response:
    """Trade the link's ticket for a cookie."""
    given = svcs.flask.get(JobsEntrance).admit(request.args.get("ticket", ""))
    response = Response(
        _GO_ON, content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"}
    )
    response.set_cookie(
        _COOKIE,
        given,
        max_age=PASS_FOR,
        path=JOBS_PAGE,
        secure=svcs.flask.get(Settings).base_url.startswith("https://"),
        httponly=True,
        samesite="Strict",
    )
    return response


@jobs_pages.get("/", defaults={"rest": ""})
@jobs_pages.get("/<path:rest>")
@access(Access.OPERATORS_BROWSER)
@audited("jobs.page_read", routine=True)
def show(rest: str) -> AnyResponse:  # noqa: ARG001  # the dashboard reads the path itself
    """rq-dashboard. 401 without the cookie, 403 where it is no operator's any longer."""
    _check()
    return svcs.flask.get(JobsDashboard).answer(request.environ, JOBS_PAGE)


@jobs_pages.post("/", defaults={"rest": ""})
@jobs_pages.post("/<path:rest>")
@access(Access.OPERATORS_BROWSER)
@audited("jobs.changed_by_page")
def change(rest: str) -> AnyResponse:
    """What its buttons do. Besides, 403 `other_site` for what another page sends."""
    _check()
    if not _comes_from_the_page():
        raise Forbidden("This page takes changes only from itself.", code="other_site")
    if _CHANGED.fullmatch(rest):
        note(resource=f"{request.method} {JOBS_PAGE}/{rest}")
    return svcs.flask.get(JobsDashboard).answer(request.environ, JOBS_PAGE)


# Its pages carry inline script, and templates that become functions; they talk only to this server.
for _view in (show, change):
    _view.talisman_view_options = {  # type: ignore[attr-defined]  # flask-talisman's way
        "content_security_policy": DASHBOARD_CONTENT_SECURITY_POLICY
    }


def _check() -> None:
    visitor = svcs.flask.get(JobsEntrance).check(request.cookies.get(_COOKIE, ""))
    note(who=ObjectId(visitor.user_id))


def _comes_from_the_page() -> bool:
    """Whether a browser vouches that our own page asks (CSRF). Every browser sends one of these with a POST."""
    fetched_by = request.headers.get("Sec-Fetch-Site")
    if fetched_by is not None:
        return fetched_by == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host
