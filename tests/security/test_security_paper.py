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


def test_the_limits_that_are_named_are_the_ones_that_are_kept() -> None:
    counts = {
        limits.PASSWORD_GUESSING: [
            "20 per minute; 200 per hour",
            "60 per minute; 1000 per hour",
            "10 per 15 minutes",
        ],
        limits.CODE_GUESSING: [
            "20 per minute; 200 per hour",
            "60 per minute; 1000 per hour",
            "1000 per 10 minutes",
        ],
        limits.REGISTERING: ["5 per hour", "20 per minute; 200 per hour", "5 per hour"],
        limits.MAILING: ["5 per hour", "20 per minute; 100 per hour"],
        limits.EXPORTS: ["10 per hour", "100 per hour", "1000 per 10 minutes"],
    }
    for rate_class, named in counts.items():
        kept = [count.most for count in rate_class.counts]
        assert [most for most in named if most not in kept] == [], rate_class.name


@pytest.mark.parametrize("risk", [f"API{n}" for n in range(1, 11)])
def test_every_risk_of_the_top_ten_is_spoken_of(risk: str) -> None:
    assert re.search(rf"^\| {risk} ", PAPER, re.MULTILINE)


@pytest.mark.parametrize("chapter", [f"V{n}" for n in range(1, 17)])
def test_every_chapter_of_the_standard_is_spoken_of(chapter: str) -> None:
    assert re.search(rf"^\| {chapter} ", PAPER, re.MULTILINE)
