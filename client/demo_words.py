"""What the demo says about each event, in a sentence; an empty one where there is nothing to say."""

from __future__ import annotations

from collections.abc import Callable

from client.net import events
from client.net.values import MotionKind

NameOf = Callable[[str], str]
"""The name of a participant by their id."""

_WANTS_TO: dict[MotionKind, str] = {
    "pause": "take a break",
    "resume": "go on",
    "skip_round": "skip this round",
    "end_now": "decide now",
}


def sentence(body: events.EventBody, name_of: NameOf) -> str:
    """One line about an event."""
    return (
        _coming_and_going(body, name_of)
        or _lobby(body, name_of)
        or _talk(body, name_of)
        or _round(body)
        or _ending(body)
    )


def _coming_and_going(body: events.EventBody, name_of: NameOf) -> str:
    match body:
        case events.ParticipantJoined(participant):
            return f"{participant.display_name} joined"
        case events.ParticipantLeft(who):
            return f"{name_of(who)} left"
        case events.ParticipantGone(who):
            return f"{name_of(who)} has been away for long: nobody waits any more"
        case events.ParticipantBack(who):
            return f"{name_of(who)} is back"
        case _:
            return ""


def _lobby(body: events.EventBody, name_of: NameOf) -> str:
    match body:
        case events.EnergyVoted(who):
            return f"{name_of(who)} said how much energy is left"
        case events.EnergyResult(energy):
            return f"Together that makes: {energy.level} energy"
        case events.ReadyChanged(who, ready):
            return f"{name_of(who)} is ready" if ready else f"{name_of(who)} is not ready"
        case events.StartRefused(_, detail):
            return detail
        case _:
            return ""


def _talk(body: events.EventBody, name_of: NameOf) -> str:
    match body:
        case events.MotionChanged(motion):
            tally = f"{len(motion.in_favour)} of {motion.needed} votes"
            return f"{name_of(motion.opened_by)} wants to {_WANTS_TO[motion.kind]}: {tally}"
        case events.Said(_, who, text):
            return f"{name_of(who)}: {text}"
        case events.Reacted(who, emoji):
            return f"{name_of(who)} {emoji}"
        case events.Notified(notification):
            return notification.text
        case _:
            return ""


def _round(body: events.EventBody) -> str:
    match body:
        case events.RoundStarted(number):
            return f"Round {number} begins"
        case events.RoundEnded(number):
            return f"Round {number} is over"
        case events.Paused(pause):
            return "The clock stands" if pause.reason == "vote" else "Too many are away: the clock stands"
        case events.Resumed():
            return "The clock runs again"
        case _:
            return ""


def _ending(body: events.EventBody) -> str:
    match body:
        case events.Decided(outcome):
            return "It's a match!" if outcome.kind == "match" else "No match: the closest cards"
        case events.CoinTossed():
            return "A coin has settled the tie"
        case events.Expired() | events.SessionClosed():
            return "The session has ended without a decision"
        case _:
            return ""
