"""From requests into the chain: nothing is lost and nothing doubled, whoever dies or is away meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect, PyMongoError

from backend.audit.events import AuditEvent, Outcome
from backend.audit.folding import WINDOW, Folding
from backend.audit.lane import AuditLane, drain
from backend.audit.reading import Criteria
from backend.audit.trail import AuditTrail
from backend.audit.writing import EntryWriter
from backend.config import Settings
from backend.infra.valkey import VALKEY_AWAY, Valkey
from deploy.local.embedded import EmbeddedValkey
from tests.environment import environment_of
from tests.integration.audit.conftest import Log, event
from tests.waiting import eventually

pytestmark = pytest.mark.compliance
ROOT = Path(__file__).parents[3]


def fill(log: Log, client: Valkey, count: int) -> None:
    for number in range(count):
        log.queue(client).put(event(action=f"test.queued_{number}", at=log.clock.now()).text())


def write(log: Log) -> Callable[[Sequence[AuditEvent]], None]:
    return EntryWriter(log.chain, log.subjects).write


def test_an_event_is_the_same_behind_the_queue(log: Log) -> None:
    told = event(
        who=log.somebody(),
        about=log.somebody(),
        resource="GET /x/5",
        route="GET /x/<id>",
        reason="why",
        milliseconds=7,
        tried="t",
        times=3,
        at=log.clock.now(),
    )
    assert AuditEvent.parse(told.text().encode()) == told


def test_a_serving_process_moves_its_events_into_the_chain_by_itself(log: Log, valkey: Valkey) -> None:
    serving = log.process(valkey, serving=True)
    for number in range(20):
        serving.record(event(action=f"test.{number}"))
    eventually(lambda: len(log.entries()) == 20)
    eventually(lambda: serving.waiting() == 0)
    assert set(log.actions()) == {f"test.{number}" for number in range(20)}
    assert log.is_whole()


def test_many_processes_empty_one_queue_and_write_each_event_once(log: Log, valkey: Valkey) -> None:
    processes = [log.process(valkey, serving=True) for _ in range(3)]
    for number in range(90):
        processes[number % 3].record(event(action=f"test.{number}"))
    eventually(lambda: len(log.entries()) == 90)
    assert len(set(log.actions())) == 90
    assert log.is_whole()


def test_two_that_take_the_same_events_write_them_once(log: Log, valkey: Valkey) -> None:
    """As where one process's turn ran out while it was writing."""
    fill(log, valkey, 40)
    waiting = [AuditEvent.parse(text) for _, text in log.queue(valkey).first(100)]
    both = [threading.Thread(target=write(log), args=(waiting,)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [entry["seq"] for entry in log.entries()] == list(range(1, 41))
    assert log.is_whole()


def test_while_it_is_anothers_turn_nothing_is_taken(log: Log, valkey: Valkey) -> None:
    fill(log, valkey, 2)
    with log.queue(valkey).turn() as mine:
        assert mine
        assert drain(log.queue(valkey), write(log)) == []
    assert len(drain(log.queue(valkey), write(log))) == 2


_DIE_BETWEEN = """
import os, signal, sys
from backend.audit.lane import drain
from backend.audit.queue import AuditQueue
from backend.audit.writing import EntryWriter
from backend.audit.chain import Chain
from backend.audit.subjects import Subjects
from backend.config import load_settings
from backend.infra import mongo, valkey
from backend.infra.keys import ledger_of
from backend.infra.valkey import Breaker

settings = load_settings()
database, ledger = mongo.connect(settings), ledger_of(settings)
writer = EntryWriter(Chain(database, ledger), Subjects(database, ledger, lambda _: True))

def write_and_die(events):
    writer.write(events)
    os.kill(os.getpid(), signal.SIGKILL)

drain(AuditQueue(valkey.connect(settings), settings.redis_prefix, Breaker()), write_and_die)
"""


def test_killed_between_writing_and_taking_off_the_queue_doubles_nothing(
    log: Log, valkey: Valkey, settings: Settings
) -> None:
    fill(log, valkey, 5)
    environment = environment_of(settings, DATABASE_NAME=log.database.name, REDIS_PREFIX=log.prefix)
    died = subprocess.run(
        [sys.executable, "-c", _DIE_BETWEEN], cwd=ROOT, env=environment, timeout=60, check=False
    )
    assert died.returncode == -signal.SIGKILL
    assert (len(log.entries()), log.queue(valkey).length()) == (5, 5)
    valkey.delete(f"{log.prefix}audit:drainer")  # its turn ends by itself, later
    drain(log.queue(valkey), write(log))
    assert (len(log.entries()), log.queue(valkey).length()) == (5, 0)
    assert log.is_whole()


def test_what_cannot_be_written_stays_in_the_queue(log: Log, valkey: Valkey) -> None:
    fill(log, valkey, 3)

    def fail(_events: Sequence[AuditEvent]) -> None:
        raise AutoReconnect("away")

    with pytest.raises(PyMongoError):
        drain(log.queue(valkey), fail)
    assert len(drain(log.queue(valkey), write(log))) == 3


def test_what_is_no_event_does_not_hold_up_the_others(log: Log, valkey: Valkey) -> None:
    valkey.xadd(f"{log.prefix}audit:queue", {b"e": b"{}"})
    valkey.xadd(f"{log.prefix}audit:queue", {b"other": b"field"})
    fill(log, valkey, 1)
    drain(log.queue(valkey), write(log))
    assert log.actions() == ["test.queued_0"]
    assert log.queue(valkey).length() == 0


def test_without_valkey_security_events_are_in_the_chain_when_record_returns(
    log: Log, own_valkey: EmbeddedValkey, connect: Callable[[EmbeddedValkey], Valkey]
) -> None:
    serving = log.process(connect(own_valkey), serving=True)
    own_valkey.stop()
    for number in range(3):
        serving.record(event(action=f"test.{number}"))
        assert log.actions()[-1] == f"test.{number}"
    serving.record(event(action="test.routine", security=False))
    eventually(lambda: log.actions()[-1] == "test.routine")
    own_valkey.start()
    serving.record(event(action="test.back"))
    eventually(lambda: log.actions()[-1] == "test.back")
    assert len(log.entries()) == 5
    assert log.is_whole()


def test_many_requests_at_once_without_valkey_lose_nothing(
    log: Log, own_valkey: EmbeddedValkey, connect: Callable[[EmbeddedValkey], Valkey]
) -> None:
    processes = [log.process(connect(own_valkey), serving=True) for _ in range(2)]
    own_valkey.stop()
    threads = [
        threading.Thread(target=processes[number % 2].record, args=(event(action=f"test.{number}"),))
        for number in range(24)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {*log.actions()} == {f"test.{number}" for number in range(24)}
    assert len(log.entries()) == 24
    assert log.is_whole()


def test_a_frozen_valkey_is_waited_for_once_and_loses_nothing(
    log: Log, own_valkey: EmbeddedValkey, connect: Callable[[EmbeddedValkey], Valkey]
) -> None:
    serving = log.process(connect(own_valkey), serving=True)
    serving.record(event(action="test.before"))
    eventually(lambda: "test.before" in log.actions())
    os.kill(own_valkey.pid, signal.SIGSTOP)
    try:
        for number in range(5):
            serving.record(event(action=f"test.{number}"))
        assert {f"test.{number}" for number in range(5)} <= set(log.actions())
    finally:
        os.kill(own_valkey.pid, signal.SIGCONT)
    eventually(lambda: is_empty(serving))
    # What the frozen Valkey had taken in all the same comes once more, and is known.
    assert len(log.entries()) == 6
    assert log.is_whole()


def is_empty(serving: AuditTrail) -> bool:
    try:
        return serving.waiting() == 0
    except VALKEY_AWAY:
        return False


def test_what_valkey_forgot_is_written_by_the_process_that_remembers(log: Log, valkey: Valkey) -> None:
    """Valkey may lose its last second when it is killed: here all that it had taken in."""
    with log.queue(valkey).turn() as mine:  # so that nobody moves it on before it is forgotten
        assert mine
        lane = AuditLane(log.queue(valkey), write(log), confirmed_after=0.3)
        try:
            lane.put(event(at=log.clock.now()))
            assert valkey.delete(f"{log.prefix}audit:queue") == 1
            eventually(lambda: log.actions() == ["test.happened"])
        finally:
            lane.close()
    assert log.is_whole()


def test_with_mongodb_away_events_wait_and_come_later(log: Log, valkey: Valkey) -> None:
    away = threading.Event()
    away.set()
    real = write(log)

    def flaky(events: Sequence[AuditEvent]) -> None:
        if away.is_set():
            raise AutoReconnect("away")
        real(events)

    lane = AuditLane(log.queue(valkey), flaky)
    try:
        lane.put(event(at=log.clock.now()))
        assert log.entries() == []
        away.clear()
        eventually(lambda: len(log.entries()) == 1)
    finally:
        lane.close()


def test_with_both_away_a_request_goes_on_and_the_event_comes_later(
    log: Log, own_valkey: EmbeddedValkey, connect: Callable[[EmbeddedValkey], Valkey]
) -> None:
    away = threading.Event()
    away.set()
    real = write(log)

    def flaky(events: Sequence[AuditEvent]) -> None:
        if away.is_set():
            raise AutoReconnect("away")
        real(events)

    client = connect(own_valkey)
    own_valkey.stop()
    lane = AuditLane(log.queue(client), flaky)
    try:
        lane.put(event(at=log.clock.now()))
        away.clear()
        eventually(lambda: len(log.entries()) == 1)
    finally:
        lane.close()


def test_a_closing_process_writes_what_it_still_has(
    log: Log, own_valkey: EmbeddedValkey, connect: Callable[[EmbeddedValkey], Valkey]
) -> None:
    serving = log.process(connect(own_valkey), serving=True)
    own_valkey.stop()
    serving.record(event(action="test.routine", security=False))
    serving.close()
    assert log.actions() == ["test.routine"]


def test_a_process_that_serves_nobody_writes_at_once(log: Log) -> None:
    log.trail.record(event())
    assert log.actions() == ["test.happened"]


def test_a_flood_of_refusals_becomes_entries_that_say_how_many(log: Log, valkey: Valkey) -> None:
    serving = log.process(valkey, serving=True)
    refused = partial(event, action="auth.refused", outcome=Outcome.REFUSED)
    for _ in range(50):
        serving.record(refused(reason="unauthenticated"))
        serving.record(refused(reason="too_many_requests", who=ObjectId("5" * 24)))
    eventually(lambda: [entry["times"] for entry in log.entries()] == [1] * 20)
    log.clock.advance(seconds=61)
    eventually(lambda: sorted(entry["times"] for entry in log.entries()) == [*[1] * 20, 40, 40])
    serving.record(refused(reason="unauthenticated"))
    eventually(lambda: len(log.entries()) == 23)


def test_whose_turn_it_is_too_often_is_counted_whatever_they_ask_for(log: Log) -> None:
    user = log.somebody()
    for number in range(50):
        log.trail.record(
            event(
                action="auth.refused",
                outcome=Outcome.REFUSED,
                reason="too_many_requests",
                who=user,
                resource=f"GET /x/{number}",
                route="GET /x/<id>",
            )
        )
    log.trail.close()
    assert sorted(entry["times"] for entry in log.entries()) == [*[1] * 10, 40]
    newest = log.trail.search(Criteria(user_id=user), None, 1)[0][0]
    assert (newest.times, newest.circumstances.resource) == (40, "GET /x/<id>")


def test_kinds_without_end_are_one_kind() -> None:
    folding = Folding(most_kinds=3)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    tried = [event(outcome=Outcome.REFUSED, resource=f"GET /{number}", at=now) for number in range(50)]
    passed = [one for number, one in enumerate(tried) if folding.passes(number, one)]
    assert passed == tried[:13]
    (counted,) = folding.over(now + WINDOW)
    assert (counted.reason, counted.times, counted.resource) == ("too_many_kinds", 37, "")
    assert counted.origin.network == ""
    assert folding.passes("another", tried[0])


def test_where_nobody_is_known_nothing_leads_to_anybody(log: Log) -> None:
    told = {"outcome": Outcome.REFUSED, "resource": "GET /x/5", "route": "GET /x/<id>"}
    log.trail.record(event(reason="unauthenticated", **told))
    log.trail.record(event(reason="token_expired", **told))
    log.trail.record(event(**{**told, "outcome": Outcome.DONE}))
    stranger, expired, done = (entry["circumstances"] for entry in log.entries())
    assert [entry["resource"] for entry in (stranger, expired, done)] == ["GET /x/<id>"] * 3
    assert [entry["network"] for entry in (stranger, expired, done)] == ["192.0.2.0/24", "", ""]
    assert "request-1" not in str(log.entries())


def test_guesses_and_what_users_do_are_never_folded(log: Log) -> None:
    user = log.somebody()
    for number in range(15):
        log.trail.record(event(outcome=Outcome.REFUSED, reason="wrong_credentials", tried="somebody"))
        log.trail.record(event(outcome=Outcome.REFUSED, reason="operator_only", who=user))
        log.trail.record(event(action=f"test.{number}"))
    assert len(log.entries()) == 45


def test_entries_are_in_order_of_their_time(log: Log) -> None:
    first = event(action="test.first", at=log.clock.now())
    log.clock.advance(seconds=1)
    second = event(action="test.second", at=log.clock.now())
    write(log)([second, first])
    assert log.actions() == ["test.first", "test.second"]
