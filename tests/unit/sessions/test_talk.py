"""Chat and quick reactions: who may say what, when, and who hears it (docs/product.md S14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.sessions import rules
from backend.sessions.state import Session
from tests.unit.sessions.strategies import (
    NOW,
    STRANGER,
    USERS,
    expired,
    gone,
    in_round,
    known_id,
    lobby,
    over,
    refused,
    swiping,
    told,
)

ADA, BO, CY = USERS[:3]
LATER = NOW + timedelta(minutes=1)
MESSAGE = known_id(0x3E55)


def test_everybody_hears_what_somebody_wrote() -> None:
    change = rules.say(lobby(), BO, MESSAGE, "Thai again?", LATER)
    assert told(change) == ["chat"]
    assert change.events[0].data == {
        "message_id": str(MESSAGE),
        "participant_id": str(BO),
        "text": "Thai again?",
    }


def test_everybody_sees_a_reaction() -> None:
    change = rules.react(swiping(), BO, "🔥", LATER)
    assert told(change) == ["reaction"]
    assert change.events[0].data == {"participant_id": str(BO), "emoji": "🔥"}


@pytest.mark.parametrize("session", [lobby(), swiping()], ids=["lobby", "swiping"])
def test_talking_counts_as_activity(session: Session) -> None:
    for change in (rules.say(session, ADA, MESSAGE, "Hm", LATER), rules.react(session, ADA, "🤔", LATER)):
        assert change.session == session.touched(LATER)
        assert change.session.expires_at == LATER + timedelta(minutes=60)


def test_after_an_outcome_people_still_talk_and_it_changes_nothing() -> None:
    for change in (
        rules.say(over(), ADA, MESSAGE, "See you there", LATER),
        rules.react(over(), ADA, "😋", LATER),
    ):
        assert change.session == over()
        assert change.events


def test_spectators_and_who_is_gone_may_talk_too() -> None:
    watched = rules.join(in_round(2), CY, "Cy", NOW).session
    rules.require_talk(watched, CY)
    rules.require_talk(gone(swiping(3), BO), BO)


def test_nobody_talks_in_what_expired_or_was_closed() -> None:
    closed = rules.leave(swiping(2), BO, NOW).session
    for session in (expired(), closed):
        with refused("session_over"):
            rules.say(session, ADA, MESSAGE, "Anybody?", LATER)
        with refused("session_over"):
            rules.react(session, ADA, "👍", LATER)


def test_strangers_and_who_left_say_nothing() -> None:
    left = rules.leave(swiping(3), CY, NOW).session
    for act in (
        lambda who: rules.say(left, who, MESSAGE, "Hi", NOW),
        lambda who: rules.react(left, who, "👍", NOW),
    ):
        with refused("not_participant"):
            act(CY)
        with refused("session_not_found"):
            act(STRANGER)
