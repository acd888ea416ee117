"""The published schema of the live protocol is the server's types, and both describe what the server says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from backend.catalog.cards import recipe_card, restaurant_card
from backend.sessions.events import EVENTS
from backend.sessions.protocol import (
    ANSWER_FRAMES,
    ANSWERS,
    CLOSE_CODES,
    EVENT_FRAMES,
    OPERATIONS,
    document,
    server_frames,
)
from backend.sessions.settling import progress_frame
from backend.sessions.state import Event
from tests.unit.sessions.test_protocol_examples import EXAMPLES, every_event

ROOT = Path(__file__).parents[3]
DOCUMENT = document()
RECIPE = {
    "_id": ObjectId(),
    "cuisines": ["thai"],
    "picture": "larb",
    "picture_version": "0a1b2c3d",
    "title": "Larb",
    "dietary_tags": ["keto"],
    "total_minutes": 25,
    "difficulty": "easy",
}
RESTAURANT = {
    "_id": ObjectId(),
    "cuisines": [],
    "name": "The Copper Ladle",
    "dietary_options": [],
    "price": 2,
    "location": {"type": "Point", "coordinates": [-84.388, 33.749]},
    "sponsored": True,
}
CARDS = [
    recipe_card(RECIPE),
    restaurant_card(RESTAURANT),
    restaurant_card({**RESTAURANT, "rating": 4.5}, (33.7, -84.4)),
]

SAID_BY_SERVER = {
    **{name: EXAMPLES[name] for name in ("welcome", "welcome_resumed", "welcome_to_inbox")},
    **{f"reply to {shown['request']['op']}": shown["reply"] for shown in EXAMPLES["operations"]},
    **{f"refusal {shown['error']['code']}": shown for shown in EXAMPLES["refusals"]},
    **{shown["type"]: shown for shown in EXAMPLES["events"]},
}
SAID_BY_CLIENT = {
    **{name: EXAMPLES[name] for name in ("hello", "hello_resuming", "hello_taking_over", "hello_to_inbox")},
    **{shown["request"]["op"]: shown["request"] for shown in EXAMPLES["operations"]},
}
BATCH = EXAMPLES["batch"]


def by_schema(name: str, instance: Any) -> bool:
    """Whether the published schema's definition `name` allows it."""
    return Draft202012Validator({**DOCUMENT, "anyOf": [{"$ref": f"#/$defs/{name}"}]}).is_valid(instance)


def by_types(frame: Any) -> bool:
    """Whether the server's types allow it."""
    try:
        server_frames.validate_json(json.dumps(frame))
    except ValidationError:
        return False
    return True


def shown(data: Any) -> Any:
    """Data of an event as it is announced: with whole cards where rules name ids."""
    if "outcome" not in data:
        return data
    return {**data, "outcome": {**data["outcome"], "items": CARDS[: len(data["outcome"]["items"])]}}


def test_the_committed_document_is_what_the_command_writes(tmp_path: Path) -> None:
    written = tmp_path / "live-protocol.json"
    command = [sys.executable, "-m", "backend", "protocol", "--to", str(written)]
    subprocess.run(command, cwd=ROOT, env={}, check=True, timeout=60)
    committed = (ROOT / "docs/api/live-protocol.json").read_text()
    assert committed == written.read_text(), "run `python -m backend protocol` and commit what it writes"


def test_the_document_is_a_schema_whose_references_lead_somewhere() -> None:
    Draft202012Validator.check_schema(DOCUMENT)
    named = set(re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(DOCUMENT)))
    entrances = {"ClientFrame", "ServerFrame", "Exchange", "CloseCode"}
    assert named | entrances == set(DOCUMENT["$defs"])


def test_every_object_is_closed() -> None:
    for name, described in DOCUMENT["$defs"].items():
        if "properties" in described:
            assert described["additionalProperties"] is False, name


@pytest.mark.parametrize("name", SAID_BY_SERVER)
def test_what_the_server_is_shown_to_say_fits_schema_and_types(name: str) -> None:
    assert by_schema("ServerFrame", SAID_BY_SERVER[name])
    server_frames.validate_json(json.dumps(SAID_BY_SERVER[name]))


