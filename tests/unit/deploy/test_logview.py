"""Log lines on the terminal."""

import io
import json

import pytest

from deploy.local.logview import LogView, render


def as_line(**entry: object) -> str:
    return json.dumps(entry)


def test_an_entry_becomes_time_level_event_and_fields() -> None:
    line = as_line(
        event="request",
        level="info",
        timestamp="2026-05-04T10:20:30Z",
        logger="backend.http",
        process="api",
        pid=12,
        request_id="ab" * 16,
        method="GET",
        status=200,
        detail="two words",
    )
    (shown,) = render(line)
    clock, rest = shown.split(" ", 1)
    assert clock.endswith(":30")
    assert rest == "info    request method=GET status=200 detail='two words'"


def test_a_grave_entry_keeps_its_request_id_and_shows_its_exception_below() -> None:
    shown = render(as_line(event="failed", level="error", request_id="abc", exception="Traceback:\n  boom"))
    assert shown == ["error   failed request_id=abc", "    Traceback:", "      boom"]


@pytest.mark.parametrize("line", ["plain words", "{not json", '{"no": "event"}', ""])
def test_anything_else_is_shown_as_it_is(line: str) -> None:
    assert render(line) == [line]


@pytest.mark.parametrize(
    "line", ["\x1b[2Jgone", as_line(event="\x1b[2J", level="info"), as_line(event="x", name="a\x1b[2J\x07")]
)
def test_control_characters_never_reach_the_terminal(line: str) -> None:
    (shown,) = render(line)
    assert shown.isprintable()
    assert "[2J" in shown


def test_each_line_says_which_process_wrote_it_and_colour_is_only_used_when_asked() -> None:
    plain, coloured = io.StringIO(), io.StringIO()
    LogView(plain, colour=False)("api", "hello")
    LogView(coloured, colour=True)("api", as_line(event="bad", level="error"))
    assert plain.getvalue() == "api      │ hello\n"
    assert coloured.getvalue().count("\x1b[0m") == 2
    assert "\x1b[31merror" in coloured.getvalue()


def test_a_terminal_that_went_away_does_not_stop_the_writer() -> None:
    class Closed(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(5, "Input/output error")

    LogView(Closed(), colour=False)("api", "hello")
