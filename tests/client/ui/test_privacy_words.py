"""How consents, copies, erasure and the record are put into words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from client.net.privacy_values import ConsentRecord, Erasure, Export, RecordedEvent
from client.screens.privacy_words import (
    coming_day,
    consent_words,
    erasure_words,
    event_details,
    event_title,
    export_words,
    size_text,
)

DAY = 86400.0
NOON = 1778328000.0  # 12:00 UTC on 9 May 2026
READY = Export("e1", "done", 100, NOON - DAY, NOON + 6 * DAY, 1_240_000)
LOGGED_IN = RecordedEvent(NOON, "auth.log_in", "done", "you", "203.0.113.0/24", 1)


@pytest.fixture(autouse=True)
def at_greenwich(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days are those of this device; noon is far enough from midnight for most zones, but not for all."""
    monkeypatch.setenv("TZ", "UTC")


@pytest.mark.parametrize(
    ("days", "words"), [(0, "today"), (-3, "today"), (1, "tomorrow"), (14, "23 May"), (300, "5 March 2027")]
)
def test_days_to_come(days: float, words: str) -> None:
    assert coming_day(NOON + days * DAY, NOON) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "1 kB"),
        (1_499, "1 kB"),
        (99_999, "100 kB"),
        (400_000, "0.4 MB"),
        (9_940_000, "9.9 MB"),
        (12e6, "12 MB"),
    ],
)
def test_sizes(count: float, words: str) -> None:
    assert size_text(int(count)) == words


def test_consents() -> None:
    given = ConsentRecord("terms", given=True, up_to_date=True, given_at=NOON)
    assert consent_words(given, NOON) == "You agreed today."
    assert "changed since" in consent_words(replace(given, up_to_date=False), NOON)
    assert (
        consent_words(ConsentRecord("terms", withdrawn_at=NOON - DAY), NOON) == "You took it back yesterday."
    )
    assert consent_words(ConsentRecord("terms"), NOON) == "You have not been asked, or not agreed."


def test_copies() -> None:
    assert export_words(READY, NOON) == "1.2 MB, here until 15 May."
    assert export_words(replace(READY, size_bytes=None), NOON) == "here until 15 May."
    assert export_words(replace(READY, expires_at=NOON), NOON) == "It is gone again. Ask for another one."
    assert "turn" in export_words(replace(READY, status="queued"), NOON)
    assert "Collecting" in export_words(replace(READY, status="running"), NOON)
    assert "did not work" in export_words(replace(READY, status="failed"), NOON)


@pytest.mark.parametrize(
    ("erasure", "words"),
    [
        (Erasure("scheduled", NOON + 14 * DAY), "deleted on 23 May."),
        (Erasure("scheduled", NOON + DAY), "deleted tomorrow."),
        (Erasure("scheduled", NOON - 1), "is being deleted."),
        (Erasure("running", NOON + DAY), "is being deleted."),
    ],
)
def test_the_end(erasure: Erasure, words: str) -> None:
    assert words in erasure_words(erasure, NOON)


def test_what_was_recorded() -> None:
    assert event_title(LOGGED_IN) == "Log-in"
    assert event_title(replace(LOGGED_IN, outcome="refused")) == "Log-in, refused"
    assert event_title(replace(LOGGED_IN, outcome="failed")) == "Log-in, did not work"
    assert event_title(replace(LOGGED_IN, action="request.read_me")) == "Request: read me"
    assert event_details(LOGGED_IN) == "9 May 2026, 12:00 · 203.0.113.0/24"
    by_others = replace(LOGGED_IN, by="somebody else", network="", times=3)
    assert event_details(by_others) == "9 May 2026, 12:00 · by somebody else · 3 times"
    assert event_details(replace(by_others, by="the server", times=1)) == "9 May 2026, 12:00 · by the server"
