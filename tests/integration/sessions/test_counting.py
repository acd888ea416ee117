"""What is acknowledged counts, what comes too late does not, and both hear the same again (docs/decisions/0005)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import svcs
from bson import ObjectId

from backend.errors import AppError
from backend.sessions import rules
from backend.sessions.commit import verdict
from backend.sessions.service import SessionService
from backend.sessions.store import SessionStore
from backend.sessions.swipes import Repetition, SwipeLog
from backend.sessions.tally import Direction, Swipe
from backend.sessions.transitions import Transitions
from tests.conftest import Account
from tests.integration.sessions.test_over_http import begin, created


def code_of(refusal: AppError | None) -> str | None:
    return refusal.code if refusal else None


def test_a_swipe_written_after_the_stamp_is_refused_and_not_counted(
    register: Callable[..., Account], services: svcs.Container
) -> None:
    ada, bo = register("Ada"), register("Bo")
    session = created(ada)
    bo.post("/sessions/join", {"code": session["code"]})
    deck = begin(ada, bo, session)
    store, log = services.get(SessionStore, SwipeLog)
    session_id = ObjectId(session["id"])

    def like(account: Account, item: str, number: int) -> Swipe:
        user, op_id = ObjectId(account.id), f"{number:026d}"
        return Swipe(session_id, user, op_id, ObjectId(item), Direction.LIKE, 1, number)

    in_time, too_late = like(ada, deck[4], 1), like(bo, deck[4], 2)
    log.append([in_time])
    assert verdict(log.repetition(in_time), store.load(session_id)) is None

    counted = log.tally(session_id)
    closed = services.get(Transitions).apply(
        session_id, lambda s, now: rules.close_round(s, counted, now + timedelta(hours=1))
    )
    assert closed.being_counted
    assert code_of(verdict(log.repetition(in_time), closed)) == "busy"
    log.stamp(session_id)
    log.append([too_late])

    decided = services.get(Transitions).apply(
        session_id, lambda s, now: rules.end_round(s, log.tally(session_id, stamped=True), now)
    )
    assert decided.outcome is not None
    assert (decided.outcome.kind, decided.outcome.items[0]) == ("closest", ObjectId(deck[4]))
    assert verdict(log.repetition(in_time), decided) is None
    assert log.append([in_time, too_late]) == {0: Repetition.COUNTED, 1: Repetition.SAME}
    assert code_of(verdict(log.repetition(too_late), decided)) == "round_over"


def test_a_round_that_a_process_closed_before_it_died_is_counted_by_another(
    register: Callable[..., Account], services: svcs.Container
) -> None:
    ada, bo = register("Ada"), register("Bo")
    session = created(ada)
    bo.post("/sessions/join", {"code": session["code"]})
    begin(ada, bo, session)
    session_id = ObjectId(session["id"])
    nothing = services.get(SwipeLog).tally(session_id)
    services.get(Transitions).apply(
        session_id, lambda s, now: rules.close_round(s, nothing, now + timedelta(hours=1))
    )
    services.get(SessionService).run_due(session_id)
    assert ada.get(f"/sessions/{session_id}").get_json()["status"] == "closest"
