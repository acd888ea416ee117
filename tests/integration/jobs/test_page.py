"""The page of jobs: who gets in, how, for how long, and what the page may do."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import svcs
from bson import ObjectId
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.config import Settings
from backend.infra.jobs import queue_key
from backend.infra.valkey import Valkey
from backend.jobs.entrance import PASS_FOR, TICKET_FOR
from backend.roles import Role
from backend.users.accounts import Accounts
from tests.conftest import Account
from tests.dead_letters import fail_a_job
from tests.waiting import eventually

pytestmark = pytest.mark.security

Register = Callable[..., Account]
FROM_THE_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def operator(register: Register, services: svcs.Container) -> Account:
    account = register("Olga")
    services.get(Accounts).set_role(ObjectId(account.id), Role.OPERATOR)
    return account


def link_for(operator: Account) -> str:
    """Path and query of a fresh link."""
    answer = operator.post("/admin/jobs/entrance")
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    parts = urlsplit(answer.get_json()["url"])
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def browser(app: OpenAPI, operator: Account) -> FlaskClient:
    """The operator's browser, inside."""
    browser = app.test_client()
    assert browser.get(link_for(operator)).status_code == 200
    return browser


class TestGettingIn:
    def test_without_the_link_nobody_gets_in(self, client: FlaskClient) -> None:
        assert client.get("/admin/jobs/").status_code == 401
        assert client.get("/admin/jobs/enter?ticket=made-up").status_code == 401
        client.set_cookie("dindin_jobs", "made-up", path="/admin/jobs")
        assert client.get("/admin/jobs/").status_code == 401

    def test_the_link_lets_one_browser_in(self, app: OpenAPI, operator: Account) -> None:
        link, mine, thiefs = link_for(operator), app.test_client(), app.test_client()
        assert mine.get(link).status_code == 200
        assert mine.get("/admin/jobs/").status_code == 200
        assert thiefs.get(link).status_code == 401
        assert thiefs.get("/admin/jobs/").status_code == 401

    def test_the_cookie_is_for_this_page_and_no_script(self, client: FlaskClient, operator: Account) -> None:
        cookie = client.get(link_for(operator)).headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Strict", "Path=/admin/jobs", "Max-Age=1800"} <= set(cookie.split("; "))

    def test_valkey_knows_neither_ticket_nor_cookie(
        self, client: FlaskClient, operator: Account, valkey: Valkey, settings: Settings
    ) -> None:
        link = link_for(operator)
        ticket = link.partition("=")[2]
        keys = list(valkey.scan_iter(f"{settings.redis_prefix}jobs:ticket:*"))
        assert keys
        assert all(0 < valkey.ttl(key) <= TICKET_FOR.total_seconds() for key in keys)
        client.get(link)
        cookie = client.get_cookie("dindin_jobs", path="/admin/jobs")
        passes = list(valkey.scan_iter(f"{settings.redis_prefix}jobs:pass:*"))
        assert all(0 < valkey.ttl(key) <= PASS_FOR.total_seconds() for key in passes)
        assert not any(secret.encode() in key for key in keys + passes for secret in (ticket, cookie.value))

    def test_it_ends_with_the_log_in(self, browser: FlaskClient, operator: Account) -> None:
        operator.post("/auth/logout")
        assert browser.get("/admin/jobs/").status_code == 401

    def test_it_ends_with_the_role(
        self, browser: FlaskClient, operator: Account, services: svcs.Container
    ) -> None:
        services.get(Accounts).set_role(ObjectId(operator.id), Role.USER)
        assert browser.get("/admin/jobs/").status_code == 403


