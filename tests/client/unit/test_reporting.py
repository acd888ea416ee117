"""Reports of what failed: what they tell, and what they must never tell."""

from __future__ import annotations

import logging

import pytest

from client.net.values import Location, Preferences, User
from client.reporting import MOST_ACTIONS, QUIET_SECONDS, LoggedReports, Trail, scrubbed
from client.store import actions

SECRETS = ("Ana", "ana@example.com", "s3cret", "peanuts", "52.5", "K7MQ4P")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (actions.CommandStarted("create_session"), "CommandStarted(name=create_session)"),
        (actions.NoticeDismissed(), "NoticeDismissed()"),
        (actions.Invited("K7MQ4P"), "Invited(code=text)"),
        (actions.SignedIn(User("a" * 24, "ana@example.com", "Ana", "free")), "SignedIn(user=User)"),
        (
            actions.PreferencesLoaded(Preferences(("vegan",), ("peanuts",), home_location=Location(52.5, 13.4))),
            "PreferencesLoaded(preferences=Preferences)",
        ),
        (actions.SignInFailed("Ana, no", {"email": "s3cret"}), "SignInFailed(error=text, field_errors=1 in dict)"),
        (object(), "object"),
    ],
)  # fmt: skip
def test_of_an_action_only_what_is_about_nobody_is_told(action: object, words: str) -> None:
    told = scrubbed(action)
    assert told.startswith(words)
    assert not any(secret in told for secret in SECRETS)


def test_the_trail_holds_the_last_steps() -> None:
    trail = Trail()
    for number in range(MOST_ACTIONS + 10):
        trail.note(actions.CommandStarted(f"step {number}"))
    assert len(trail.steps()) == MOST_ACTIONS
    assert trail.steps()[-1] == f"CommandStarted(name=step {MOST_ACTIONS + 9})"


def failure() -> Exception:
    with pytest.raises(ValueError, match="broken") as caught:
        int("broken")
    return caught.value


def test_a_failure_is_logged_with_its_screen_and_what_led_to_it(caplog: pytest.LogCaptureFixture) -> None:
    trail = Trail()
    trail.note(actions.CommandStarted("join_session"))
    LoggedReports(trail).report(failure(), "lobby")
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "ValueError failed in lobby" in record.message
    assert "CommandStarted(name=join_session)" in record.message
    assert record.exc_info is not None


def test_what_fails_again_and_again_is_told_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    reports = LoggedReports(Trail(), lambda: clock[0])
    for _ in range(5):
        reports.report(failure(), "lobby")
    assert len(caplog.records) == 1
    reports.report(failure(), "swipe")
    assert len(caplog.records) == 2
    clock[0] = QUIET_SECONDS
    reports.report(failure(), "lobby")
    assert len(caplog.records) == 3
