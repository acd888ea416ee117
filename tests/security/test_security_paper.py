"""docs/security.md names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend.http import limits

pytestmark = pytest.mark.security

ROOT = Path(__file__).parents[2]
PAPER = (ROOT / "docs/security.md").read_text()
NAMED = sorted(set(re.findall(r"`((?:tests|backend|deploy|requirements|worker)/[\w./]+)`", PAPER)))


def test_every_file_that_is_named_exists() -> None:
    assert len(NAMED) > 40
    assert [name for name in NAMED if not (ROOT / name).exists()] == []


def in_words(most: str) -> str:
    """`20 per minute; 10 per 15 minutes` as the paper says it: `20 a minute, 10 in 15 minutes`."""
    spoken = most.replace("; ", ", ").replace("per hour", "an hour").replace("per minute", "a minute")
    return spoken.replace(" per ", " in ")


def row_of(rate_class: limits.RateClass) -> list[str]:
    """What the table has to say of a class, but for what it is for."""

    def all_attempts(by: limits.By) -> str:
        kept = [in_words(one.most) for one in rate_class.counts if (one.by, one.only_failed) == (by, False)]
        return "; ".join(kept)

    wrong = [f"{one.by.value}: {in_words(one.most)}" for one in rate_class.counts if one.only_failed]
    bys = (limits.By.USER, limits.By.ADDRESS, limits.By.ACCOUNT)
    return [*(all_attempts(by) for by in bys), "; ".join(wrong)]


def test_the_table_of_limits_says_what_is_kept() -> None:
    section = PAPER.split("## Limits on how often")[1].split("\n## ")[0]
    said = {}
    for line in re.findall(r"^\| `.*\|$", section, re.MULTILINE):
        of, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        said[of.split("`")[1]] = cells
    classes = [one for one in vars(limits).values() if isinstance(one, limits.RateClass) and one.counts]
    assert said == {one.name: row_of(one) for one in classes}


@pytest.mark.parametrize("risk", [f"API{n}" for n in range(1, 11)])
def test_every_risk_of_the_top_ten_is_spoken_of(risk: str) -> None:
    assert re.search(rf"^\| {risk} ", PAPER, re.MULTILINE)


@pytest.mark.parametrize("chapter", [f"V{n}" for n in range(1, 17)])
def test_every_chapter_of_the_standard_is_spoken_of(chapter: str) -> None:
    assert re.search(rf"^\| {chapter} ", PAPER, re.MULTILINE)
