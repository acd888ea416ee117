"""The client's whole state as immutable values; `reduce` makes the next one, nobody changes one in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from client.net.values import (
    Card,
    ChatMessage,
    Consent,
    ConsentText,
    Device,
    Direction,
    Energy,
    EnergyLevel,
    Epoch,
    Group,
    Location,
    Menu,
    Motion,
    MotionKind,
    Notification,
    Outcome,
    Participant,
    Pause,
    Preferences,
    Provider,
    SessionStatus,
    TextKind,
    User,
    Votes,
)
from client.store.kitchen.state import Kitchen
from client.store.people.state import People
from client.store.privacy.state import Privacy
from client.store.settings.state import Settings

__all__ = [
    "AppState",
    "Auth",
    "AuthStatus",
    "Card",
    "ChatMessage",
    "Connection",
    "ConnectionStatus",
    "Consent",
    "ConsentText",
    "Device",
    "Direction",
    "Energy",
    "EnergyLevel",
    "Group",
    "Kitchen",
    "Location",
    "Menu",
    "Motion",
    "MotionKind",
    "Notice",
    "Notification",
    "Outcome",
    "Participant",
    "PasswordForm",
    "Pause",
    "People",
    "Preferences",
    "Privacy",
    "Provider",
    "Reaction",
    "Session",
    "SessionStatus",
    "TextKind",
    "User",
    "Votes",
]

AuthStatus: TypeAlias = Literal["restoring", "signed_out", "signing_in", "signed_in"]
ConnectionStatus: TypeAlias = Literal["offline", "connecting", "connected", "reconnecting"]


@dataclass(frozen=True, slots=True)
class Auth:
    """Who is signed in; `error` is a sentence for the form, `field_errors` one per field name.

    While somebody signs in on another's page in the browser, `elsewhere` is what people call that provider.
    """

    user: User | None = None
    status: AuthStatus = "restoring"
    elsewhere: str = ""
    error: str | None = None
    field_errors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class PasswordForm:
    """What became of the last new password that was sent; errors as in `Auth`, fields `current` and `new`."""

    status: Literal["open", "done", "refused"] = "open"
    error: str = ""
    field_errors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Reaction:
    """A feeling somebody showed, `at` which moment."""

    participant_id: str
    emoji: str
    at: float


@dataclass(frozen=True, slots=True)
class Session:
    """The session that is open. Times are epoch seconds of the server's clock (`Connection.clock_offset`).

    `deck` holds the cards of the round `deck_round` in the order in which they are shown. `swiped_ids` are those that
    this participant is done with in `round`, including the ones whose swipe still waits to be sent; `swipe_order` are
    those among them that were swiped on this device, the last one last. `round_seconds` are the rounds' lengths.
    `messages` and `reactions` are the latest ones, oldest first; the user has seen the messages up to `seen_until`.
    """

    id: str
    code: str
    link: str
    status: SessionStatus
    round: int
    starts_at: float | None
    ends_at: float | None
    host_id: str
    you: str
    menu: Menu
    energy: Energy | None = None
    my_energy: EnergyLevel | None = None
    participants: tuple[Participant, ...] = ()
    required: tuple[str, ...] = ()
    round_seconds: tuple[int, ...] = ()
    pause: Pause | None = None
    motions: tuple[Motion, ...] = ()
    deck: tuple[Card, ...] = ()
    deck_round: int = 0
    swiped_ids: frozenset[str] = frozenset()
    swipe_order: tuple[str, ...] = ()
    outcome: Outcome | None = None
    messages: tuple[ChatMessage, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    seen_until: float = 0.0
    epoch: Epoch = ""
    seq: int = 0

    @property
    def remaining_cards(self) -> tuple[Card, ...]:
        """The cards still to swipe, the current one first."""
        return tuple(card for card in self.deck if card.id not in self.swiped_ids)

    @property
    def current_card(self) -> Card | None:
        """The card on top, or None when there is none (yet, or any more)."""
        return next((card for card in self.deck if card.id not in self.swiped_ids), None)

    @property
    def running(self) -> bool:
        """Whether a round is on, its clock standing or not."""
        return self.status in {"swiping", "paused"}

    @property
    def deck_loaded(self) -> bool:
        """Whether `deck` is the running round's; in round 2 it may be empty and loaded all the same."""
        return self.round > 0 and self.deck_round == self.round

    @property
    def round_length(self) -> float | None:
        """How many seconds the running round has in all; None when the server has not said."""
        known = 0 < self.round <= len(self.round_seconds)
        return float(self.round_seconds[self.round - 1]) if known else None

    @property
    def unread(self) -> int:
        """How many messages of others the user has not seen."""
        return sum(
            message.at > self.seen_until and message.participant_id != self.you for message in self.messages
        )

    @property
    def spectating(self) -> bool:
        """Whether this participant came too late to swipe (docs/product.md S18)."""
        return self.me is not None and self.me.spectator

    @property
    def can_undo(self) -> bool:
        """Whether there is a swipe of this round to take back (docs/product.md S13)."""
        return self.status == "swiping" and bool(self.swiped_ids) and not self.spectating

    @property
    def is_host(self) -> bool:
        """Whether the user of this client opened the session."""
        return self.you == self.host_id

    @property
    def me(self) -> Participant | None:
        """The user's own entry among the participants."""
        return next((person for person in self.participants if person.id == self.you), None)


