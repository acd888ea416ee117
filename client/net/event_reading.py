"""From an event's type and JSON body to its value; raises `FrameError` naming the field that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from client.net import events
from client.net.fields import Fields
from client.net.reading import (
    MOTION_KINDS,
    PARTICIPANT_STATUSES,
    read_energy,
    read_motion,
    read_notification,
    read_outcome,
    read_participant,
    read_pause,
)
from client.problem_words import own_words


def read_event(kind: str, body: Fields) -> events.EventBody:
    """What the event says; `UnknownEvent` for a type that only a later server has."""
    reader = _READERS.get(kind)
    return events.UnknownEvent(kind) if reader is None else reader(body)


def _participant_joined(body: Fields) -> events.EventBody:
    participant = read_participant(body.object("participant"))
    return events.ParticipantJoined(participant, body.texts("required"), body.texts("deck"))


def _participant_left(body: Fields) -> events.EventBody:
    return events.ParticipantLeft(
        body.text("participant_id"),
        body.texts("required"),
        body.text("host_id") if body.has("host_id") else None,
        body.optional_moment("starts_at"),
    )


def _participant_gone(body: Fields) -> events.EventBody:
    return events.ParticipantGone(
        body.text("participant_id"), body.texts("required"), body.optional_moment("starts_at")
    )


def _participant_back(body: Fields) -> events.EventBody:
    return events.ParticipantBack(
        body.text("participant_id"), body.texts("required"), body.optional_moment("starts_at")
    )


def _ready_changed(body: Fields) -> events.EventBody:
    return events.ReadyChanged(
        body.text("participant_id"), body.flag("ready"), body.optional_moment("starts_at")
    )


def _round_started(body: Fields) -> events.EventBody:
    return events.RoundStarted(
        round=body.integer("round"),
        ends_at=body.moment("ends_at"),
        deck=body.texts("deck"),
        energy=read_energy(body.object("energy")) if body.has("energy") else None,
        required=body.texts("required"),
        deck_sizes=_counts(body.object("deck_sizes")),
    )


def _decided(body: Fields) -> events.EventBody:
    return events.Decided(read_outcome(body.object("outcome")))


def _motion_changed(body: Fields) -> events.EventBody:
    return events.MotionChanged(read_motion(body))


def _swiped(body: Fields) -> events.EventBody:
    return events.Swiped(body.text("participant_id"), body.integer("round"), body.integer("swiped"))


def _presence(body: Fields) -> events.EventBody:
    return events.PresenceChanged(body.text("participant_id"), body.choice("status", PARTICIPANT_STATUSES))


def _progress(body: Fields) -> events.EventBody:
    presence = body.object("presence")
    return events.Progress(
        round=body.integer("round"),
        swiped=_counts(body.object("swiped")),
        presence={name: presence.choice(name, PARTICIPANT_STATUSES) for name in presence.names()},
    )


def _counts(by_participant: Fields) -> Mapping[str, int]:
    return {name: by_participant.integer(name) for name in by_participant.names()}


def _start_refused(body: Fields) -> events.EventBody:
    code = body.text("code")
    return events.StartRefused(code, own_words(code, body.text("detail")))


_READERS: dict[str, Callable[[Fields], events.EventBody]] = {
    "participant_joined": _participant_joined,
    "participant_left": _participant_left,
    "participant_gone": _participant_gone,
    "participant_back": _participant_back,
    "energy_voted": lambda body: events.EnergyVoted(body.text("participant_id")),
    "energy_result": lambda body: events.EnergyResult(read_energy(body)),
    "ready_changed": _ready_changed,
    "start_refused": _start_refused,
    "round_started": _round_started,
    "motion_opened": _motion_changed,
    "motion_voted": _motion_changed,
    "motion_passed": lambda body: events.MotionClosed(body.choice("motion", MOTION_KINDS), passed=True),
    "motion_failed": lambda body: events.MotionClosed(body.choice("motion", MOTION_KINDS), passed=False),
    "paused": lambda body: events.Paused(read_pause(body)),
    "resumed": lambda body: events.Resumed(body.moment("ends_at")),
    "swiped": _swiped,
    "round_ended": lambda body: events.RoundEnded(body.integer("round")),
    "matched": _decided,
    "closest": _decided,
    "coin_tossed": lambda body: events.CoinTossed(body.text("item"), body.texts("among")),
    "chat": lambda body: events.Said(body.text("message_id"), body.text("participant_id"), body.text("text")),
    "reaction": lambda body: events.Reacted(body.text("participant_id"), body.text("emoji")),
    "expired": lambda _: events.Expired(),
    "session_closed": lambda _: events.SessionClosed(),
    "presence": _presence,
    "progress": _progress,
    "notification": lambda body: events.Notified(read_notification(body)),
}
EVENT_TYPES = frozenset(_READERS)
