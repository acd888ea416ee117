"""docs/privacy-record.md: the data register for whoever has to answer for it (GDPR, Art. 30)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backend.compliance.register import EXEMPT, REGISTER
from backend.compliance.register.terms import Export, Holding, Kind
from backend.compliance.wording import erased, kept, sentence

_INTRODUCTION = """\
# Record of processing

Written by `python -m backend privacy-record` from the data register (`backend/compliance/register`), which is also what
exports, erasure and retention walk: what is written here is what is done. The periods in the repository's copy are the
defaults of the settings; on a server, the command writes that server's own.

Who operates the server answers for it (the controller), and adds to this record: their name and address, whom people
can turn to, the contracts with the recipients named below, and what the law of their country asks for besides.

Whose data: people who have an account, guests, and whoever people write about in sessions. Special categories: diet
and allergies, which may tell of health or religion.

How it is protected: [security.md](security.md).
"""


def record_text(periods: Mapping[str, object]) -> str:
    """The record, in Markdown, with these periods (backend/compliance/wording.py)."""
    return "\n".join(_lines(periods)) + "\n"


def _lines(periods: Mapping[str, object]) -> Iterator[str]:
    yield _INTRODUCTION
    for kind in Kind:
        of_kind = [holding for holding in REGISTER if holding.place.kind is kind]
        if of_kind:
            yield f"## {sentence(kind).rstrip('.')}\n"
            for holding in of_kind:
                yield from _place(holding, periods)
    yield "## Places that hold nothing about anybody\n"
    yield from (
        f"- {exemption.place.kind} `{exemption.place.name}`: {exemption.because}" for exemption in EXEMPT
    )


def _place(holding: Holding, periods: Mapping[str, object]) -> Iterator[str]:
    yield f"### `{holding.place.name}`\n"
    yield "| | |\n| --- | --- |"
    for title, words in (
        ("What", sentence(holding.holds)),
        ("Why", sentence(holding.purpose)),
        ("Legal basis", sentence(holding.basis)),
        ("Recipients", sentence(holding.recipients)),
        ("Export", _exported(holding)),
        ("Erasure", erased(holding)),
        ("Kept", kept(holding, periods)),
    ):
        yield f"| {title} | {_in_table(words)} |"
    yield ""


def _exported(holding: Holding) -> str:
    return f"`{holding.export.file}`" if isinstance(holding.export, Export) else holding.export.because


def _in_table(words: str) -> str:
    return words.replace("|", "\\|")
