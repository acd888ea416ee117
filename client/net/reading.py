"""From the server's JSON to values; raises `FrameError` naming the field that is wrong."""

from __future__ import annotations

from types import MappingProxyType
from typing import get_args

from client.net.fields import Fields
from client.net.values import (
    Card,
    ChatMessage,
    Consent,
    ConsentText,
    Deck,
    Device,
    Energy,
    EnergyLevel,
    Group,
    Location,
    Member,
    Menu,
    Motion,
    MotionKind,
    Notification,
    Outcome,
    Participant,
    ParticipantStatus,
    Pause,
    PauseReason,
    Preferences,
    Provider,
    Role,
    SessionStatus,
    Snapshot,
    TextKind,
    User,
    Votes,
)

ENERGY_LEVELS: tuple[EnergyLevel, ...] = get_args(EnergyLevel)
PARTICIPANT_STATUSES: tuple[ParticipantStatus, ...] = get_args(ParticipantStatus)
SESSION_STATUSES: tuple[SessionStatus, ...] = get_args(SessionStatus)
MENUS: tuple[Menu, ...] = get_args(Menu)
MOTION_KINDS: tuple[MotionKind, ...] = get_args(MotionKind)
PAUSE_REASONS: tuple[PauseReason, ...] = get_args(PauseReason)
ROLES: tuple[Role, ...] = get_args(Role)
TEXT_KINDS: tuple[TextKind, ...] = get_args(TextKind)


def read_user(fields: Fields) -> User:
    """A profile as in the answer to a log-in."""
    return User(
        id=fields.text("id"),
        email=fields.text("email") if fields.has("email") else None,
        display_name=fields.text("display_name"),
        tier=fields.text("tier", "free"),
        role=fields.choice("role", ROLES, "user"),
        email_confirmed=fields.flag("email_confirmed", default=False),
    )


def read_providers(fields: Fields) -> tuple[Provider, ...]:
    """The answer of /auth/providers."""
    return tuple(
        Provider(name=provider.text("name"), label=provider.text("label"))
        for provider in fields.objects("items")
    )


def read_devices(fields: Fields) -> tuple[Device, ...]:
    """The answer of /users/me/devices."""
    return tuple(
        Device(
            id=device.text("id"),
            name=device.text("name"),
            logged_in_at=device.moment("logged_in_at"),
            last_used_at=device.moment("last_used_at"),
            current=device.flag("current"),
        )
        for device in fields.objects("items")
    )


def read_preferences(fields: Fields) -> Preferences:
    """The answer of /users/me/preferences."""
    location = None
    if fields.has("home_location"):
        point = fields.object("home_location")
        location = Location(point.number("lat"), point.number("lon"))
    return Preferences(
        dietary=fields.texts("dietary"),
        allergies=fields.texts("allergies"),
        liked_cuisines=fields.texts("liked_cuisines"),
        disliked_cuisines=fields.texts("disliked_cuisines"),
        max_price=fields.integer("max_price") if fields.has("max_price") else None,
        home_location=location,
    )


def read_consent_text(fields: Fields) -> ConsentText:
    """The answer of /compliance/consent-texts/KIND."""
    return ConsentText(
        kind=fields.choice("kind", TEXT_KINDS), version=fields.text("version"), text=fields.text("text")
    )


def read_consent(fields: Fields) -> Consent:
    """How the user stands to one text."""
    return Consent(
        kind=fields.choice("kind", TEXT_KINDS),
        given=fields.flag("given"),
        up_to_date=fields.flag("up_to_date"),
    )


def read_group(fields: Fields) -> Group:
    """A group that the user is in."""
    return Group(
        id=fields.text("id"),
        name=fields.text("name"),
        owner_id=fields.text("owner_id"),
        members=tuple(
            Member(member.text("id"), member.text("display_name")) for member in fields.objects("members")
        ),
        invite_link=fields.text("invite_link"),
        live_session_id=fields.object("live_session").text("id") if fields.has("live_session") else None,
    )


def read_groups(fields: Fields) -> tuple[Group, ...]:
    """A page of the user's groups, newest first."""
    return tuple(read_group(group) for group in fields.objects("items"))


def read_notification(fields: Fields) -> Notification:
    """One entry of the inbox, from there or told live, where it is new and therefore unread."""
    about = fields.object("data")
    return Notification(
        id=fields.text("id"),
        kind=fields.text("kind"),
        text=fields.text("text"),
        about=MappingProxyType({name: about.text(name) for name in about.names()}),
        created_at=fields.moment("created_at"),
        read=fields.has("read_at"),
    )


def read_notifications(fields: Fields) -> tuple[Notification, ...]:
    """A page of the inbox, newest first."""
    return tuple(read_notification(notification) for notification in fields.objects("items"))


