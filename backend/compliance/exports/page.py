"""index.html of an export: a page for people, whole without a network, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from backend.compliance.exports.cards import NamedCard, card_fields
from backend.compliance.register import REGISTER
from backend.compliance.register.terms import Export, Holding, Otherwise
from backend.compliance.wording import kept, sentence

# So many rows of a table somebody reads, and a browser shows at once. All are in the JSON files.
SHOWN = 500
_LISTED = 8
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_ID = re.compile(r"(.*_)?id")
_NAME = re.compile(r"[a-z]+(_[a-z]+)+")  # of a kind of something, as programs write it


@dataclass(frozen=True, slots=True)
class Section:
    """One file of the export, as the page shows it.

    Attributes:
        count: how many records the file has.
        latest: the last of them, at most SHOWN.
    """

    holding: Holding
    export: Export
    count: int
    latest: Sequence[dict[str, Any]]


def page_text(
    name: str,
    created_at: str,
    sections: Sequence[Section],
    cards: Sequence[NamedCard],
    periods: Mapping[str, object],
) -> str:
    """The page.

    Args:
        name: whose data it is.
        created_at: when the export was made, ISO 8601.
        periods: the settings that rules of retention name.
    """
    titles = {card.record["id"]: card.record["title"] for card in cards}
    return _PAGES.get_template("export_page.html").render(
        name=name,
        created_at=created_at,
        sections=sections,
        pictured=[card.record for card in cards if card.file],
        others=[holding for holding in REGISTER if isinstance(holding.export, Otherwise)],
        kept=partial(kept, periods=periods),
        headings=_headings,
        rows=partial(_rows, titles=titles),
        moment=_moment,
    )


def _shown(section: Section) -> list[str]:
    """The fields that people are shown: ids are for programs, except those of cards, which have titles."""
    shape = section.export.shape
    return [name for name in shape.model_fields if name in card_fields(shape) or not _ID.fullmatch(name)]


def _headings(section: Section) -> list[str]:
    fields = section.export.shape.model_fields
    return [fields[name].title or name for name in _shown(section)]


def _rows(section: Section, titles: Mapping[str, str]) -> Iterator[list[str]]:
    shown, cards = _shown(section), card_fields(section.export.shape)
    for record in section.latest:
        yield [_cell(_titled(record[name], titles) if name in cards else record.get(name)) for name in shown]


def _titled(value: Any, titles: Mapping[str, str]) -> Any:
    if isinstance(value, list | tuple):
        return [_titled(one, titles) for one in value]
    return titles.get(value, "no longer in the catalogue")


def _cell(value: Any) -> str:
    """A value as people write it."""
    if value in (None, "", [], (), {}):
        return Markup('<span class="none">none</span>')
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        said = {_cell(name): _cell(one) for name, one in value.items() if not _ID.fullmatch(name)}
        return Markup("<br>").join(Markup("{}: {}").format(*both) for both in said.items())
    if isinstance(value, list | tuple):
        more = f" and {len(value) - _LISTED} more" if len(value) > _LISTED else ""
        return Markup(", ").join(_cell(one) for one in value[:_LISTED]) + more
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return _moment(value)
    return str(value).replace("_", " ") if _NAME.fullmatch(str(value)) else str(value)


def _moment(iso: str) -> Markup:
    moment = datetime.fromisoformat(iso)
    return Markup('<time datetime="{}">{} {:%b %Y, %H:%M}</time>').format(iso, moment.day, moment)


_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)
_PAGES.filters["sentence"] = sentence
