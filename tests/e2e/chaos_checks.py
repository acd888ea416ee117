"""What must be true after the chaos, by MongoDB, by `GET /sessions/ID`, and by what the clients were told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from tests.e2e.chaos_client import Operation, ShakyClient
from tests.e2e.chaos_view import Frame

_LIKE = "right"
# Written in time, counted too late: the one refusal after which a swipe may lie in the log.
_TOO_LATE = "round_over"

Entry = dict[str, Any]


def flaws_of(clients: Sequence[ShakyClient], database: Database[Entry]) -> list[str]:
    """Everything that is wrong with one session after the chaos, in words."""
    session_id = ObjectId(clients[0].session_id)
    record = database.sessions.find_one({"_id": session_id})
    log = list(database.swipes.find({"s": session_id}))
    assert record is not None
    found = [flaw for client in clients for flaw in _of_one(client, log)]
    found += _of_the_story(clients)
    found += _of_the_outcome(clients, record, log)
    return [f"session {session_id}: {flaw}" for flaw in found]


def _of_one(client: ShakyClient, log: Iterable[Entry]) -> Iterator[str]:
    who = client.person.name
    yield from (f"{who}: {flaw}" for flaw in client.view.flaws)
    mine = [entry for entry in log if str(entry["p"]) == client.person.id]
    truth = client.person.get(f"/sessions/{client.session_id}")
    for name in ("epoch", "seq", "status", "outcome"):
        if truth[name] != getattr(client.view, name):
            yield f"{who} believes {name} {getattr(client.view, name)}, the server says {truth[name]}"
    for name in ("ready", "swiped"):
        told = {participant["id"]: participant[name] for participant in truth["participants"]}
        if told != getattr(client.view, name):
            yield f"{who} believes {name} {getattr(client.view, name)}, the server says {told}"
    swiped = next(p["swiped"] for p in truth["participants"] if p["id"] == client.person.id)
    if swiped != len({entry["i"] for entry in mine}):
        yield f"{who} has swiped {swiped} cards by the server's word and other ones by the log"
    yield from (f"{who}: {flaw}" for flaw in _of_swipes(client.operations, mine))


def _of_swipes(operations: Iterable[Operation], mine: Sequence[Entry]) -> Iterator[str]:
    """Every acknowledged swipe is in the log, exactly once, and nothing else is."""
    swipes = {operation.id: operation for operation in operations if operation.name == "swipe"}
    written = Counter(entry["o"] for entry in mine)
    yield from (f"swipe {op_id} is {times} times in the log" for op_id, times in written.items() if times > 1)
    yield from (f"swipe {op_id} was never sent" for op_id in written.keys() - swipes.keys())
    entries = {entry["o"]: (str(entry["i"]), entry["d"]) for entry in mine}
    for op_id, swipe in swipes.items():
        if swipe.accepted and entries.get(op_id) != (swipe.told["item"], swipe.told["direction"]):
            yield f"acknowledged swipe {op_id} {swipe.told} is {entries.get(op_id)} in the log"
        # Of two copies, one may be refused in the moment in which the other is being written.
        if op_id in entries and not swipe.accepted and swipe.copies == 1 and _code(swipe) != _TOO_LATE:
            yield f"swipe {op_id} is in the log although it was refused: {swipe.reply}"


def _of_the_story(clients: Sequence[ShakyClient]) -> Iterator[str]:
    """One story for all: the same event under the same number, and each thing told once."""
    story: dict[tuple[str, int], Frame] = {}
    for client in clients:
        for place, event in client.view.numbered.items():
            if story.setdefault(place, event) != event:
                yield f"number {place} is {story[place]} for one and {event} for {client.person.name}"
    ready: dict[tuple[str, str], bool] = {}
    once: Counter[tuple[str, ...]] = Counter()
    for (epoch, _), event in sorted(story.items()):
        told = event["data"]
        match event["type"]:
            case "ready_changed":
                key = (epoch, told["participant_id"])
                if ready.get(key) == told["ready"]:
                    yield f"a ready of {key[1]} took effect twice in epoch {epoch}"
                ready[key] = told["ready"]
            case "energy_voted":
                once[epoch, "energy_voted", told["participant_id"]] += 1
            case "round_started" | "round_ended" as kind:
                once[epoch, kind, str(told["round"])] += 1
            case "matched" | "closest":
                once[epoch, "outcome"] += 1
    yield from (f"told {times} times: {what}" for what, times in once.items() if times > 1)


def _of_the_outcome(clients: Sequence[ShakyClient], record: Entry, log: Sequence[Entry]) -> Iterator[str]:
    """One outcome, the one in MongoDB; a match if and only if all like a card."""
    outcome = record["outcome"]
    if outcome is None:
        yield f"there is no outcome: the session is {record['status']}"
        return
    decided = [str(item) for item in outcome["items"]]
    for client in clients:
        for told in client.view.outcomes:
            if [card["id"] for card in told["items"]] != decided or told["kind"] != outcome["kind"]:
                yield f"{client.person.name} was told the outcome {told}, in MongoDB it is {outcome}"
    if record["pending"]:
        yield f"something was never announced: {record['pending']}"
    required = {str(p["user_id"]) for p in record["participants"] if not p["left"]}
    if outcome["kind"] == "match":
        lacking = required - _likers(log)[decided[0]]
        if lacking:
            yield f"{decided[0]} was matched without a like of {lacking}"
        return
    accepted = {(c.person.id, o.id) for c in clients for o in c.operations if o.accepted}
    for item, likers in _likers(e for e in log if (str(e["p"]), e["o"]) in accepted).items():
        if likers >= required:
            yield f"no match although all like {item}"


def _likers(log: Iterable[Entry]) -> defaultdict[str, set[str]]:
    """Who likes which card, by each participant's last word."""
    last = {(str(e["i"]), str(e["p"])): e["d"] for e in sorted(log, key=lambda entry: entry["t"])}
    likers: defaultdict[str, set[str]] = defaultdict(set)
    for (item, who), direction in last.items():
        if direction == _LIKE:
            likers[item].add(who)
    return likers


def _code(operation: Operation) -> str:
    return operation.reply["error"]["code"] if operation.reply else ""
