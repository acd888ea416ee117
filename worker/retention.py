"""`python -m worker retention`: the nightly clean-up by hand. With --dry-run it only says what would go."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

import svcs

from backend.compliance.erasure.service import ErasureService
from backend.compliance.register import REGISTER
from backend.compliance.register.terms import Retention
from backend.compliance.retention.service import RetentionService, Swept
from backend.compliance.wording import kept, periods_of
from backend.config import Settings
from backend.infra.clock import Clock, to_iso
from backend.infra.jobs import RUN_RETENTION
from backend.jobs.runs import JobRuns, Overtaken
from backend.wiring import build_registry
from worker.jobs.retention import LEFTOVERS

_HEADINGS = ("WHERE", "GONE", "OLDER THAN", "OLDEST LEFT", "RULE")
_DRY_HEADINGS = ("WHERE", "WOULD GO", "OLDER THAN", "OLDEST NOW", "RULE")
_WHOLE_MINUTES = len("2026-11-23T03:00")


def run(settings: Settings, *, dry_run: bool) -> int:
    """Run it and print what went; 0 on success, 1 where another run began meanwhile and does the rest."""
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        retention, erasures = services.get(RetentionService, ErasureService)
        if dry_run:
            table = _table(_DRY_HEADINGS, retention.run(services, dry_run=True), settings)
            sys.stdout.write(table + _said_of(erasures.erase_leftovers(dry_run=True)))
            return 0
        runs = services.get(JobRuns)
        turn = runs.begin(RUN_RETENTION.name, f"by hand, {to_iso(services.get_abstract(Clock).now())}")
        try:
            ran = retention.run(services, after_batch=lambda: runs.check(turn))
            left = erasures.erase_leftovers(after_each=lambda: runs.check(turn))
            runs.end(turn, {**{swept.place: swept.gone for swept in ran}, LEFTOVERS: left})
        except Overtaken:
            sys.stderr.write("Another retention run has begun meanwhile: it does the rest.\n")
            return 1
        sys.stdout.write(_table(_HEADINGS, ran, settings) + _said_of(left))
        return 0


def _said_of(leftovers: int) -> str:
    """About people who were erased, and of whom something was written since; nothing where there are none."""
    return f"\nErased before, and named again somewhere: {leftovers}\n" if leftovers else ""


def _table(headings: Sequence[str], ran: Iterable[Swept], settings: Settings) -> str:
    """What was swept; below it, what is kept by other rules."""
    rows = [
        headings,
        *(
            (swept.place, str(swept.gone), _minute(swept.cutoff), _minute(swept.oldest), swept.rule)
            for swept in ran
        ),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(headings))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    lines += ["", "Kept by other rules:"]
    lines += [
        f"{holding.place.name}: {kept(holding, periods_of(settings))}"
        for holding in REGISTER
        if not isinstance(holding.retention, Retention)
    ]
    return "\n".join(lines) + "\n"


def _minute(moment: datetime | None) -> str:
    return f"{to_iso(moment)[:_WHOLE_MINUTES]}Z" if moment else "-"
