"""What is acknowledged counts, what comes too late does not, and both hear the same again (docs/decisions/0005)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import svcs
from bson import ObjectId

from backend.errors import AppError
from backend.sessions import rules
from backend.sessions.commit import Answer, verdict
from backend.sessions.service import SessionService
from backend.sessions.state import Session
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Direction, Swipe, Tally
from backend.sessions.transitions import Transitions
from tests.conftest import Account
from tests.integration.sessions.test_over_http import begin, created


def code_of(answer: Answer) -> str:
    assert isinstance(answer, AppError), answer
    return answer.code


def test_a_swipe_written_after_the_stamp_is_refused_and_not_counted(
    register: Callable[..., Account], services: svcs.Container
) -> None:
    ada, bo = register("Ada"), register("Bo")
    session = created(ada, rounds=[60])
    bo.post("/sessions/join", {"code": session["code"]})
    deck = begin(ada, bo, session)
    store, log = services.get(SessionStore, SwipeLog)
    session_id = ObjectId(session["id"])

    def like(account: Account, item: str, number: int) -> Swipe:
        user, op_id = ObjectId(account.id), f"{number:026d}"
        return Swipe(session_id, user, op_id, ObjectId(item), Direction.LIKE, 1, number)

    in_time, too_late = like(ada, deck[4], 1), like(bo, deck[4], 2)

    def answer(swipe: Swipe, session: Session) -> Answer:
        return verdict(swipe, log.entry(swipe), session)

    log.append([in_time])
    opened = store.load(session_id)
    assert answer(in_time, opened) == in_time
    assert store.not_in_round([(session_id, 1)]) == frozenset()

    counted = log.tally(opened)
    closed = services.get(Transitions).apply(
        session_id, lambda s, now: rules.close_round(s, counted, now + timedelta(hours=1))
    )
    assert closed.being_counted
    assert store.not_in_round([(session_id, 1)]) == {session_id}
    assert code_of(answer(in_time, closed)) == "busy"
    log.stamp(session_id, 1, "count")
    log.append([too_late])

    decided = services.get(Transitions).apply(
        session_id, lambda s, now: rules.end_round(s, log.tally(s, "count"), now, "count")
    )
    assert decided.outcome is not None
    assert (decided.outcome.kind, decided.outcome.items[0]) == ("closest", ObjectId(deck[4]))
    assert answer(in_time, decided) == in_time
    assert log.append([in_time, too_late]) == {0, 1}
    assert code_of(answer(too_late, decided)) == "round_over"


def test_a_round_that_a_process_closed_before_it_died_is_counted_by_another(
    register: Callable[..., Account], services: svcs.Container
) -> None:
    ada, bo = register("Ada"), register("Bo")
    session = created(ada, rounds=[60])
    bo.post("/sessions/join", {"code": session["code"]})
    begin(ada, bo, session)
    session_id = ObjectId(session["id"])
    nothing = Tally()
    services.get(Transitions).apply(
        session_id, lambda s, now: rules.close_round(s, nothing, now + timedelta(hours=1))
    )
    services.get(SessionService).run_due(session_id)
    assert ada.get(f"/sessions/{session_id}").get_json()["status"] == "closest"