def read_card(fields: Fields) -> Card:
    """A card of a deck or an outcome."""
    return Card(
        id=fields.text("id"),
        kind=fields.choice("kind", ("recipe", "restaurant")),
        title=fields.text("title"),
        subtitle=fields.text("subtitle", ""),
        image_url=fields.text("image_url", ""),
        blurhash=fields.text("blurhash", ""),
        cuisines=fields.texts("cuisines"),
        dietary_tags=fields.texts("dietary_tags"),
        sponsored=fields.flag("sponsored", default=False),
        minutes=fields.integer("minutes") if fields.has("minutes") else None,
        difficulty=fields.text("difficulty") if fields.has("difficulty") else None,
        price=fields.integer("price") if fields.has("price") else None,
        rating=fields.number("rating") if fields.has("rating") else None,
        distance_miles=fields.number("distance_miles") if fields.has("distance_miles") else None,
    )


def read_participant(fields: Fields) -> Participant:
    """Somebody in a session."""
    return Participant(
        id=fields.text("id"),
        display_name=fields.text("display_name"),
        status=fields.choice("status", PARTICIPANT_STATUSES, "connected"),
        ready=fields.flag("ready", default=False),
        energy_voted=fields.flag("energy_voted", default=False),
        swiped=fields.integer("swiped", 0),
        deck_size=fields.integer("deck_size", 0),
        spectator=fields.flag("spectator", default=False),
    )


def read_energy(fields: Fields) -> Energy:
    """The group's energy: {level, votes:{low, medium, high}}."""
    votes = fields.object("votes")
    return Energy(
        level=fields.choice("level", ENERGY_LEVELS),
        votes=Votes(votes.integer("low", 0), votes.integer("medium", 0), votes.integer("high", 0)),
    )


def read_outcome(fields: Fields) -> Outcome:
    """How a session ended."""
    return Outcome(
        kind=fields.choice("kind", ("match", "closest")),
        items=tuple(read_card(card) for card in fields.objects("items")),
        decided_at=fields.moment("decided_at"),
        tied=fields.texts("tied"),
        tossed=fields.text("tossed") if fields.has("tossed") else None,
    )


def read_motion(fields: Fields) -> Motion:
    """What somebody asked for, and who is for and against it."""
    return Motion(
        kind=fields.choice("motion", MOTION_KINDS),
        opened_by=fields.text("opened_by"),
        in_favour=fields.texts("in_favour"),
        against=fields.texts("against"),
        needed=fields.integer("needed"),
    )


def read_pause(fields: Fields) -> Pause:
    """Why the clock stands: {reason, remaining_ms}."""
    return Pause(fields.choice("reason", PAUSE_REASONS), fields.integer("remaining_ms") / 1000)


def read_messages(fields: Fields) -> tuple[ChatMessage, ...]:
    """A page of a session's messages, oldest first; the server lists the newest first."""
    page = tuple(
        ChatMessage(
            id=message.text("id"),
            participant_id=message.text("participant_id"),
            text=message.text("text"),
            at=message.moment("at"),
        )
        for message in fields.objects("items")
    )
    return page[::-1]


def read_snapshot(fields: Fields) -> Snapshot:
    """A whole session."""
    return Snapshot(
        id=fields.text("id"),
        code=fields.text("code"),
        link=fields.text("link", ""),
        status=fields.choice("status", SESSION_STATUSES),
        round=fields.integer("round", 0),
        starts_at=fields.optional_moment("starts_at"),
        ends_at=fields.optional_moment("ends_at"),
        server_now=fields.moment("server_now"),
        epoch=fields.text("epoch"),
        seq=fields.integer("seq"),
        you=fields.text("you"),
        host_id=fields.text("host_id"),
        menu=fields.choice("menu", MENUS),
        deck_size=fields.integer("deck_size", 0),
        my_energy=fields.choice("my_energy", ENERGY_LEVELS) if fields.has("my_energy") else None,
        energy=read_energy(fields.object("energy")) if fields.has("energy") else None,
        participants=tuple(read_participant(person) for person in fields.objects("participants")),
        required=fields.texts("required"),
        outcome=read_outcome(fields.object("outcome")) if fields.has("outcome") else None,
        round_seconds=fields.integers("round_seconds"),
        pause=read_pause(fields.object("pause")) if fields.has("pause") else None,
        motions=tuple(read_motion(motion) for motion in fields.objects("motions")),
    )


def read_deck(fields: Fields) -> Deck:
    """The cards of a round."""
    return Deck(
        round=fields.integer("round"),
        items=tuple(read_card(card) for card in fields.objects("items")),
        swiped=frozenset(fields.texts("swiped")),
    )
