"""What a drill is held to: an acknowledged swipe is in the log, once, as it was acknowledged, and a match is one."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from bson import ObjectId

from tests.drills.accounting import Account, Comparison, Operation, compare, flaws_of_matches, table
from tests.drills.faithful import Crowd, Faithful, Troubles
from tests.performance.measured import Measured
from tests.performance.scene import Seat
from tests.performance.servers import Server

SESSION, USER, CARD, OTHER = (ObjectId() for _ in range(4))
SWIPED = Operation(str(SESSION), str(USER), "1")


def entry(op_id: str = "1", card: ObjectId = CARD, direction: str = "right") -> dict:
    return {"s": SESSION, "p": USER, "o": op_id, "i": card, "d": direction}


def test_a_swipe_that_lies_in_the_log_as_acknowledged_is_not_lost() -> None:
    assert compare({SWIPED: (str(CARD), "right")}, [entry(), entry("2")]) == Comparison(lost=[], twice=[])


@pytest.mark.parametrize("log", [[], [entry("2")], [entry(card=OTHER)], [entry(direction="left")]])
def test_one_that_is_not_there_or_says_something_else_is_lost(log: list[dict]) -> None:
    assert compare({SWIPED: (str(CARD), "right")}, log).lost == [SWIPED]


def test_one_that_is_there_twice_is_found_also_where_nobody_was_told() -> None:
    assert compare({}, [entry(), entry()]).twice == [SWIPED]


def told_of(*events: tuple[int, ObjectId]) -> list[str]:
    """The flaws of a room of one who was told of these matches (number of the event, card); it agreed on CARD."""
    return asyncio.run(_told_of(events))


async def _told_of(events: tuple[tuple[int, ObjectId], ...]) -> list[str]:
    seat = Seat("token", str(USER), str(SESSION), 0, (str(OTHER), str(CARD)))
    player = Faithful(seat, Crowd(Server("none", "http://127.0.0.1:1", 0, lambda _seat: {})))
    for seq, card in events:
        outcome = {"kind": "match", "items": [{"id": str(card)}]}
        player.view.apply({"seq": seq, "type": "matched", "data": {"outcome": outcome}})
    return flaws_of_matches([[player]], {str(SESSION): {"outcome": {"kind": "match", "items": [CARD]}}})


def test_a_match_told_once_is_right() -> None:
    assert told_of((1, CARD)) == []


@pytest.mark.parametrize("events", [(), ((1, CARD), (2, CARD)), ((1, OTHER),), ((1, CARD), (2, OTHER))])
def test_one_told_never_twice_or_differently_is_not(events: tuple[tuple[int, ObjectId], ...]) -> None:
    assert len(told_of(*events)) == 1


def test_errors_are_what_was_refused_for_good_and_what_was_never_answered() -> None:
    measured = Measured(10, sent=1000, acks=[0.01] * 996, refused=Counter(round_over=1, unknown_item=2))
    account = Account(
        name="a part",
        measured=measured,
        troubles=Troubles(repeated=7),
        unanswered=1,
        asked=20,
        failed=3,
        clients=40,
        back=[4.0, 1.0, 2.0],
        compared=Comparison(lost=[], twice=[]),
        matches=5,
        wrong_matches=0,
    )
    assert account.error_rate == 0.004
    cells = [cell.strip() for cell in table([account]).splitlines()[2].strip("| ").split("|")]
    assert cells[:8] == ["a part", "1,000", "7", "0.40%", "3 of 20", "3 of 40", "2.0", "4.0"]
