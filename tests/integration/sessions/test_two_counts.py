"""Two processes count the same round: what is acknowledged must be in the count that decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import svcs
from bson import ObjectId

from backend.sessions import rules
from backend.sessions.commit import verdict
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Direction, Swipe, Tally
from backend.sessions.transitions import Transitions
from tests.conftest import Account
from tests.integration.sessions.test_over_http import begin, created


def test_what_a_second_count_stamps_too_late_is_not_acknowledged(
    register: Callable[..., Account], services: svcs.Container
) -> None:
    ada, bo = register("Ada"), register("Bo")
    session = created(ada, rounds=[60])
    bo.post("/sessions/join", {"code": session["code"]})
    deck = begin(ada, bo, session)
    store, log = services.get(SessionStore, SwipeLog)
    session_id, nothing = ObjectId(session["id"]), Tally()
    apply = services.get(Transitions).apply
    apply(session_id, lambda s, now: rules.close_round(s, nothing, now + timedelta(hours=1)))

    log.stamp(session_id, 1, "one")  # one process
    counted = log.tally(store.load(session_id), "one")
    late = Swipe(session_id, ObjectId(ada.id), f"{1:026d}", ObjectId(deck[4]), Direction.LIKE, 1, 1)
    log.append([late])
    log.stamp(session_id, 1, "other")  # the other one, which found the round closed too
    decided = apply(session_id, lambda s, now: rules.end_round(s, counted, now, "one"))

    assert decided.outcome is not None
    assert decided.outcome.items[0] == ObjectId(deck[0])  # the like of deck[4] did not count ...
    assert verdict(late, log.entry(late), decided) != late  # ... so it must not be called good
