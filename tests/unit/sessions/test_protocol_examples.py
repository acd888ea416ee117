"""What the server understands and says is what `docs/api/live-examples.json` shows; the client reads the same file."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.sessions import rules
from backend.sessions.operations import Hello, InboxHello, hellos, operations
from backend.sessions.schemas import Snapshot
from backend.sessions.state import Energy, Event, MotionKind
from backend.sessions.tally import Tally
from tests.unit.sessions.strategies import COUNTED, ITEMS, NOW, RESERVE, USERS, all_ready, lobby, swiping

EXAMPLES = json.loads((Path(__file__).parents[3] / "docs" / "api" / "live-examples.json").read_text())
# Made by the socket's own code; the e2e tests see them.
PASSING = {"swiped", "progress", "presence", "notification"}


@pytest.mark.parametrize("name", ["hello", "hello_resuming", "hello_taking_over"])
def test_hellos_are_understood(name: str) -> None:
    assert isinstance(hellos.validate_json(json.dumps(EXAMPLES[name])), Hello)


def test_a_hello_without_a_session_is_for_the_inbox_and_nothing_beside_it() -> None:
    hello = EXAMPLES["hello_to_inbox"]
    assert isinstance(hellos.validate_json(json.dumps(hello)), InboxHello)
    for beside in ({"takeover": True}, {"resume": {"epoch": "1", "seq": 2}}, {"session": None}):
        with pytest.raises(ValidationError):
            hellos.validate_json(json.dumps({**hello, **beside}))


@pytest.mark.parametrize("example", EXAMPLES["operations"], ids=lambda example: example["request"]["op"])
def test_operations_are_understood_and_nothing_beside_them(example: dict) -> None:
    request = example["request"]
    assert operations.validate_json(json.dumps(request)).op == request["op"]
    with pytest.raises(ValidationError):
        operations.validate_json(json.dumps({**request, "user_id": "65a000000000000000000001"}))


def test_every_operation_has_an_example() -> None:
    known = set(operations.json_schema()["discriminator"]["mapping"])
    assert known == {example["request"]["op"] for example in EXAMPLES["operations"]}


def test_the_snapshot_has_its_form() -> None:
    Snapshot.model_validate(EXAMPLES["welcome"]["data"]["snapshot"])
    assert set(EXAMPLES["welcome"]["data"]["snapshot"]) == set(Snapshot.model_fields)


def every_event() -> list[Event]:
    """The events of a few short histories that together have them all."""
    waiting = all_ready(lobby(2))
    running = swiping(2)
    voted = rules.vote_energy(lobby(2), USERS[0], Energy.LOW, NOW)
    asked = rules.vote(running, USERS[0], MotionKind.PAUSE, True, NOW)
    one_round = swiping(2, rounds=(300,))
    decided = rules.end_round(rules.close_round(one_round, Tally(), COUNTED).session, Tally(), COUNTED)
    changes = [
        rules.join(lobby(1), USERS[1], "Bo", NOW),
        voted,
        rules.vote_energy(voted.session, USERS[1], Energy.LOW, NOW),
        rules.set_ready(lobby(2), USERS[0], True, NOW),
        rules.stop_countdown(waiting, NOW, "deck_too_small", "Only 2 cards suit everybody."),
        rules.begin(waiting, ITEMS, RESERVE, NOW),
        rules.match(running, {ITEMS[0]: frozenset(USERS[:2])}, NOW),
        decided,
        rules.toss(decided.session, USERS[0], 1),
        rules.go(swiping(3), USERS[1], NOW),
        rules.go(running, USERS[1], NOW),
        rules.come_back(rules.go(running, USERS[1], NOW).session, USERS[1], NOW),
        asked,
        rules.vote(asked.session, USERS[1], MotionKind.PAUSE, True, NOW),
        rules.vote(asked.session, USERS[1], MotionKind.PAUSE, False, NOW),
        rules.say(running, USERS[0], ITEMS[0], "Thai again?", NOW),
        rules.react(running, USERS[0], "🔥", NOW),
        rules.leave(running, USERS[1], NOW),
        rules.expire(lobby(1), NOW + timedelta(hours=2)),
    ]
    return [event for change in changes for event in change.events]


@pytest.mark.parametrize("event", every_event(), ids=lambda event: event.type)
def test_events_look_like_their_examples(event: Event) -> None:
    example = next(shown for shown in EXAMPLES["events"] if shown["type"] == event.type)
    assert set(event.data) == set(example.get("data", {}))


def test_every_example_of_an_event_is_one_that_the_server_sends() -> None:
    sent = {event.type for event in every_event()} | PASSING
    assert {shown["type"] for shown in EXAMPLES["events"]} | PASSING == sent
