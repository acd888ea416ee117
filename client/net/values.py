"""What the server says, as immutable values (docs/product.md, "Words").

`client.net.reading` builds them from JSON; the store keeps them as they are. Times are epoch seconds by the
server's clock, distances miles, durations minutes, prices a level from 1 to 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Epoch: TypeAlias = str
"""Names one numbering of a session's events; compared and sent back, never calculated with."""

SessionStatus: TypeAlias = Literal["lobby", "swiping", "paused", "matched", "closest", "expired", "closed"]
ParticipantStatus: TypeAlias = Literal["connected", "away", "gone", "left"]
EnergyLevel: TypeAlias = Literal["low", "medium", "high"]
Menu: TypeAlias = Literal["recipes", "restaurants", "both"]
Direction: TypeAlias = Literal["right", "left", "up"]
MotionKind: TypeAlias = Literal["pause", "resume", "skip_round", "end_now"]
PauseReason: TypeAlias = Literal["vote", "majority_away"]
Role: TypeAlias = Literal["guest", "user", "operator"]
TextKind: TypeAlias = Literal["terms", "privacy", "special_category"]


@dataclass(frozen=True, slots=True)
class User:
    """The account somebody is signed in with; without an `email` for guests, and where a provider did not tell."""

    id: str
    email: str | None
    display_name: str
    tier: str
    role: Role = "user"
    email_confirmed: bool = True

    @property
    def guest(self) -> bool:
        """Whether this is somebody who gave a name only (docs/product.md A3)."""
        return self.role == "guest"

    @property
    def has_to_confirm(self) -> bool:
        """Whether the address waits for the click in its mail."""
        return self.email is not None and not self.email_confirmed


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody else's page on which one can log in: the name that the server knows it by, and the one for people."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Device:
    """Somewhere the user is logged in; `current` is this one. Times are epoch seconds."""

    id: str
    name: str
    logged_in_at: float
    last_used_at: float
    current: bool


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a group."""

    id: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Group:
    """People who eat together again and again; whoever has been a member longest comes first.

    Whoever has the `invite_link` may join. `live_session_id` is the newest session of theirs that one can still join.
    """

    id: str
    name: str
    owner_id: str
    members: tuple[Member, ...]
    invite_link: str
    live_session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """Something the user was told: `text` is for people, `about` for acting on it.

    `kind` may be one of a later server, and `about` holds what is known of its kind (docs/live-protocol.md, "Events").
    """

    id: str
    kind: str
    text: str
    about: Mapping[str, str]
    created_at: float
    read: bool = False


@dataclass(frozen=True, slots=True)
class Location:
    """A point in degrees (WGS 84)."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody can, likes to and wants to pay to eat (docs/product.md A5)."""

    dietary: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    liked_cuisines: tuple[str, ...] = ()
    disliked_cuisines: tuple[str, ...] = ()
    max_price: int | None = None
    home_location: Location | None = None


@dataclass(frozen=True, slots=True)
class ConsentText:
    """Words that one is asked to agree to, in Markdown; `version` names them when one does."""

    kind: TextKind
    version: str
    text: str


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether the user agrees to a text; it counts where that is the text in force."""

    kind: TextKind
    given: bool = False
    up_to_date: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A recipe or a restaurant as shown in the deck; what a kind does not have is None."""

    id: str
    kind: Literal["recipe", "restaurant"]
    title: str
    subtitle: str = ""
    image_url: str = ""
    blurhash: str = ""
    cuisines: tuple[str, ...] = ()
    dietary_tags: tuple[str, ...] = ()
    sponsored: bool = False
    minutes: int | None = None
    difficulty: str | None = None
    price: int | None = None
    rating: float | None = None
    distance_miles: float | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in the session; `swiped` of the `deck_size` cards they have in this round are done.

    A `spectator` came too late to swipe and sees the outcome (docs/product.md S18).
    """

    id: str
    display_name: str
    status: ParticipantStatus = "connected"
    ready: bool = False
    energy_voted: bool = False
    swiped: int = 0
    deck_size: int = 0
    spectator: bool = False


@dataclass(frozen=True, slots=True)
class Votes:
    """How many voted for each energy level."""

    low: int = 0
    medium: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True)
class Energy:
    """The group's energy, known once all votes are in (docs/product.md S3)."""

    level: EnergyLevel
    votes: Votes


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session ended: one matched card, or the closest three.

    `tied` are the ids of those that share the first place, empty where one is alone there; `tossed` is the one that a
    coin has chosen among them (docs/product.md S11).
    """

    kind: Literal["match", "closest"]
    items: tuple[Card, ...]
    decided_at: float
    tied: tuple[str, ...] = ()
    tossed: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A standing clock: why, and how many seconds of the round are left when it goes on."""

    reason: PauseReason
    remaining: float


@dataclass(frozen=True, slots=True)
class Motion:
    """Something somebody asked for and all may vote on; `needed` votes in favour make it pass (docs/product.md S12)."""

    kind: MotionKind
    opened_by: str
    in_favour: tuple[str, ...]
    against: tuple[str, ...]
    needed: int


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """What a participant said to the others, as plain text."""

    id: str
    participant_id: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole session at one moment, as the server sends it."""

    id: str
    code: str
    link: str
    status: SessionStatus
    round: int
    round_seconds: tuple[int, ...]
    starts_at: float | None
    ends_at: float | None
    pause: Pause | None
    server_now: float
    epoch: Epoch
    seq: int
    you: str
    host_id: str
    menu: Menu
    deck_size: int
    my_energy: EnergyLevel | None
    energy: Energy | None
    participants: tuple[Participant, ...]
    required: tuple[str, ...]
    motions: tuple[Motion, ...]
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Deck:
    """The cards of one round, and those among them that the caller has already swiped."""

    round: int
    items: tuple[Card, ...]
    swiped: frozenset[str]
