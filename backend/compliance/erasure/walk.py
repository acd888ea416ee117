"""Walking through the register, place by place: what is done stays done, what fails or has to wait is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb

import structlog
import svcs

from backend.compliance.erasure.store import ErasureState, ErasureStore
from backend.compliance.register import REGISTER
from backend.compliance.register.terms import Erasure, Kind, NotYet, Place
from backend.infra.clock import Clock

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Walked:
    """How far a walk came.

    Attributes:
        waiting: places that have to wait for something.
        failed: places whose step failed.
    """

    waiting: tuple[Place, ...] = ()
    failed: tuple[Place, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every place has forgotten the person."""
        return not self.waiting and not self.failed

    @property
    def told_elsewhere(self) -> bool:
        """Whether everybody else who knows the person has heard of it."""
        return not any(place.kind is Kind.ELSEWHERE for place in (*self.waiting, *self.failed))

    @property
    def all_tried_here(self) -> bool:
        """Whether no place of our own failed: what is left waits, or is up to somebody elsewhere."""
        return all(place.kind is Kind.ELSEWHERE for place in self.failed)


def walk(services: svcs.Container, erasure: ErasureState, store: ErasureStore, clock: Clock) -> Walked:
    """Have every place forget somebody that has not yet. One that cannot holds up none of the others."""
    waiting: list[Place] = []
    failed: list[Place] = []
    for holding in REGISTER:
        place, step = holding.place.name, holding.erasure
        if not isinstance(step, Erasure) or place in erasure.done:
            continue
        try:
            found = step.step(services, erasure)
        except NotYet as later:
            _log.info("erasure_waits", erasure=str(erasure.id), place=place, because=str(later))
            store.note(erasure, place, later.found, clock.now(), done=False)
            waiting.append(holding.place)
        except Exception as error:  # noqa: BLE001  # whatever it is, the others are to forget the person today
            # Neither its message nor what called it: they may hold what is being erased.
            _log.error(  # the traceback, for the same reason
                "erasure_step_failed",
                erasure=str(erasure.id),
                place=place,
                error=type(error).__name__,
                at=_at(error),
            )
            failed.append(holding.place)
        else:
            store.note(erasure, place, found, clock.now(), done=True)
    return Walked(tuple(waiting), tuple(failed))


def _at(error: Exception) -> str:
    """Where in the program it happened."""
    frame = extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"
