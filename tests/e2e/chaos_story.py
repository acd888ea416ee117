"""Whether the events of a session make one story: the same for all, each thing told once, in an order that can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tests.e2e.chaos_client import ShakyClient
from tests.e2e.chaos_view import Frame

Story = dict[tuple[str, int], Frame]
"""Every event by where it stands: epoch and number."""

_ROUNDING_MS = 2
# By type of event: what of its data may be told once in an epoch.
_ONCE = {
    "energy_voted": ("participant_id",),
    "round_started": ("round",),
    "round_ended": ("round",),
    "matched": (),
    "closest": (),
    "coin_tossed": (),
    "chat": ("message_id",),
}


def flaws_of_story(clients: Sequence[ShakyClient]) -> Iterator[str]:
    """What is wrong with what the clients of one session were told."""
    story: Story = {}
    for client in clients:
        for place, event in client.view.numbered.items():
            if story.setdefault(place, event) != event:
                yield f"number {place} is {story[place]} for one and {event} for {client.person.name}"
    for epoch in {epoch for epoch, _ in story}:
        told = [event for (its, _), event in sorted(story.items()) if its == epoch]
        yield from _of_repetitions(told)
        yield from _of_alternation(told)
        yield from _of_motions(told)
        yield from _of_pauses(told)
    yield from _of_votes(clients, story)


def _of_repetitions(events: Sequence[Frame]) -> Iterator[str]:
    told = Counter(
        (event["type"], *(event["data"][name] for name in _ONCE[event["type"]]))
        for event in events
        if event["type"] in _ONCE
    )
    yield from (f"told {times} times: {what}" for what, times in told.items() if times > 1)
    if told["matched",] + told["closest",] > 1:
        yield "two outcomes were told"


def _of_alternation(events: Sequence[Frame]) -> Iterator[str]:
    """Who is ready can only become unready, who is gone only come back, what stands only go on."""
    last: dict[tuple[str, str], str | bool] = {}
    for event in events:
        told = event["data"]
        match event["type"]:
            case "ready_changed":
                now = ("ready", told["participant_id"]), told["ready"]
            case "participant_gone" | "participant_back" as kind:
                now = ("there", told["participant_id"]), kind
            case "paused" | "resumed" as kind:
                now = ("clock", ""), kind
            case "round_started":
                last.pop(("clock", ""), None)
                continue
            case _:
                continue
        if last.get(now[0]) == now[1]:
            yield f"took effect twice: {event}"
        last[now[0]] = now[1]


def _of_motions(events: Sequence[Frame]) -> Iterator[str]:
    """Nobody votes twice on a motion, and none passes without its majority."""
    latest: dict[str, Frame] = {}
    for event in events:
        told = event["data"]
        if event["type"] in {"motion_opened", "motion_voted"}:
            latest[told["motion"]] = told
            voters = told["in_favour"] + told["against"]
            if len(set(voters)) < len(voters):
                yield f"somebody voted twice: {told}"
        elif event["type"] == "motion_passed":
            known = latest.get(told["motion"])
            if known and len(known["in_favour"]) < known["needed"]:
                yield f"passed without a majority: {known}"


def _of_pauses(events: Sequence[Frame]) -> Iterator[str]:
    """The clock stands exactly: what was left when it stopped is left when it goes on."""
    ends_at: str | None = None
    left: int | None = None
    for event in events:
        told = event["data"]
        match event["type"]:
            case "round_started":
                ends_at, left = told["ends_at"], None
            case "paused":
                left = told["remaining_ms"]
                if ends_at and abs(_milliseconds(ends_at) - event["at"] - left) > _ROUNDING_MS:
                    yield f"the round was to end at {ends_at}, then {event}"
            case "resumed":
                ends_at = told["ends_at"]
                if left is not None and abs(_milliseconds(ends_at) - event["at"] - left) > _ROUNDING_MS:
                    yield f"there were {left} ms left, then {event}"


def _of_votes(clients: Sequence[ShakyClient], story: Mapping[tuple[str, int], Frame]) -> Iterator[str]:
    """Every vote that was seen to change was asked for: nobody's vote took effect more often than it was given."""
    changes: Counter[tuple[str, str, bool]] = Counter()
    known: dict[str, tuple[set[str], set[str]]] = {}
    epoch = ""
    for (its, _), event in sorted(story.items()):
        if its != epoch:
            epoch, known = its, {}
        told = event["data"]
        if event["type"] in {"round_started", "paused", "resumed"}:
            known = {}
        elif event["type"] in {"motion_opened", "motion_voted"}:
            before = (
                known.get(told["motion"], (set(), set()))
                if event["type"] == "motion_voted"
                else (set(), set())
            )
            now = (set(told["in_favour"]), set(told["against"]))
            if event["type"] == "motion_opened" or told["motion"] in known:
                for side, in_favour in enumerate((True, False)):
                    for who in now[side] - before[side]:
                        changes[who, told["motion"], in_favour] += 1
            known[told["motion"]] = now
    given = Counter(
        (client.person.id, operation.told["motion"], operation.told["in_favour"])
        for client in clients
        for operation in client.operations
        if operation.name == "vote" and (operation.accepted or operation.copies > 1)
    )
    for vote, times in changes.items():
        if times > given[vote]:
            yield f"the vote {vote} took effect {times} times and was given {given[vote]} times"


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
