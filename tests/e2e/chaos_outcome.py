"""Whether a session of the chaos was played and decided rightly, by what lies in MongoDB alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from tests.e2e.chaos_fold import (
    Entry,
    first_placed,
    in_order,
    likers,
    opinions,
    personal_deck,
    ranked,
)

_SHORTLIST = 5
_CLOSEST = 3
# Between the count that found a match and the match, a like may have been withdrawn; a database may stand still then.
_DECIDING = timedelta(seconds=4)


class Evening:
    """A session as it lies in MongoDB."""

    def __init__(self, record: Entry, log: Sequence[Entry]) -> None:
        self.record = record
        self.log = log
        self.round: int = record["round"]
        self.deck = [str(item) for item in record["deck"]]
        self.reserve = [str(item) for item in record["reserve"]]
        self.players = [
            str(p["user_id"]) for p in record["participants"] if not p["left"] and not p["spectator"]
        ]
        gone = {str(p["user_id"]) for p in record["participants"] if p["gone"]}
        self.required = set(self.players) - gone

    @property
    def quorate(self) -> bool:
        """Whether enough are there to decide anything."""
        return len(self.required) >= 2 and 2 * len(self.required) > len(self.players)

    @property
    def cards(self) -> list[str]:
        """Everything that could be decided on."""
        return self.deck if self.round == 1 else self.deck + self.reserve

    @property
    def last_round_counted(self) -> bool:
        """Whether the last round came to its end, rather than being cut short by a match."""
        return bool(self.record["closing"])

    def counted(self, rounds: int) -> list[Entry]:
        """The entries that counted in the first rounds."""
        return [entry for entry in self.log if entry["r"] <= rounds and self.has_counted(entry)]

    def has_counted(self, entry: Entry) -> bool:
        """Whether an entry has the stamp of a count that decided its round."""
        return not set(self.record["counts"]).isdisjoint(entry.get("n", ()))

    def was_counted(self, number: int) -> bool:
        """Whether a round was counted."""
        return number < self.round or self.last_round_counted


def flaws_of_evening(evening: Evening) -> Iterator[str]:
    """What is wrong with the decks and the outcome."""
    outcome = evening.record["outcome"]
    if outcome is None:
        yield f"there is no outcome: the session is {evening.record['status']}"
        return
    if evening.record["pending"]:
        yield f"something was never announced: {evening.record['pending']}"
    if evening.record["status"] != {"match": "matched", "closest": "closest"}[outcome["kind"]]:
        yield f"the session is {evening.record['status']} with {outcome}"
    yield from _of_decks(evening)
    decided = [str(item) for item in outcome["items"]]
    if outcome["kind"] == "closest":
        yield from _of_closest(evening, decided, [str(item) for item in outcome["tied"]])
    elif not evening.quorate:
        yield f"a match was made by {evening.required} of {evening.players}"
    elif evening.last_round_counted:
        yield from _of_counted_match(evening, decided[0])
    else:
        yield from _of_instant_match(evening, decided[0])


def _of_decks(evening: Evening) -> Iterator[str]:
    """Round 2 and 3 deal what the rounds before have left."""
    if evening.round == 1:
        return
    first = evening.counted(1)
    for participant in evening.record["participants"]:
        me = str(participant["user_id"])
        dealt = [str(item) for item in participant["own_deck"]]
        expected = personal_deck(me, evening.deck, evening.reserve, first)
        if dealt != expected:
            yield f"{me} was dealt {dealt} in round 2, by the log it is {expected}"
    shortlist = [str(item) for item in evening.record["shortlist"]]
    expected = ranked(evening.deck + evening.reserve, opinions(evening.counted(2)))[:_SHORTLIST]
    if evening.round == 3 and shortlist != expected:
        yield f"round 3 was about {shortlist}, by the log it is {expected}"


def _of_closest(evening: Evening, decided: list[str], tied: list[str]) -> Iterator[str]:
    held = opinions(evening.counted(evening.round))
    expected = ranked(evening.cards, held)[:_CLOSEST]
    if decided != expected:
        yield f"the closest are {decided}, by the log {expected}"
    first = [item for item in first_placed(evening.cards, held) if item in expected]
    if tied != (first if len(first) > 1 else []):
        yield f"{tied} share the first place, by the log {first}"
    if evening.quorate:
        for item in evening.cards:
            if evening.required <= likers(held, item):
                yield f"no match although all like {item}"


def _of_counted_match(evening: Evening, decided: str) -> Iterator[str]:
    held = opinions(evening.counted(evening.round))
    liked_by_all = [item for item in evening.cards if evening.required <= likers(held, item)]
    if decided not in liked_by_all[:1]:
        yield f"{decided} was matched by a count that found {liked_by_all}"


def _of_instant_match(evening: Evening, decided: str) -> Iterator[str]:
    """Everybody's like must have stood when the match was made, or moments before."""
    decided_at = evening.record["outcome"]["decided_at"].timestamp() * 1e6
    earliest = decided_at - _DECIDING / timedelta(microseconds=1)
    before = evening.counted(evening.round - 1)
    now = [entry for entry in evening.log if entry["r"] == evening.round]
    moments = [
        earliest,
        *(entry["t"] for entry in in_order(now) if earliest < entry["t"] <= decided_at + 1000),
    ]
    liked: set[str] = set()
    for moment in moments:
        liked |= likers(opinions([*before, *(e for e in now if e["t"] <= moment)]), decided)
    if lacking := evening.required - liked:
        yield f"{decided} was matched without a like of {lacking}"
