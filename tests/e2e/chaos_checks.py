"""What must be true after the chaos, by MongoDB, by HTTP, and by what the clients were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from bson import ObjectId
from pymongo.database import Database

from tests.e2e.chaos_client import ShakyClient
from tests.e2e.chaos_fold import Entry, standing_swipes, wrong_undos
from tests.e2e.chaos_line import Operation
from tests.e2e.chaos_outcome import Evening, flaws_of_evening
from tests.e2e.chaos_story import flaws_of_story
from tests.e2e.chaos_view import Belief

# Written in time, counted too late: the one refusal after which a swipe may lie in the log.
_TOO_LATE = "round_over"
_MOST_REMEMBERED = 50
_IN_THE_LOG = {"swipe", "undo"}


def flaws_of(clients: Sequence[ShakyClient], database: Database[Entry]) -> list[str]:
    """Everything that is wrong with one session after the chaos, in words."""
    session_id = ObjectId(clients[0].session_id)
    record = database.sessions.find_one({"_id": session_id})
    assert record is not None
    remembered = max(map(len, record["carried_out"].values()))
    assert remembered < _MOST_REMEMBERED, "the storm is larger than what a session remembers of somebody"
    evening = Evening(record, list(database.swipes.find({"s": session_id})))
    messages = list(database.messages.find({"session_id": session_id}))
    found = [flaw for client in clients for flaw in _of_one(client, evening, messages)]
    found += flaws_of_story(clients)
    found += flaws_of_evening(evening)
    found += _of_the_coin(clients, record)
    return [f"session {session_id}: {flaw}" for flaw in found]


def _of_one(client: ShakyClient, evening: Evening, messages: Sequence[Entry]) -> Iterator[str]:
    who = client.person.name
    mine = [entry for entry in evening.log if str(entry["p"]) == client.person.id]
    said = [message for message in messages if str(message["participant_id"]) == client.person.id]
    for flaw in (
        *client.view.flaws,
        *_of_belief(client),
        *_of_progress(client, evening, mine),
        *_of_swipes([o for o in client.operations if o.name in _IN_THE_LOG], mine, evening),
        *_of_undos(mine),
        *_of_messages(client, said),
        *_of_outcomes(client, evening.record["outcome"]),
    ):
        yield f"{who}: {flaw}"


def _of_belief(client: ShakyClient) -> Iterator[str]:
    """What a client was told, piece by piece, is what the server says when it is asked for the whole."""
    truth = client.person.get(f"/sessions/{client.session_id}")
    here = (client.view.epoch, client.view.seq)
    if here != (truth["epoch"], truth["seq"]):
        yield f"believes to be at {here}, the server is at {truth['epoch']}, {truth['seq']}"
    yield from client.view.now.differences(Belief.of(truth))
    page = client.person.get(f"/sessions/{client.session_id}/messages?limit=100")
    told = {one["id"]: (one["participant_id"], one["text"]) for one in page["items"]}
    if client.view.messages != told:
        yield f"heard {client.view.messages}, said was {told}"


def _of_progress(client: ShakyClient, evening: Evening, mine: Sequence[Entry]) -> Iterator[str]:
    in_round = standing_swipes(entry for entry in mine if entry["r"] == evening.round)
    cards = {entry["i"] for entry in in_round}
    if client.view.now.swiped[client.person.id] != len(cards):
        yield f"is told to have swiped {client.view.now.swiped[client.person.id]} cards, by the log {len(cards)}"


def _of_swipes(operations: Iterable[Operation], mine: Sequence[Entry], evening: Evening) -> Iterator[str]:
    """Every acknowledged swipe and undo is in the log, exactly once, and counts; what was refused does not."""
    sent = {operation.id: operation for operation in operations}
    written = Counter(entry["o"] for entry in mine)
    yield from (f"{op_id} is {times} times in the log" for op_id, times in written.items() if times > 1)
    yield from (f"{op_id} was never sent" for op_id in written.keys() - sent.keys())
    entries = {entry["o"]: entry for entry in mine}
    for operation in sent.values():
        entry = entries.get(operation.id)
        if operation.accepted:
            yield from _of_accepted(operation, entry, evening)
        elif entry is not None:
            if evening.has_counted(entry):
                yield f"{operation} was refused and counts all the same: {entry}"
            # Of two copies, one may be refused in the moment in which the other is being written.
            if operation.copies == 1 and operation.refusal != _TOO_LATE:
                yield f"{operation} was refused and is in the log: {entry}"


def _of_accepted(operation: Operation, entry: Entry | None, evening: Evening) -> Iterator[str]:
    assert operation.reply is not None
    item = operation.reply["data"]["item"]
    way = operation.told.get("direction", "undo")
    if entry is None or (str(entry["i"]), entry["d"]) != (item, way):
        yield f"{operation} was acknowledged, in the log is {entry}"
    elif evening.was_counted(entry["r"]) and not evening.has_counted(entry):
        yield f"{operation} was acknowledged and did not count: {entry}"


def _of_undos(mine: Sequence[Entry]) -> Iterator[str]:
    for number in {entry["r"] for entry in mine}:
        for wrong in wrong_undos(entry for entry in mine if entry["r"] == number):
            yield f"an undo took back something else than the last swipe: {wrong}"


def _of_messages(client: ShakyClient, said: Sequence[Entry]) -> Iterator[str]:
    """Each message is there once, under the id that the reply told."""
    chats = {operation.id: operation for operation in client.operations if operation.name == "chat"}
    kept = Counter(message["op_id"] for message in said)
    if kept != Counter(chats.keys()):
        yield f"said {sorted(chats)}, kept is {kept}"
    for message in said:
        operation = chats.get(message["op_id"])
        told = operation.reply["data"]["message_id"] if operation and operation.accepted else None
        if told != str(message["_id"]) or operation.told["text"] != message["text"]:
            yield f"{operation} became {message}"


def _of_outcomes(client: ShakyClient, outcome: Entry | None) -> Iterator[str]:
    """Nobody was ever told another outcome than the one in MongoDB, nor another side of the coin."""
    for told in client.view.outcomes if outcome else ():
        items = [card["id"] for card in told["items"]]
        if (told["kind"], items) != (outcome["kind"], [str(item) for item in outcome["items"]]):
            yield f"was told the outcome {told}, in MongoDB it is {outcome}"
        if told.get("tossed") not in {None, str(outcome["tossed"])}:
            yield f"was told that the coin says {told['tossed']}, in MongoDB it is {outcome['tossed']}"


def _of_the_coin(clients: Sequence[ShakyClient], record: Entry) -> Iterator[str]:
    """It fell where cards were tied, on one of them, at the host's wish alone."""
    outcome = record["outcome"] or {}
    tied, tossed = outcome.get("tied", []), outcome.get("tossed")
    if bool(tied) != (tossed is not None) or (tossed and tossed not in tied):
        yield f"the coin says {tossed} of {tied}"
    for client in clients:
        for toss in (operation for operation in client.operations if operation.name == "toss"):
            is_host = client.person.id == str(record["host_id"])
            if toss.accepted != is_host or (is_host and toss.reply["data"] != {"item": str(tossed)}):
                yield f"{client.person.name} asked for the coin that says {tossed}: {toss.reply}"
