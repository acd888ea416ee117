"""Away, gone, back: who is waited for, and when the session pauses by itself (docs/product.md S16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import svcs
from bson import ObjectId

from backend.config import Settings
from backend.infra.clock import Clock
from backend.sessions.attendance import Attendance
from backend.sessions.deadlines import Deadlines
from backend.sessions.presence import Presence
from backend.sessions.service import SessionService
from backend.sessions.store import SessionStore
from tests.conftest import Account
from tests.integration.sessions.test_over_http import begin, created, swipe

Register = Callable[..., Account]


class LaterClock:
    """The clock of the test, which can be put forward."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self._clock.now() + self.ahead

    def forward(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


class Table:
    """Three people in round 1, and time in the test's own hand."""

    def __init__(self, services: svcs.Container, people: list[Account], session_id: str) -> None:
        self.people = people
        self.session_id = ObjectId(session_id)
        self.clock = LaterClock(services.get_abstract(Clock))
        self.presence, self.store = services.get(Presence, SessionStore)
        self.deadlines = services.get(Deadlines)
        self.attendance = Attendance(
            presence=self.presence,
            service=services.get(SessionService),
            deadlines=self.deadlines,
            clock=self.clock,
            settings=services.get(Settings),
            steady_seconds=0,
        )

    def connect(self, *people: Account) -> None:
        for person in people:
            self.attendance.arrived(self.session_id, ObjectId(person.id))
            self.attendance.welcome(self.store.load(self.session_id), ObjectId(person.id))

    def disconnect(self, person: Account) -> None:
        self.attendance.departed(self.session_id, ObjectId(person.id))

    def look_after(self, seconds: float) -> dict:
        """Put the clock forward while the connected stay connected, look, and say how the session is."""
        self.clock.forward(seconds)
        marks = self.presence.marks([self.session_id])[0]
        before = (self.clock.now() - timedelta(seconds=seconds)).timestamp() * 1000
        still = [(self.session_id, ObjectId(user)) for user, until in marks.items() if until > before]
        self.presence.mark(still, self.clock.now())
        self.attendance.look([self.store.load(self.session_id)])
        return self.people[0].get(f"/sessions/{self.session_id}").get_json()


@pytest.fixture
def table(register: Register, services: svcs.Container) -> Table:
    ada, bo, cy = people = [register(name) for name in ("Ada", "Bo", "Cy")]
    session = created(ada)
    for guest in (bo, cy):
        guest.post("/sessions/join", {"code": session["code"]})
    cy.post(f"/sessions/{session['id']}/ready", {"ready": True})
    begin(ada, bo, session)
    made = Table(services, people, session["id"])
    made.connect(*people)
    return made


def statuses(view: dict) -> list[str]:
    return [participant["status"] for participant in view["participants"]]


def test_who_lost_the_connection_is_away_and_after_the_grace_period_gone(table: Table) -> None:
    table.disconnect(table.people[2])
    assert statuses(table.look_after(0)) == ["connected", "connected", "away"]
    assert statuses(table.look_after(29)) == ["connected", "connected", "away"]
    view = table.look_after(2)
    assert statuses(view) == ["connected", "connected", "gone"]
    assert view["required"] == [person.id for person in table.people[:2]]
    assert view["status"] == "swiping"


def test_a_look_is_due_when_the_grace_period_ends(table: Table) -> None:
    now = table.clock.now()
    table.deadlines.claim(now + timedelta(hours=2))  # of the countdown, and of other tests
    table.disconnect(table.people[2])
    assert table.session_id not in table.deadlines.claim(now + timedelta(seconds=29))
    assert table.session_id in table.deadlines.claim(now + timedelta(seconds=31))


def test_who_comes_back_is_required_again(table: Table) -> None:
    table.disconnect(table.people[2])
    table.look_after(31)
    table.connect(table.people[2])
    view = table.look_after(0)
    assert statuses(view) == ["connected"] * 3
    assert len(view["required"]) == 3


def test_a_process_that_died_takes_nobody_with_it_who_connects_elsewhere(table: Table) -> None:
    view = table.look_after(0)
    table.clock.forward(60)  # nobody renews a mark of the dead process
    table.connect(table.people[0], table.people[1])
    view = table.look_after(0)
    assert statuses(view)[:2] == ["connected", "connected"]
    assert statuses(view)[2] == "gone"


def test_when_somebody_is_gone_the_others_may_have_agreed(table: Table) -> None:
    ada, bo, cy = table.people
    session = ada.get(f"/sessions/{table.session_id}").get_json()
    item = ada.get(f"/sessions/{table.session_id}/deck").get_json()["items"][0]["id"]
    for person in (ada, bo):
        swipe(person, session, item, "right", 1)
    table.disconnect(cy)
    assert table.look_after(31)["status"] == "matched"


def test_without_the_majority_the_session_pauses_and_goes_on_with_it(table: Table) -> None:
    for person in table.people[1:]:
        table.disconnect(person)
    paused = table.look_after(31)
    assert (paused["status"], paused["pause"]["reason"]) == ("paused", "majority_away")
    asked = {"motion": "resume", "in_favour": True}
    refused = table.people[0].post(f"/sessions/{table.session_id}/votes", asked)
    assert refused.get_json()["code"] == "majority_away"
    table.connect(table.people[1])
    resumed = table.look_after(0)
    assert (resumed["status"], statuses(resumed)) == ("swiping", ["connected", "connected", "gone"])


def test_several_devices_count_once_and_the_last_one_closing_makes_away(
    table: Table, services: svcs.Container
) -> None:
    elsewhere = Presence(services.get(Presence)._valkey, services.get(Presence)._prefix, "other-node")
    user = ObjectId(table.people[2].id)
    elsewhere.arrived(table.session_id, user, table.clock.now())
    assert table.attendance.departed(table.session_id, user) is False
    assert str(user) in table.presence.connected(table.session_id, table.clock.now())
    assert elsewhere.departed(table.session_id, user, table.clock.now()) is False
    assert statuses(table.look_after(0))[2] == "away"


def test_calls_over_http_do_not_hide_that_a_socket_was_lost(table: Table) -> None:
    cy = table.people[2]
    cy.get(f"/sessions/{table.session_id}")
    table.disconnect(cy)
    assert statuses(table.look_after(0))[2] == "away"


def test_without_a_socket_a_call_is_a_sign_of_life(register: Register, services: svcs.Container) -> None:
    ada, bo = register("Ada"), register("Bo")
    session = created(ada)
    bo.post("/sessions/join", {"code": session["code"]})
    made = Table(services, [ada, bo], session["id"])
    assert statuses(made.look_after(1)) == ["connected", "connected"]
    marks = made.presence.marks([made.session_id])[0]
    assert set(marks) == {ada.id, bo.id}


def test_when_valkey_forgets_who_was_there_nobody_is_gone_at_once(
    table: Table, services: svcs.Container
) -> None:
    valkey = services.get(Presence)._valkey
    valkey.delete(services.get(Presence)._key(table.session_id))
    table.attendance.look([table.store.load(table.session_id)])
    assert table.store.load(table.session_id).required == {ObjectId(p.id) for p in table.people}
    table.connect(table.people[0], table.people[1])
    table.clock.forward(15)
    table.connect(table.people[0], table.people[1])
    table.clock.forward(16)
    table.connect(table.people[0], table.people[1])
    assert statuses(table.look_after(0)) == ["connected", "connected", "gone"]
