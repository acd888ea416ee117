"""The sessions of the chaos: who sits there, how long it lasts, what they like and will ask the others for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tests.e2e.person import Person

_MOTIONS = {
    1: ("pause", "skip_round", None, None),
    2: ("pause", "skip_round", None, None),
    3: ("pause", "end_now", "end_now", None),
}


@dataclass(frozen=True)
class Game:
    """A kind of session.

    Attributes:
        agreed: on how many cards of the first deck everybody is of one opinion.
        rounds: their lengths in seconds. A decision that dies with its process is made when the round is counted.
        lively: whether people ask each other for things, take swipes back, and are away for long.
    """

    people: int
    agreed: int
    deck_size: int
    rounds: tuple[int, ...]
    lively: bool = True


GAMES = (
    Game(people=4, agreed=1, deck_size=20, rounds=(20,), lively=False),
    Game(people=3, agreed=3, deck_size=20, rounds=(20,), lively=False),
    Game(people=4, agreed=0, deck_size=10, rounds=(6, 6, 6)),
    Game(people=3, agreed=0, deck_size=8, rounds=(6, 6, 6)),
    Game(people=2, agreed=0, deck_size=8, rounds=(6, 6, 6)),
)


class Table:
    """A session and its people."""

    def __init__(self, game: Game, people: Sequence[Person], seed: str) -> None:
        host, *guests = people
        session = host.post("/sessions", {"deck_size": game.deck_size, "rounds": list(game.rounds)})
        for guest in guests:
            guest.post("/sessions/join", {"code": session["code"]})
        self.session_id: str = session["id"]
        self.people = people
        self.game = game
        self._seed = seed
        self._agreed: frozenset[str] | None = None
        self._prepared = 0
        self.all_prepared = asyncio.Event()
        chance = Random(f"{seed} plans")
        rounds = range(1, len(game.rounds) + 1) if game.lively else ()
        self._askers = {
            number: (chance.randrange(game.people), chance.choice(_MOTIONS[number])) for number in rounds
        }
        self._wanderer = (
            (chance.randrange(game.people), chance.choice([1, 2, None])) if game.lively else (0, None)
        )

    def place(self, person: Person) -> int:
        """Where somebody sits; the host sits at 0."""
        return self.people.index(person)

    def prepared(self) -> None:
        """One more is done with the lobby."""
        self._prepared += 1
        if self._prepared == len(self.people):
            self.all_prepared.set()

    def agreed_cards(self, deck: Sequence[str]) -> frozenset[str]:
        """The cards that everybody likes, drawn from the first deck that anybody asks about."""
        if self._agreed is None:
            self._agreed = frozenset(Random(self._seed).sample(deck, self.game.agreed))
        return self._agreed

    def ways(self, item: str, place: int) -> list[str]:
        """In which directions somebody may swipe a card. Of every card that is not agreed somebody is not fond."""
        if self._agreed and item in self._agreed:
            return ["right"]
        if Random(f"{self._seed} {item}").randrange(len(self.people)) == place:
            return ["left", "up"]
        return ["right", "right", "left", "up"]

    def wish(self, place: int, number: int) -> str | None:
        """What somebody asks the others for in a round."""
        asker, motion = self._askers.get(number, (None, None))
        return motion if asker == place else None

    def wanders(self, place: int, number: int) -> bool:
        """Whether somebody is away for long in a round."""
        return self._wanderer == (place, number)


def seats(tables: Sequence[Table]) -> Iterator[tuple[Table, Person]]:
    """Everybody, with their table."""
    for table in tables:
        for one in table.people:
            yield table, one
