"""Away for too long, and back: nobody waits for who is gone, and what needs them stands still (docs/product.md S16)."""

from __future__ import annotations

import pytest

from deploy.local.stack import LocalStack
from tests.e2e.evening import ROUNDING_MS, NewPerson, gather, milliseconds, sit_apart, start, swipe
from tests.e2e.person import Person
from tests.processes import kill, serving_processes
from tests.stacks import StackLog
from tests.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.e2e, pytest.mark.timeout(150)]

_GRACE_SECONDS = 2
_LONG = [600, 600, 600]
# A process that dies says nothing: the marks of its people fade, and somebody has to look.
_FOUND_OUT_SECONDS = 75.0


@pytest.fixture(scope="module")
def stack_env() -> dict[str, str]:
    """A short grace period, so that a test can wait for its end."""
    return {"AWAY_GRACE_SECONDS": str(_GRACE_SECONDS)}


@pytest.fixture(autouse=True)
def two_processes(stack: LocalStack, log: StackLog) -> None:
    """Another test may have killed one, and its successor take a moment."""
    eventually(lambda: len(serving_processes(stack, log.api_pids())) == 2, seconds=30)


def place_of(one: Person) -> dict[str, object]:
    """Where somebody's knowledge ends."""
    seen = one.numbered()
    return {"epoch": one.welcome["epoch"], "seq": seen[-1] if seen else one.welcome["seq"]}


def test_three_go_on_without_the_one_who_is_gone_and_agree_by_that(person: NewPerson) -> None:
    (ada, bo, cy), session = gather(person, ["Ada", "Bo", "Cy"], rounds=_LONG)
    sit_apart(session["id"], here=[ada, cy], there=[bo])
    deck = start([ada, bo, cy])["data"]["deck"]
    swipe(cy, deck[0], "left")
    for one in (ada, bo):
        swipe(one, deck[0], "right")
    assert ada.get(f"/sessions/{session['id']}")["status"] == "swiping"
    known = place_of(cy)

    cy.close()
    away = ada.told("presence", participant_id=cy.id, status="away")
    gone = ada.told("participant_gone", participant_id=cy.id)
    assert gone == bo.told("participant_gone", participant_id=cy.id)
    assert gone["data"]["required"] == [ada.id, bo.id]
    assert gone["at"] - away["at"] >= _GRACE_SECONDS * 1000 - ROUNDING_MS
    # Only Cy's like was missing, and it is no longer needed.
    matched = ada.told("matched")
    assert matched == bo.told("matched")
    assert [card["id"] for card in matched["data"]["outcome"]["items"]] == [deck[0]]

    assert cy.connect(session["id"], resume=known)["resumed"]
    assert cy.told("participant_gone")["data"]["participant_id"] == cy.id
    assert cy.told("matched") == matched


def test_who_comes_back_is_required_again(person: NewPerson) -> None:
    (ada, bo, cy), session = gather(person, ["Ada", "Bo", "Cy"], rounds=_LONG)
    sit_apart(session["id"], here=[ada, cy], there=[bo])
    deck = start([ada, bo, cy])["data"]["deck"]
    cy.close()
    for one in (ada, bo):
        one.told("participant_gone", participant_id=cy.id)
    swipe(ada, deck[0], "right")
    cy.connect(session["id"])
    back = ada.told("participant_back", participant_id=cy.id)
    assert back == bo.told("participant_back", participant_id=cy.id)
    assert back["data"]["required"] == [ada.id, bo.id, cy.id]
    swipe(bo, deck[0], "right")
    assert bo.get(f"/sessions/{session['id']}")["status"] == "swiping"
    swipe(cy, deck[0], "right")
    assert ada.told("matched") == bo.told("matched") == cy.told("matched")


def test_two_stand_still_while_one_is_gone_and_go_on_by_themselves(person: NewPerson) -> None:
    (ada, bo), session = gather(person, ["Ada", "Bo"], rounds=_LONG)
    sit_apart(session["id"], here=[ada], there=[bo])
    round_1 = start([ada, bo])["data"]
    bo.told("round_started")
    known = place_of(bo)
    bo.close()
    assert ada.told("participant_gone")["data"]["required"] == [ada.id]
    paused = ada.told("paused", reason="majority_away")
    left = paused["data"]["remaining_ms"]
    assert abs(milliseconds(round_1["ends_at"]) - paused["at"] - left) <= ROUNDING_MS
    assert ada.do("swipe", item=round_1["deck"][0], direction="right")["error"]["code"] == "paused"
    alone = ada.do("vote", motion="resume", in_favour=True)
    assert alone["error"]["code"] == "majority_away"

    assert bo.connect(session["id"], resume=known)["resumed"]
    resumed = ada.told("resumed")
    assert abs(milliseconds(resumed["data"]["ends_at"]) - resumed["at"] - left) <= ROUNDING_MS
    assert resumed == bo.told("resumed")
    told = [frame["type"] for frame in bo.frames if "seq" in frame and frame["seq"] > known["seq"]]
    assert told == ["participant_gone", "paused", "participant_back", "resumed"]
    for one in (ada, bo):
        swipe(one, round_1["deck"][0], "right")
    assert ada.told("matched") == bo.told("matched")


def test_whose_process_was_killed_is_gone_too_and_comes_back_to_another(
    log: StackLog, person: NewPerson
) -> None:
    (ada, bo), session = gather(person, ["Ada", "Bo"], rounds=_LONG)
    sit_apart(session["id"], here=[ada], there=[bo])
    deck = start([ada, bo])["data"]["deck"]
    swipe(bo, deck[0], "right")
    known, node = place_of(bo), bo.welcome["node"]

    kill(log.pid_of(node))

    gone = ada.told("participant_gone", _FOUND_OUT_SECONDS)
    assert (gone["data"]["participant_id"], gone["data"]["required"]) == (bo.id, [ada.id])
    paused = ada.told("paused", reason="majority_away")
    assert bo.connect(session["id"], resume=known)["resumed"]
    assert bo.welcome["node"] != node
    resumed = bo.told("resumed")
    assert resumed == ada.told("resumed")
    left = milliseconds(resumed["data"]["ends_at"]) - resumed["at"]
    assert abs(left - paused["data"]["remaining_ms"]) <= ROUNDING_MS
    swipe(ada, deck[0], "right")
    assert ada.told("matched") == bo.told("matched")
