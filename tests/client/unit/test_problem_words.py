"""Refusals and notifications in the app's language, for everything that the server can say to a person."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest

from client import problem_words, told_words, words
from client.net.values import Notification
from client.problem_words import own_words
from client.told_words import told

ROOT = Path(__file__).parents[3]
# What nobody can meet in the app: what only other programs, operators or browsers are told, what would be a mistake of
# the app's own, and what every refusal of a kind is called where it has no code of its own.
NOT_FOR_PEOPLE = {
    "bad_request", "conflict", "error", "forbidden", "http_error", "idempotency_key_reused", "job_not_found",
    "malformed_json", "method_not_allowed", "not_found", "not_in_session", "op_id_reused", "operator_only",
    "origin_refused", "other_site", "other_user", "receipt_not_found", "signature_not_valid", "too_large",
    "undeclared", "undeclared_route", "unsupported_media_type", "upgrade_required", "webhook_not_set_up",
}  # fmt: skip


@pytest.fixture
def _in_german() -> Iterator[None]:
    words.choose_language("de", {})
    yield
    words.choose_language(words.ENGLISH, {})


def codes_of_the_backend() -> set[str]:
    """Every code of a problem: of the classes of errors, of single errors, and of the framework's own."""
    found: set[str] = set()
    for path in (ROOT / "backend").rglob("*.py"):
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            elif isinstance(node, ast.ClassDef):
                given = [
                    line.value
                    for line in node.body
                    if isinstance(line, ast.Assign) and _names(line) == ["code"]
                ]
            else:
                continue
            found |= {
                value.value
                for value in given
                if isinstance(value, ast.Constant) and isinstance(value.value, str)
            }
    problems = (ROOT / "backend/http/problems.py").read_text("utf-8")
    return found | set(re.findall(r'^    \d{3}: \("(\w+)"', problems, re.MULTILINE)) | {"http_error"}


def _names(line: ast.Assign) -> list[str]:
    return [target.id for target in line.targets if isinstance(target, ast.Name)]


def test_every_refusal_that_a_person_can_meet_has_a_sentence() -> None:
    codes = codes_of_the_backend()
    assert {"wrong_password", "changed_meanwhile", "too_large"} <= codes
    assert codes - NOT_FOR_PEOPLE == set(problem_words.SENTENCES)
    assert codes >= NOT_FOR_PEOPLE


def test_every_refusal_of_the_live_protocol_is_known() -> None:
    paper = (ROOT / "docs/live-protocol.md").read_text("utf-8")
    rows = re.findall(r"^\| `\w+` \|[^|]*\|[^|]*\|([^|]*)\|$", paper, re.MULTILINE)
    named = {code for row in rows for code in re.findall(r"`(\w+)`", row)} - {"swipe"}
    assert "nothing_tied" in named
    assert named <= set(problem_words.SENTENCES) | NOT_FOR_PEOPLE


def test_every_kind_of_notification_has_a_sentence_with_the_fields_that_it_has() -> None:
    paper = (ROOT / "docs/live-protocol.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*group_id[^|]*) \|[^|]*\|$", paper, re.MULTILINE)
    fields = {kind: set(re.findall(r"`(\w+)`", named)) for kind, named in rows}
    assert set(fields) == set(told_words.SENTENCES)
    for kind, sentence in told_words.SENTENCES.items():
        assert set(re.findall(r"\{(\w+)\}", sentence)) <= fields[kind]


def test_who_reads_english_is_shown_the_server_s_words() -> None:
    assert own_words("group_full", "This group is full (12 people).") == "This group is full (12 people)."


@pytest.mark.usefixtures("_in_german")
def test_others_are_shown_the_app_s_own() -> None:
    assert own_words("group_full", "This group is full (12 people).") == "Diese Gruppe ist voll."
    assert own_words("of_a_later_server", "Something new.") == "Something new."


@pytest.mark.usefixtures("_in_german")
def test_what_makes_a_deck_too_small_is_said() -> None:
    detail = "Only 2 cards suit everybody. What narrows the choice: allergies and menu."
    said = own_words("deck_too_small", detail)
    assert said == (
        "Zu wenige Karten passen für alle. Allergien schränken die Auswahl ein. Das Menü schränkt die Auswahl ein."
    )


def notification(kind: str, **about: str) -> Notification:
    return Notification("1" * 24, kind, "Cleo has joined Family.", MappingProxyType(about), 0)


@pytest.mark.usefixtures("_in_german")
def test_notifications_are_told_in_the_app_s_language() -> None:
    known = notification("group_joined", display_name="Cleo", group_name="Family {x}")
    assert told(known) == "Cleo ist jetzt bei Family {x} dabei."
    assert told(notification("group_joined")) == "Cleo has joined Family."
    assert told(notification("of_a_later_server")) == "Cleo has joined Family."


def test_notifications_are_told_in_the_server_s_words_to_who_reads_english() -> None:
    assert told(notification("group_joined", display_name="Bo", group_name="X")) == "Cleo has joined Family."
