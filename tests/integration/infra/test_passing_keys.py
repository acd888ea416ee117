"""What passes through Valkey and names somebody is found, and nothing else goes with it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
import svcs
from bson import ObjectId
from rq import Queue
from rq.job import Job, JobStatus

from backend.infra.event_bus import Announcement, EventBus
from backend.infra.job_records import Cleared, JobRecords
from backend.infra.jobs import BUILD_EXPORT, SEND_MAIL, SERIALIZER, JobQueue, queue_key
from backend.infra.passing_keys import PassingKeys
from backend.infra.valkey import Breaker, Valkey

pytestmark = pytest.mark.compliance


@pytest.fixture
def prefix(valkey: Valkey) -> Iterator[str]:
    """An installation of its own, whose name has characters that patterns know."""
    prefix = f"t[*]{secrets.token_hex(4)}:"
    yield prefix
    for key in valkey.scan_iter(match=f"*{prefix[4:]}*"):
        valkey.delete(key)


def test_keys_are_found_by_their_names_and_by_what_they_hold(valkey: Valkey, prefix: str) -> None:
    passing, other = PassingKeys(valkey, prefix), f"x{prefix}"
    for name in ("kept:ada:1", "kept:bo:1", "other:ada"):
        valkey.set(prefix + name, "nothing")
    valkey.set(f"{prefix}kept:bo:2", '{"id": "ada", "name": "\\u00e4da"}')
    valkey.set(f"{other}kept:ada", "ada")
    assert passing.delete_named("kept:", ["ada"]) == 1
    assert passing.delete_naming("kept:", ["ada"]) == 1
    assert passing.delete_naming("kept:", ["ada"]) == 0
    left = {key.decode() for key in valkey.scan_iter(match=f"*{prefix[4:]}*")}
    assert left == {f"{prefix}kept:bo:1", f"{prefix}other:ada", f"{other}kept:ada"}
    valkey.delete(f"{other}kept:ada")


def test_a_hundred_keys_go_as_well_as_one(valkey: Valkey, prefix: str) -> None:
    passing = PassingKeys(valkey, prefix)
    valkey.mset({f"{prefix}kept:ada:{number}": "x" for number in range(1200)})
    assert passing.delete_named("kept:", ["ada"]) == 1200


def test_records_of_jobs_are_found_by_what_they_were_told(valkey: Valkey) -> None:
    prefix = f"t{secrets.token_hex(4)}:"
    jobs, records = JobQueue(valkey, prefix), JobRecords(valkey, prefix)
    ada, bo = str(ObjectId()), str(ObjectId())
    jobs.enqueue(SEND_MAIL, "one", about="confirm", user_id=ada)
    jobs.enqueue(SEND_MAIL, "two", about="confirm", user_id=bo)
    jobs.enqueue(BUILD_EXPORT, ada, export_id=ada)
    queue = Queue(queue_key(prefix, SEND_MAIL.queue), connection=valkey, serializer=SERIALIZER)
    forgotten = f"{prefix[:-1]}-send_account_mail-{ada}"
    valkey.zadd(queue.finished_job_registry.key, {forgotten: 10**10})
    running = next(job for job in queue.jobs if job.kwargs["user_id"] == ada)
    running.set_status(JobStatus.STARTED)

    assert records.delete_naming([ada]) == Cleared(deleted=2, running=1)
    running.set_status(JobStatus.FINISHED)
    assert records.delete_naming([ada]) == Cleared(deleted=1)

    assert [job.kwargs["user_id"] for job in queue.jobs] == [bo]
    assert not Job.exists(running.id, valkey)
    assert valkey.zscore(queue.finished_job_registry.key, forgotten) is None
    assert not [key for key in valkey.scan_iter() if ada.encode() in key]


def test_a_history_that_was_restarted_takes_no_old_news(services: svcs.Container, valkey: Valkey) -> None:
    prefix = f"t{secrets.token_hex(4)}:"
    bus = EventBus(valkey, valkey, prefix, services.get(Breaker))
    session_id = ObjectId()
    bus.announce(session_id, [Announcement(2, ('"type":"chat","data":"Ada"}',))])
    known = bus.position(session_id, 2)

    bus.restart(session_id, 4)
    bus.announce(session_id, [Announcement(3, ('"type":"chat","data":"Ada"}',))])  # came too late

    assert bus.since(session_id, known) is None  # a snapshot it is
    fresh = bus.position(session_id, 4)
    assert (fresh.epoch != known.epoch, fresh.seq) == (True, 0)
    bus.announce(session_id, [Announcement(5, ('"type":"tossed"}',))])
    assert bus.since(session_id, fresh) == ['{"seq":1,"type":"tossed"}']