class TestThePage:
    def test_it_shows_this_servers_queues_only(
        self, browser: FlaskClient, settings: Settings, valkey: Valkey
    ) -> None:
        valkey.sadd("rq:queues", "rq:queue:somebody-elses")
        shown = [
            queue["name"] for queue in browser.get("/admin/jobs/0/data/queues.json").get_json()["queues"]
        ]
        assert shown == [queue_key(settings.redis_prefix, name) for name in ("default", "bulk")]
        assert browser.get("/admin/jobs/0/view/jobs/somebody-elses/failed/8/asc/1").status_code == 404
        assert browser.get("/admin/jobs/0/data/job/somebody-elses.json").status_code == 404
        assert browser.get("/admin/jobs/1/view/queues").status_code == 404
        valkey.srem("rq:queues", "rq:queue:somebody-elses")

    def test_it_reads_our_jobs(
        self, browser: FlaskClient, services: svcs.Container, settings: Settings
    ) -> None:
        job_id, queue = fail_a_job(services), queue_key(settings.redis_prefix, "bulk")
        listed = browser.get(f"/admin/jobs/0/data/jobs/{queue}/failed/100/dsc/1.json").get_json()["jobs"]
        job = next(job for job in listed if job["id"] == job_id)
        assert job["description"].startswith("worker.jobs.retention.run_retention(period=")
        assert browser.get(f"/admin/jobs/0/data/job/{job_id}.json").get_json()["status"] == "failed"
        assert browser.get(f"/admin/jobs/0/view/job/{job_id}").status_code == 200

    def test_a_failed_job_is_tried_again_from_it(
        self, browser: FlaskClient, services: svcs.Container, operator: Account
    ) -> None:
        job_id = fail_a_job(services)
        assert browser.post(f"/admin/jobs/job/{job_id}/requeue", headers=FROM_THE_PAGE).status_code == 200
        assert browser.get(f"/admin/jobs/0/data/job/{job_id}.json").get_json()["status"] == "queued"
        assert job_id not in operator.get("/admin/jobs/failed").text

    def test_which_job_was_changed_is_recorded(
        self, browser: FlaskClient, services: svcs.Container, operator: Account
    ) -> None:
        job_id = fail_a_job(services)
        browser.post(f"/admin/jobs/job/{job_id}/delete", headers=FROM_THE_PAGE)
        browser.post("/admin/jobs/what somebody typed", headers=FROM_THE_PAGE)

        def recorded() -> list[str]:
            search = f"/admin/audit?action=jobs.changed_by_page&user={operator.id}"
            return [entry["resource"] for entry in operator.get(search).get_json()["items"]]

        eventually(lambda: len(recorded()) == 2)
        assert recorded() == ["POST /admin/jobs/<path:rest>", f"POST /admin/jobs/job/{job_id}/delete"]

    def test_it_is_deleted_from_it(self, browser: FlaskClient, services: svcs.Container) -> None:
        job_id = fail_a_job(services)
        assert browser.post(f"/admin/jobs/job/{job_id}/delete", headers=FROM_THE_PAGE).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
        ],
    )
    def test_other_sites_change_nothing(
        self, browser: FlaskClient, services: svcs.Container, headers: dict[str, str]
    ) -> None:
        job_id = fail_a_job(services)
        answer = browser.post(f"/admin/jobs/job/{job_id}/delete", headers=headers)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "other_site")
        assert browser.get(f"/admin/jobs/0/data/job/{job_id}.json").get_json()["status"] == "failed"

    def test_an_old_browser_may_say_it_by_the_origin(
        self, browser: FlaskClient, services: svcs.Container
    ) -> None:
        job_id = fail_a_job(services)
        origin = {"Origin": "http://localhost"}
        assert browser.post(f"/admin/jobs/job/{job_id}/delete", headers=origin).status_code == 200

    def test_a_mere_link_changes_nothing(
        self, browser: FlaskClient, services: svcs.Container, settings: Settings
    ) -> None:
        job_id, queue = fail_a_job(services), queue_key(settings.redis_prefix, "bulk")
        assert browser.get(f"/admin/jobs/requeue/{queue}").status_code == 405
        assert browser.get(f"/admin/jobs/0/data/job/{job_id}.json").get_json()["status"] == "failed"

    def test_only_this_page_may_run_inline_script(self, browser: FlaskClient) -> None:
        policy = browser.get("/admin/jobs/").headers["Content-Security-Policy"]
        assert "script-src 'self' 'unsafe-inline' 'unsafe-eval'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in browser.get("/").headers["Content-Security-Policy"]

    def test_nothing_of_it_is_kept_by_the_browser(self, browser: FlaskClient) -> None:
        assert "no-store" in browser.get("/admin/jobs/").headers["Cache-Control"]