@dataclass(frozen=True, slots=True)
class Connection:
    """How the live socket is doing.

    `attempts` failed in a row; the next try is at `retry_at` (local epoch seconds). `clock_offset` is server
    minus local seconds. `give_hint` asks the UI to tell the user and offer "try now".
    """

    status: ConnectionStatus = "offline"
    attempts: int = 0
    retry_at: float | None = None
    clock_offset: float = 0.0
    give_hint: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the user, shown until dismissed or replaced; a new `id` means a new notice."""

    id: int
    kind: Literal["info", "error"]
    text: str


@dataclass(frozen=True, slots=True)
class AppState:
    """Everything the screens show. `busy` names the running commands; `preferences` is None until loaded.

    `open_session_id` is set before `session` is known, while its socket is still connecting. `providers` are those
    that the server offers for logging in, `invitation` is the join code of a link that is not used yet,
    `group_invitation` the token of one to a group.

    `devices` are where the user is logged in and `groups` the user's own, both None until loaded; `groups_error` is why
    the last attempt to read the groups failed. `notifications` are those that the user has not seen, newest first.

    `texts` are the words that one is asked to agree to, as far as they were loaded; `diet_consent` is whether diet and
    allergies may be kept, None until loaded.

    `kitchen` is what is known of catalogue, favourites and shopping lists,
    `people` is what history, inbox and group screens show, `privacy` what the one about the user's privacy shows.
    `settings` are those of this device, whoever is logged in.

    A guest is asked to make an account while `account_wish` is not None; it is why, in one sentence, or empty where
    that is the guest's own wish.
    """

    auth: Auth = Auth()
    session: Session | None = None
    connection: Connection = Connection()
    preferences: Preferences | None = None
    busy: frozenset[str] = frozenset()
    notice: Notice | None = None
    pending_swipes: int = 0
    open_session_id: str | None = None
    providers: tuple[Provider, ...] = ()
    invitation: str = ""
    account_wish: str | None = None
    devices: tuple[Device, ...] | None = None
    password_form: PasswordForm = PasswordForm()
    groups: tuple[Group, ...] | None = None
    groups_error: str = ""
    notifications: tuple[Notification, ...] = ()
    group_invitation: str = ""
    texts: Mapping[TextKind, ConsentText] = field(default_factory=lambda: MappingProxyType({}))
    diet_consent: Consent | None = None
    kitchen: Kitchen = field(default_factory=Kitchen)
    people: People = field(default_factory=People)
    privacy: Privacy = field(default_factory=Privacy)
    settings: Settings = field(default_factory=Settings)
