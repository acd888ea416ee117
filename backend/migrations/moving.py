"""From the schema that a database has to the one that is wanted, a step at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from backend.infra.mongo import MongoDatabase
from backend.infra.restoring import check_whole
from backend.migrations.record import SchemaRecord
from backend.migrations.schema import check_schema
from backend.migrations.steps import STEPS
from backend.migrations.terms import Step

Say = Callable[[str], object]


class NoSuchStep(Exception):
    """There is no step of that name. The message names those there are."""


class Way(Enum):
    """Doing a step, or undoing it."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Move:
    """One step in one direction."""

    step: Step
    way: Way

    def __str__(self) -> str:
        return f"{self.way.value:4} {self.step.name}: {self.step.what}"


class Migrator:
    """Moves one database. Of several that try at a time, one does it."""

    def __init__(self, database: MongoDatabase, record: SchemaRecord, steps: Sequence[Step] = STEPS) -> None:
        self._database = database
        self._record = record
        self._steps = steps

    def plan(self, to: str = "") -> list[Move]:
        """What there is to do until the step `to` is the last one done; by default, the newest.

        Args:
            to: a step's name, or the number it begins with.

        Raises:
            NoSuchStep: there is none that is called so.
            NewerSchema: the database has steps behind it that this version does not know, and cannot undo.
        """
        check_schema(self._database, self._steps)
        last = self._place_of(to) if to else len(self._steps) - 1
        done = set(self._record.done())
        undone = [Move(s, Way.DOWN) for s in reversed(self._steps[last + 1 :]) if s.name in done]
        return undone + [Move(s, Way.UP) for s in self._steps[: last + 1] if s.name not in done]

    def move(self, to: str = "", say: Say = lambda _line: None) -> list[Move]:
        """Do what `plan` says, and tell of each step as it begins; what was done.

        Raises:
            NoSuchStep, NewerSchema: as `plan`.
            Occupied: somebody else is at it.
            NotWhole: a restore was interrupted; nothing was changed.
        """
        check_whole(self._database)
        if not self.plan(to):
            return []
        with self._record.held():
            moves = self.plan(to)  # somebody else may have been at it until now
            for each in moves:
                say(str(each))
                self._carry_out(each)
        return moves

    def _carry_out(self, move: Move) -> None:
        step = move.step
        if move.way is Way.UP:
            step.up(self._database)
            self._record.note(step)
        else:
            step.down(self._database)
            self._record.strike_out(step)

    def _place_of(self, to: str) -> int:
        wanted = to.zfill(len("0001")) if to.isdigit() else to
        for place, step in enumerate(self._steps):
            if wanted in {step.name, step.name.partition("_")[0]}:
                return place
        raise NoSuchStep(
            f"There is no schema {to!r}. There are: {', '.join(step.name for step in self._steps)}."
        )