@pytest.mark.parametrize("name", SAID_BY_SERVER)
def test_a_field_more_or_less_fits_neither(name: str) -> None:
    frame = SAID_BY_SERVER[name]
    inner = "error" if "error" in frame else "data"
    wrong = [
        {**frame, "extra": 1},
        {**frame, inner: {**frame[inner], "extra": 1}},
        *({n: v for n, v in frame.items() if n != missing} for missing in frame),
    ]
    for changed in wrong:
        assert not by_schema("ServerFrame", changed)
        assert not by_types(changed)


@pytest.mark.parametrize("name", SAID_BY_CLIENT)
def test_what_clients_are_shown_to_say_fits(name: str) -> None:
    assert by_schema("ClientFrame", SAID_BY_CLIENT[name])
    assert not by_schema("ClientFrame", {**SAID_BY_CLIENT[name], "user_id": "65a000000000000000000001"})


@pytest.mark.parametrize("exchange", EXAMPLES["operations"], ids=lambda exchange: exchange["request"]["op"])
def test_an_operation_and_its_reply_belong_together(exchange: Any) -> None:
    assert by_schema("Exchange", exchange)
    assert by_schema("Exchange", {**exchange, "reply": EXAMPLES["refusals"][0]})
    assert not by_schema("Exchange", {**exchange, "reply": EXAMPLES["events"][0]})
    ANSWER_FRAMES[exchange["request"]["op"]].model_validate_json(json.dumps(exchange["reply"]))


def test_the_batch_fits_schema_and_types() -> None:
    assert by_schema("ServerFrame", BATCH)
    assert by_types(BATCH)


def test_batches_hold_any_frames_but_batches() -> None:
    several = list(SAID_BY_SERVER.values())
    assert by_schema("ServerFrame", {"batch": several})
    assert by_types({"batch": several})
    for wrong in ({"batch": several[:1]}, {"batch": [*several, {"batch": several}]}):
        assert not by_schema("ServerFrame", wrong)
        assert not by_types(wrong)


@pytest.mark.parametrize("event", every_event(), ids=lambda event: event.type)
def test_what_the_rules_tell_fits(event: Event) -> None:
    frame = {"seq": 1, "at": 1764000000000, "type": event.type, "data": shown(event.data)}
    EVENT_FRAMES[event.type].model_validate_json(json.dumps(frame))
    assert by_schema("ServerFrame", frame)


@pytest.mark.parametrize("card", CARDS, ids=["recipe", "restaurant", "restaurant nearby"])
def test_cards_of_the_catalogue_fit(card: dict[str, Any]) -> None:
    outcome = {"kind": "match", "items": [card], "decided_at": "2025-11-24T16:02:10.000Z"}
    assert by_schema("MatchOutcome", outcome)
    EVENTS["matched"].model_validate_json(json.dumps({"outcome": outcome}))


def test_progress_as_it_is_told_fits() -> None:
    frame = json.loads(progress_frame(ObjectId(), 1, 3))
    assert by_schema("SwipedEvent", frame)
    assert by_types(frame)


def test_every_event_has_an_example_and_is_numbered_as_there() -> None:
    numbered = {shown["type"]: "seq" in shown for shown in EXAMPLES["events"]}
    assert numbered == {kind: told.numbered for kind, told in EVENTS.items()}


def test_every_operation_has_an_answer_and_an_example() -> None:
    shown_ones = {exchange["request"]["op"] for exchange in EXAMPLES["operations"]}
    assert set(OPERATIONS) == set(ANSWERS) == shown_ones


def test_close_codes_are_those_of_the_page() -> None:
    page = (ROOT / "docs/live-protocol.md").read_text()
    rows = re.findall(r"^\| (\d{4}) \| (.+?) \| (.+?) \|$", page, flags=re.MULTILINE)
    assert {int(code): (meaning, reaction) for code, meaning, reaction in rows} == CLOSE_CODES
    assert set(map(int, EXAMPLES["close_codes"])) <= set(CLOSE_CODES)
    assert all(by_schema("CloseCode", code) for code in CLOSE_CODES)
    assert not by_schema("CloseCode", 4499)
