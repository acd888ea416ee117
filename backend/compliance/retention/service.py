"""Deleting what need not be kept any longer (docs/product.md P4): every row of the register that says how long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
import svcs

from backend.compliance.register import REGISTER
from backend.compliance.register.terms import Holding, Retention
from backend.compliance.retention.figures import RetentionFigures
from backend.compliance.wording import kept, periods_of
from backend.config import Settings
from backend.infra.clock import Clock
from backend.infra.valkey import VALKEY_AWAY

_log = structlog.stdlib.get_logger(__name__)

# Small enough that a batch is quick, and that a kill in between loses nothing but the rest of the night's work.
BATCH = 500
# Rest after a batch, as a multiple of the time it took (docs/performance.md).
_REST = 4.0


@dataclass(frozen=True, slots=True)
class Swept:
    """What a run found in one place.

    Attributes:
        place: which one, as the register names it.
        rule: how long it is kept.
        cutoff: what was older than this went.
        gone: how many records were deleted, or, in a dry run, would be.
        oldest: when the oldest record began that is there afterwards; None where there is none.
    """

    place: str
    rule: str
    cutoff: datetime
    gone: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Period:
    """How long one place keeps what it holds, by the settings in force."""

    place: str
    kind: str
    holds: str
    kept: str


class RetentionService:
    """Runs the clean-up, and says by which rules."""

    def __init__(
        self,
        *,
        figures: RetentionFigures,
        clock: Clock,
        settings: Settings,
        register: tuple[Holding, ...] = REGISTER,
    ) -> None:
        self._figures = figures
        self._clock = clock
        self._settings = settings
        self._register = register

    def run(
        self,
        services: svcs.Container,
        *,
        dry_run: bool = False,
        after_batch: Callable[[], None] = lambda: None,
    ) -> tuple[Swept, ...]:
        """Delete what is past its time, in batches. It may be killed at any moment and run again.

        Args:
            dry_run: count only.
            after_batch: called after each batch and the rest that follows; what it raises ends the run there.
        """
        now, periods = self._clock.now(), periods_of(self._settings)
        ran = []
        for holding in self._register:
            if isinstance(holding.retention, Retention):
                place, cutoff = holding.place.name, holding.retention.cutoff(self._settings, now)
                gone = 0
                for count in _paced(holding.retention.sweep(services, cutoff, batch=BATCH, dry_run=dry_run)):
                    gone += count
                    if not dry_run:
                        self._count(place, count)
                        after_batch()
                rule = kept(holding, periods)
                ran.append(Swept(place, rule, cutoff, gone, holding.retention.oldest(services)))
        if not dry_run:
            self._note_run({swept.place: swept.oldest for swept in ran})
        _log.info("retention_ran", dry_run=dry_run, gone={swept.place: swept.gone for swept in ran})
        return tuple(ran)

    def limits(self) -> dict[str, float]:
        """At which age records are deleted here, in seconds, by place."""
        now = self._clock.now()
        rules = ((holding.place.name, holding.retention) for holding in self._register)
        return {
            place: (now - rule.cutoff(self._settings, now)).total_seconds()
            for place, rule in rules
            if isinstance(rule, Retention)
        }

    def policy(self) -> tuple[Period, ...]:
        """How long everything is kept here."""
        periods = periods_of(self._settings)
        return tuple(
            Period(
                place=holding.place.name,
                kind=holding.place.kind.value,
                holds=holding.holds,
                kept=kept(holding, periods),
            )
            for holding in self._register
        )

    def _count(self, place: str, deleted: int) -> None:
        try:
            self._figures.count(place, deleted)
        except VALKEY_AWAY as away:
            _log.warning("retention_not_counted", place=place, error=type(away).__name__)

    def _note_run(self, oldest: dict[str, datetime | None]) -> None:
        try:
            self._figures.note_run(oldest, self._clock.now())
        except VALKEY_AWAY as away:
            _log.warning("retention_not_noted", error=type(away).__name__)


def _paced(batches: Iterable[int]) -> Iterator[int]:
    """Rest after each batch _REST times as long as it took, so that people who swipe meanwhile get their turn."""
    began = time.monotonic()
    for count in batches:
        time.sleep(_REST * (time.monotonic() - began))
        yield count
        began = time.monotonic()
