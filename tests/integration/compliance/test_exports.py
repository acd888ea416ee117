"""A copy of everything about oneself: asked for at the front door, built by a real worker, downloaded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
import svcs
from bson import ObjectId

from backend.auth.accounts import AccountService
from backend.compliance.exports.service import LOST_AFTER, ExportExpired, ExportService, file_of
from backend.config import Settings
from backend.errors import Busy, Conflict, NotFound
from backend.infra import valkey
from backend.infra.jobs import BUILD_EXPORT, JobQueue
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import Storage
from backend.users.accounts import Accounts, Identity
from tests.commands import Command
from tests.conftest import Account
from tests.integration.compliance.archives import caller_of, contents, download, records, swiped_session
from tests.integration.compliance.conftest import ROOT
from tests.set_clock import SetClock
from tests.waiting import eventually

pytestmark = pytest.mark.compliance

Register = Callable[..., Account]
Work = Callable[[], str]
Build = Callable[[ObjectId], None]


def ask(account: Account) -> dict[str, Any]:
    answer = account.post("/compliance/exports", {"password": account.password})
    assert answer.status_code == 202, answer.text
    return answer.get_json()


def test_from_asking_to_the_archive(register: Register, work: Work, services: svcs.Container) -> None:
    ada, bo = register("Ada"), register("Bo")
    services.get(Accounts).confirm_email(ObjectId(ada.id), ada.email)
    elsewhere = Identity("https://issuer.example", "a-subject", ada.email, True, "Ada")
    assert services.get(Accounts).by_identity(elsewhere).id == ObjectId(ada.id)
    ada.eats(allergies=["nuts"], home_location={"lat": 33.7, "lon": -84.4})
    session = swiped_session(ada, bo)
    export = ask(ada)
    assert (export["status"], export["progress"]) == ("queued", 0)
    early = download(ada, export["id"])
    assert (early.status_code, early.get_json()["code"]) == (409, "export_not_ready")

    log = work()

    assert ada.email not in log
    done = ada.get(f"/compliance/exports/{export['id']}").get_json()
    assert (done["status"], done["progress"]) == ("done", 100)
    with download(ada, export["id"]) as answer:
        assert answer.status_code == 200
        assert answer.content_type == "application/zip"
        assert answer.headers["Cache-Control"] == "no-store, no-transform"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=dindin-export-")
        assert int(answer.headers["Content-Length"]) == done["size_bytes"] == len(answer.data)
        files = contents(answer.data)
    assert records(files, "profile")[0]["email"] == ada.email
    assert [one["subject"] for one in records(files, "identities")] == ["a-subject"]
    assert records(files, "preferences")[0]["allergies"] == ["nuts"]
    assert records(files, "preferences")[0]["home_location"] == {"lat": 33.7, "lon": -84.4}
    assert [s["id"] for s in records(files, "sessions")] == [session["id"]]
    swiped = [(s["item_id"], s["direction"]) for s in records(files, "swipes")]
    assert swiped == [(session["ada_liked"], "right")]
    assert len(records(files, "log_ins")) == 1
    # Nothing secret, nothing of anybody else's.
    everything = json.dumps(files)
    for foreign in ("argon2", ada.tokens["refresh_token"], bo.email, bo.id):
        assert foreign not in everything


def test_the_request_id_reaches_the_worker(register: Register, work: Work) -> None:
    ada = register()
    headers = {**ada.headers, "X-Request-ID": "export-of-ada-0001"}
    ada.http.post("/api/v1/compliance/exports", headers=headers, json={"password": ada.password})
    lines = [json.loads(line) for line in work().splitlines() if line.startswith("{")]
    ours = [line for line in lines if line.get("request_id") == "export-of-ada-0001"]
    [ended] = [line for line in ours if line["event"] == "job_ended"]
    assert (ended["job"], ended["result"]) == ("build_export", "done")
    assert {line.get("user") for line in ours} == {ended["user"]}  # whom it is for, by a pseudonym
    assert ada.id not in json.dumps(ours)


def test_what_the_version_before_has_put_on_the_queue_is_built(
    register: Register, work: Work, services: svcs.Container
) -> None:
    ada = register()
    export_id = ask(ada)["id"]
    as_before = {"export_id": export_id, "request_id": "export-of-ada-0002"}
    services.get(JobQueue).replace(BUILD_EXPORT, export_id, **as_before)
    work()
    assert ada.get(f"/compliance/exports/{export_id}").get_json()["status"] == "done"


def test_jobs_are_counted_where_prometheus_finds_them(register: Register, work: Work) -> None:
    ada = register()
    ask(ada)
    assert 'jobs_waiting{queue="bulk"} 1.0' in ada.http.get("/metrics").text
    work()
    page = ada.http.get("/metrics").text
    assert 'jobs_waiting{queue="bulk"} 0.0' in page
    assert 'jobs_total{job="build_export",result="done"}' in page


@pytest.mark.security
def test_asking_takes_the_password_again(register: Register, services: svcs.Container) -> None:
    ada = register()
    for given, code in (({"password": "not the password"}, "wrong_password"), ({}, "password_needed")):
        answer = ada.post("/compliance/exports", given)
        assert (answer.status_code, answer.get_json()["code"]) == (403, code)
    assert ada.get("/compliance/exports").get_json() == {"items": []}
    assert services.get(MongoDatabase)["exports"].count_documents({"user": ObjectId(ada.id)}) == 0


def test_asking_twice_gives_the_one_that_is_being_made(register: Register) -> None:
    ada = register()
    first = ask(ada)
    assert ask(ada)["id"] == first["id"]
    assert [export["id"] for export in ada.get("/compliance/exports").get_json()["items"]] == [first["id"]]


def test_ten_at_once_begin_one(register: Register) -> None:
    ada = register()
    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(lambda _: ask(ada)["id"], range(10)))
    assert len(ids) == 1


def test_after_one_is_done_another_can_be_made(register: Register, build: Build) -> None:
    ada = register()
    first = ask(ada)
    build(ObjectId(first["id"]))
    second = ask(ada)
    assert second["id"] != first["id"]
    listed = [export["id"] for export in ada.get("/compliance/exports").get_json()["items"]]
    assert set(listed) == {first["id"], second["id"]}


def test_building_twice_gives_the_same_whole_file(
    register: Register, exports: ExportService, build: Build
) -> None:
    ada = register()
    export_id = ObjectId(ask(ada)["id"])
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(build, [export_id, export_id]))
    build(export_id)
    with exports.open_download(caller_of(ada), ada.password, export_id).file as file:
        assert records(contents(file.read()), "profile")[0]["id"] == ada.id


def test_an_export_that_lost_its_worker_is_taken_up_again(
    register: Register, exports: ExportService, services: svcs.Container, clock: SetClock
) -> None:
    ada = register()
    jobs = services.get(JobQueue)
    lost = exports.request(caller_of(ada), ada.password)
    waiting = jobs.waiting()[BUILD_EXPORT.queue]
    clock.moment += LOST_AFTER
    assert exports.request(caller_of(ada), ada.password).id == lost.id
    assert jobs.waiting()[BUILD_EXPORT.queue] == waiting
    clock.advance(seconds=1)
    assert exports.request(caller_of(ada), ada.password).id == lost.id
    assert jobs.waiting()[BUILD_EXPORT.queue] == waiting + 1


def test_one_that_failed_says_so_and_another_can_be_made(register: Register, exports: ExportService) -> None:
    ada = register()
    failed = ask(ada)
    exports.give_up(ObjectId(failed["id"]))
    assert ada.get(f"/compliance/exports/{failed['id']}").get_json()["status"] == "failed"
    with pytest.raises(Conflict) as refused:
        exports.open_download(caller_of(ada), ada.password, ObjectId(failed["id"]))
    assert refused.value.code == "export_failed"
    assert ask(ada)["id"] != failed["id"]


def test_an_export_is_there_until_it_expires(
    register: Register, exports: ExportService, build: Build, clock: SetClock, settings: Settings
) -> None:
    ada = register()
    export_id = ObjectId(ask(ada)["id"])
    build(export_id)
    clock.advance(days=settings.export_keep_days, seconds=-1)
    exports.open_download(caller_of(ada), ada.password, export_id).file.close()
    clock.advance(seconds=1)
    with pytest.raises(ExportExpired):
        exports.open_download(caller_of(ada), ada.password, export_id)


def test_an_expired_one_is_gone_at_the_front_door(
    register: Register, build: Build, services: svcs.Container
) -> None:
    ada = register()
    export_id = ask(ada)["id"]
    build(ObjectId(export_id))
    services.get(Storage).delete(file_of(ObjectId(export_id)))
    answer = download(ada, export_id)
    assert (answer.status_code, answer.get_json()["code"]) == (410, "export_expired")


@pytest.mark.security
def test_nobody_gets_at_somebody_elses(register: Register, exports: ExportService, build: Build) -> None:
    ada, mallory = register("Ada"), register("Mallory")
    export_id = ObjectId(ask(ada)["id"])
    build(export_id)
    with pytest.raises(NotFound):
        exports.get(ObjectId(mallory.id), export_id)
    with pytest.raises(NotFound):
        exports.open_download(caller_of(mallory), mallory.password, export_id)


@pytest.mark.security
def test_a_copied_token_downloads_nothing(register: Register, build: Build) -> None:
    ada = register()
    export_id = ask(ada)["id"]
    build(ObjectId(export_id))
    path = f"/compliance/exports/{export_id}/download"
    for given, code in (({}, "password_needed"), ({"password": "not the password"}, "wrong_password")):
        refused = ada.post(path, given)
        assert (refused.status_code, refused.get_json()["code"]) == (403, code)
        assert refused.headers["Cache-Control"] == "no-store"
    # Neither in another way: no password belongs in an address.
    assert ada.get(path).status_code == 405
    assert ada.post(f"{path}?password={ada.password}", {}).status_code == 403
    with download(ada, export_id) as answer:
        assert answer.status_code == 200


def test_an_account_that_vanishes_while_it_is_built_leaves_no_file(
    register: Register, build: Build, services: svcs.Container, settings: Settings
) -> None:
    ada = register()
    export_id = ObjectId(ask(ada)["id"])
    services.get(MongoDatabase)["users"].delete_one({"_id": ObjectId(ada.id)})
    with pytest.raises(NotFound):
        build(export_id)
    assert not list(settings.data_dir.rglob(f"{export_id}*"))


def test_a_failing_job_is_tried_again_and_then_given_up(
    register: Register, services: svcs.Container, work: Work
) -> None:
    ada = register()
    export = ask(ada)
    services.get(MongoDatabase)["users"].delete_one({"_id": ObjectId(ada.id)})
    work()
    stored = services.get(MongoDatabase)["exports"].find_one({"_id": ObjectId(export["id"])})
    # Three more attempts are to come, so it is not given up yet.
    assert stored["status"] == "running"
    assert services.get(JobQueue).ended()[("build_export", "failed")] >= 1


def test_a_job_whose_process_is_killed_is_done_by_the_next_attempt(
    register: Register, services: svcs.Container, worker_environment: dict[str, str]
) -> None:
    ada, database = register("Ada"), services.get(MongoDatabase)
    session_id, user_id = ObjectId(ada.post("/sessions", {"menu": "both"}).get_json()["id"]), ObjectId(ada.id)
    database["swipes"].insert_many(
        {
            "s": session_id,
            "p": user_id,
            "o": f"{n}",
            "i": ObjectId(),
            "d": "right",
            "r": 1,
            "t": n,
            "c": b"%024d" % n,
        }
        for n in range(30_000)
    )
    export_id = ObjectId(ask(ada)["id"])

    def stored() -> dict[str, Any]:
        return database["exports"].find_one({"_id": export_id})

    with Command("worker", "run", env=worker_environment) as worker:
        eventually(lambda: stored()["status"] == "running", seconds=30, every=0.005)
        youngest = max(psutil.Process(worker.pid).children(), key=lambda child: child.create_time())
        youngest.kill()
        assert stored()["status"] == "running"
        eventually(lambda: stored()["status"] == "done", seconds=40)
        assert worker.stop() == 0
    answer = download(ada, export_id)
    assert len(records(contents(answer.data), "swipes")) == 30_000
    answer.close()


def test_the_last_failed_attempt_is_shown_to_the_owner(
    register: Register, services: svcs.Container, worker_environment: dict[str, str]
) -> None:
    ada = register()
    export = ask(ada)
    services.get(MongoDatabase)["users"].delete_one({"_id": ObjectId(ada.id)})
    # Outside RQ there is no further attempt.
    call = f"from worker.jobs.exports import build_export; build_export('{export['id']}')"
    done = subprocess.run(
        [sys.executable, "-c", call], cwd=ROOT, env=worker_environment, capture_output=True, check=False
    )
    assert b"user_not_found" in done.stderr or b"This account does not exist" in done.stderr
    stored = services.get(MongoDatabase)["exports"].find_one({"_id": ObjectId(export["id"])})
    assert (stored["status"], stored["running"]) == ("failed", False)


def test_without_a_queue_nothing_is_begun(
    register: Register, services: svcs.Container, clock: SetClock, settings: Settings, tmp_path: Path
) -> None:
    nowhere = Settings(
        _env_file=None, **{**settings.model_dump(), "redis_url": f"unix://{tmp_path}/nobody.sock"}
    )
    exports = ExportService(
        accounts=services.get(AccountService),
        storage=services.get(Storage),
        jobs=JobQueue(valkey.connect(nowhere), nowhere.redis_prefix),
        clock=clock,
        settings=settings,
    )
    ada = register()
    with pytest.raises(Busy):
        exports.request(caller_of(ada), ada.password)
    assert exports.latest_of(ObjectId(ada.id)) == []
