"""Frames: the published examples are understood, everything else is refused without an exception."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.net import events, frames
from client.net.event_reading import EVENT_TYPES
from client.net.fields import Fields
from client.net.reading import read_messages, read_snapshot
from client.net.values import ChatMessage, Energy, Motion, Pause, Votes
from tests.client.net.examples import ANA, BEN, EVENTS, EXAMPLES, SESSION, event, snapshot

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def parse_one(frame: Any) -> frames.Frame:
    (parsed,) = frames.parse(json.dumps(frame))
    return parsed


def test_hello_is_written_as_published() -> None:
    assert json.loads(frames.hello("an.access.token", SESSION, None)) == EXAMPLES["hello"]
    assert json.loads(frames.hello("an.access.token", SESSION, ("1", 2))) == EXAMPLES["hello_resuming"]
    assert json.loads(frames.hello("an.access.token", None, None)) == EXAMPLES["hello_to_inbox"]


@pytest.mark.parametrize("example", EXAMPLES["operations"], ids=lambda example: example["request"]["op"])
def test_operations_are_written_and_their_replies_read_as_published(example: dict[str, Any]) -> None:
    request = example["request"]
    if request["op"] == "reauth":
        written = frames.reauth(request["id"], request["token"])
    else:
        written = frames.operation(request["id"], request["op"], request["data"])
    assert json.loads(written) == request
    reply = parse_one(example["reply"])
    assert isinstance(reply, frames.Reply)
    assert (reply.op_id, dict(reply.data), reply.error_code) == (
        request["id"],
        example["reply"]["data"],
        None,
    )


def test_refusals_are_read_as_published() -> None:
    final, for_now = (parse_one(example) for example in EXAMPLES["refusals"])
    assert isinstance(final, frames.Reply)
    assert isinstance(for_now, frames.Reply)
    assert (final.error_code, final.retry_after) == ("unknown_item", None)
    assert final.detail.endswith(".")
    assert (for_now.error_code, for_now.retry_after) == ("busy", 1.5)


def test_the_welcomes_are_read_as_published() -> None:
    fresh, resumed = parse_one(EXAMPLES["welcome"]), parse_one(EXAMPLES["welcome_resumed"])
    assert isinstance(fresh, frames.Welcome)
    assert isinstance(resumed, frames.Welcome)
    assert fresh.snapshot is not None
    assert (fresh.you, fresh.epoch, fresh.seq, fresh.heartbeat) == (BEN, "1", 2, 25)
    assert [person.display_name for person in fresh.snapshot.participants] == ["Ana", "Ben"]
    assert fresh.snapshot.server_now == fresh.at == 1764000000.0
    assert (resumed.resumed, resumed.snapshot, resumed.seq) == (True, None, 7)


@pytest.mark.parametrize("example", EVENTS, ids=lambda example: example["type"])
def test_events_are_read_as_published(example: dict[str, Any]) -> None:
    parsed = parse_one(example)
    assert isinstance(parsed, events.Event)
    assert not isinstance(parsed.body, events.UnknownEvent)
    assert (parsed.seq, parsed.at) == (example.get("seq"), example["at"] / 1000)


def test_every_event_type_has_an_example() -> None:
    assert {example["type"] for example in EVENTS} == EVENT_TYPES


def test_an_inbox_welcomes_without_a_session() -> None:
    assert parse_one(EXAMPLES["welcome_to_inbox"]) == frames.InboxWelcome(1764000000.0, BEN, 25)


def test_what_events_say() -> None:
    said = {
        example["type"]: parsed.body
        for example in EVENTS
        if isinstance(parsed := parse_one(example), events.Event)
    }
    assert said["energy_result"] == events.EnergyResult(Energy("low", Votes(1, 1, 0)))
    assert said["ready_changed"] == events.ReadyChanged(BEN, ready=True, starts_at=1764000003.0)
    assert said["progress"] == events.Progress(1, {ANA: 2, BEN: 1}, {ANA: "connected", BEN: "connected"})
    assert said["participant_left"] == events.ParticipantLeft(ANA, (BEN,), BEN, None)
    assert isinstance(said["notification"], events.Notified)
    told = said["notification"].notification
    assert (told.kind, told.about["code"], told.read) == ("session_started", "K7M2QX", False)
    assert told.created_at == 1764000000.0
    assert isinstance(said["closest"], events.Decided)
    assert [card.kind for card in said["closest"].outcome.items] == ["recipe", "restaurant"]


def test_what_the_events_of_later_rounds_say() -> None:
    def body(kind: str, **content: Any) -> events.EventBody:
        parsed = parse_one(event(3, kind, **content))
        assert isinstance(parsed, events.Event), parsed
        return parsed.body

    motion = Motion("skip_round", ANA, (ANA,), (BEN,), 2)
    content = {"motion": "skip_round", "opened_by": ANA, "in_favour": [ANA], "against": [BEN], "needed": 2}
    assert body("motion_opened", **content) == events.MotionChanged(motion)
    assert body("motion_voted", **content) == events.MotionChanged(motion)
    assert body("motion_passed", motion="end_now") == events.MotionClosed("end_now", passed=True)
    assert body("motion_failed", motion="end_now") == events.MotionClosed("end_now", passed=False)
    paused = body("paused", reason="majority_away", remaining_ms=61_500)
    assert paused == events.Paused(Pause("majority_away", 61.5))
    assert body("resumed", ends_at="2025-11-24T16:00:00.000Z") == events.Resumed(1764000000.0)
    gone = {"participant_id": BEN, "required": [ANA], "starts_at": None}
    assert body("participant_gone", **gone) == events.ParticipantGone(BEN, (ANA,), None)
    assert body("participant_back", **gone) == events.ParticipantBack(BEN, (ANA,), None)
    assert body("coin_tossed", item="c", among=["c", "d"]) == events.CoinTossed("c", ("c", "d"))
    chat = body("chat", message_id="m", participant_id=ANA, text="Tacos?")
    assert chat == events.Said("m", ANA, "Tacos?")
    assert body("reaction", participant_id=ANA, emoji="🔥") == events.Reacted(ANA, "🔥")
    assert body("swiped", participant_id=ANA, swiped=4, round=2) == events.Swiped(ANA, 2, 4)
    started = body("round_started", round=2, deck=[], deck_sizes={ANA: 3, BEN: 4})
    assert isinstance(started, events.RoundStarted)
    assert (started.round, started.deck, started.deck_sizes) == (2, (), {ANA: 3, BEN: 4})


def test_what_a_snapshot_of_a_later_round_says() -> None:
    person = {
        **EXAMPLES["welcome"]["data"]["snapshot"]["participants"][0],
        "status": "gone",
        "spectator": True,
    }
    motion = {"motion": "resume", "opened_by": ANA, "in_favour": [ANA], "against": [], "needed": 2}
    changes = {
        "status": "paused",
        "round_seconds": [300, 180, 60],
        "pause": {"reason": "vote", "remaining_ms": 90_000},
        "motions": [motion],
        "participants": [person],
    }
    told = read_snapshot(Fields(snapshot(**changes), "snapshot"))
    assert (told.status, told.round_seconds, told.pause) == ("paused", (300, 180, 60), Pause("vote", 90.0))
    assert told.motions == (Motion("resume", ANA, (ANA,), (), 2),)
    assert (told.participants[0].status, told.participants[0].spectator) == ("gone", True)


def test_messages_come_newest_first_and_are_read_oldest_first() -> None:
    def said(number: int) -> dict[str, Any]:
        at = f"2025-11-24T16:00:0{number}.000Z"
        return {"id": f"m{number}", "participant_id": ANA, "text": "Tacos?", "at": at}

    page = {"items": [said(2), said(1)], "page": 1, "limit": 100, "total": 2, "has_more": False}
    assert read_messages(Fields(page, "answer")) == (
        ChatMessage("m1", ANA, "Tacos?", 1764000001.0),
        ChatMessage("m2", ANA, "Tacos?", 1764000002.0),
    )


def test_a_batch_is_read_in_order_and_one_bad_frame_spoils_no_other() -> None:
    good = EXAMPLES["batch"]["batch"]
    parsed = frames.parse(json.dumps({"batch": [good[0], {"seq": 9, "type": 3}, *good[1:]]}))
    kinds = [type(frame) for frame in parsed]
    assert kinds == [frames.Reply, frames.Malformed, events.Event, events.Event]
    assert parsed[1] == frames.Malformed("frame.batch[1].type is not text", 9)


def test_a_later_servers_event_is_unknown_but_counted() -> None:
    parsed = parse_one({"seq": 4, "at": 1, "type": "fireworks", "data": {"colour": "red"}})
    assert parsed == events.Event(4, 0.001, events.UnknownEvent("fireworks"))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"round": 1.5}, "frame.data.round is not a whole number"),
        ({"round": True}, "frame.data.round is not a whole number"),
        ({"ends_at": "soon"}, "frame.data.ends_at is not a time in ISO 8601 with its zone"),
        ({"ends_at": "2025-11-24T16:00:00"}, "frame.data.ends_at is not a time in ISO 8601 with its zone"),
        ({"deck": ["a", 1]}, "frame.data.deck is not a list of texts"),
        ({"deck_sizes": {"a": "three"}}, "frame.data.deck_sizes.a is not a whole number"),
        (
            {"energy": {"level": "wild", "votes": {}}},
            "frame.data.energy.level is not one of high, low, medium",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(change: dict[str, Any], problem: str) -> None:
    assert parse_one(event(3, "round_started", **change)) == frames.Malformed(problem, 3)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_no_bytes_raise(garbage: bytes | str) -> None:
    assert frames.parse(garbage)


@given(JSON)
def test_no_json_raises(content: Any) -> None:
    frames.parse(json.dumps(content))


@given(st.data())
def test_no_damage_to_a_real_frame_raises(data: st.DataObject) -> None:
    """One field anywhere in a published frame is replaced by anything."""
    whole = [*EVENTS, EXAMPLES["welcome"], EXAMPLES["batch"], *EXAMPLES["refusals"]]
    frame = json.loads(json.dumps(data.draw(st.sampled_from(whole))))
    spot = frame
    while True:
        keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
        key = data.draw(st.sampled_from(keys))
        inner = spot[key]
        if isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
            spot = inner
            continue
        spot[key] = data.draw(JSON)
        break
    frames.parse(json.dumps(frame))
