"""README.txt of an export: what each file is, and what is not in the archive. All of it from the register."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from backend.compliance.exports.published_schema import CARDS, SCHEMA_FILE, SCHEMA_VERSION
from backend.compliance.register import EXPORTED, REGISTER
from backend.compliance.register.terms import Otherwise
from backend.compliance.wording import kept

_WIDTH = 100


def readme_text(created_at: str, periods: Mapping[str, object]) -> str:
    """The README.

    Args:
        created_at: when the export was made, ISO 8601.
        periods: the settings that rules of retention name.
    """
    return "\n".join(_lines(created_at, periods)) + "\n"


def _lines(created_at: str, periods: Mapping[str, object]) -> Iterator[str]:
    yield from _heading("Your data in DinDin", "=")
    yield f"Made at {created_at}. Times are UTC."
    yield ""
    yield "Open index.html in a browser to read it: that needs no network. For programs:"
    yield ""
    for holding, export in EXPORTED:
        yield from _entry(
            export.file,
            f"What: {holding.holds}.",
            f"Why: {holding.purpose} ({holding.basis}).",
            f"Who sees it: you; {holding.recipients}; the operator of this server.",
            f"Kept: {kept(holding, periods)}",
        )
    yield from _entry(f"{CARDS}.json", "What the ids of cards in the other files stand for.")
    yield from _entry("pictures/", "Pictures of the cards that you liked, or that were decided on.")
    yield from _entry("manifest.json", "Which files of records are in here, and how many records each has.")
    yield from _entry(
        SCHEMA_FILE, f"The JSON Schema of all of these, version {SCHEMA_VERSION} (JSON Schema 2020-12)."
    )
    yield ""
    yield from _heading("What is not in here", "-")
    yield from textwrap.wrap(
        "What other people swiped is theirs. Passwords and tokens are in no export: DinDin keeps no password, only a "
        "value that cannot be turned back into one. Of the other places that may hold something about you:",
        _WIDTH,
    )
    yield ""
    for holding in REGISTER:
        if isinstance(holding.export, Otherwise):
            yield from _entry(
                f"{holding.place.kind}: {holding.place.name}",
                f"What: {holding.holds}.",
                f"Why not here: {holding.export.because}",
                f"Kept: {kept(holding, periods)}",
            )


def _heading(title: str, line: str) -> list[str]:
    return [title, line * len(title), ""]


def _entry(name: str, *sentences: str) -> Iterator[str]:
    yield name
    for sentence in sentences:
        yield from textwrap.wrap(sentence, _WIDTH, initial_indent="    ", subsequent_indent="      ")
