"""Everything that can happen to the state; `reduce` knows what each of them changes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from client.net.events import Event
from client.net.values import ChatMessage, Deck, EnergyLevel, Epoch, Preferences, Provider, Snapshot, User
from client.store.account_actions import AccountAction
from client.store.group_actions import GroupAction
from client.store.kitchen.actions import KitchenAction
from client.store.people.actions import PeopleAction
from client.store.privacy.actions import PrivacyAction
from client.store.settings.actions import SettingsAction
from client.store.state import ConnectionStatus

_next_notice_id = itertools.count(1).__next__


@dataclass(frozen=True, slots=True)
class CommandStarted:
    """The command `name` is running."""

    name: str


@dataclass(frozen=True, slots=True)
class CommandFinished:
    """The command `name` has ended, well or not."""

    name: str


@dataclass(frozen=True, slots=True)
class SigningIn:
    """A registration or log-in was sent; earlier errors no longer hold.

    `elsewhere` names the provider whose page was opened in the browser.
    """

    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody is signed in, or the server has said something new about who is."""

    user: User


@dataclass(frozen=True, slots=True)
class SignInFailed:
    """Registration or log-in was refused, could not be sent, or (`error` None) is no longer wished."""

    error: str | None
    field_errors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class AccountWished:
    """A guest is to make an account: `reason` is a sentence, or empty where that is the guest's own wish."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class AccountRefused:
    """The server did not make an account of the guest: what it says about the form."""

    error: str
    field_errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AccountWishDropped:
    """The guest stays a guest for now."""


@dataclass(frozen=True, slots=True)
class ProvidersLoaded:
    """Through whose pages one can log in."""

    providers: tuple[Provider, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """The user holds the code of a session and is not in it yet."""

    code: str


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Nobody is signed in (any more); `reason` is a sentence when that was not the user's wish."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The user enters a session; from now on what is said about it counts."""

    session_id: str


@dataclass(frozen=True, slots=True)
class SnapshotReceived:
    """The server told a session's whole state.

    Nothing about a session that is not open changes anything: a late answer must not reopen it.
    """

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class DeckLoaded:
    """A round's cards arrived; what is swiped here and still on its way counts as swiped in `deck` already."""

    session_id: str
    deck: Deck


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """The socket of `session_id` delivered an event, numbered within `epoch`."""

    session_id: str
    epoch: Epoch
    event: Event


@dataclass(frozen=True, slots=True)
class EnergyChosen:
    """The server took this client's energy vote."""

    session_id: str
    level: EnergyLevel


@dataclass(frozen=True, slots=True)
class CardSwiped:
    """The user swiped a card: it leaves at once."""

    session_id: str
    item_id: str


@dataclass(frozen=True, slots=True)
class SwipeRejected:
    """The server refused a swipe of `round`: its card comes back if that round still runs."""

    session_id: str
    round: int
    item_id: str


@dataclass(frozen=True, slots=True)
class UndoAsked:
    """The user takes the last swipe back: its card is on top again at once, as far as this device knows it."""

    session_id: str


@dataclass(frozen=True, slots=True)
class UndoSettled:
    """The server has answered an undo of `round`.

    `shown` is the card that came back at once (None: this device did not know), `taken_back` the one whose swipe the
    server took back (None: it refused).
    """

    session_id: str
    round: int
    shown: str | None
    taken_back: str | None


@dataclass(frozen=True, slots=True)
class MessagesLoaded:
    """What was said in the session before."""

    session_id: str
    messages: tuple[ChatMessage, ...]


@dataclass(frozen=True, slots=True)
class PendingSwipesCounted:
    """How many swipes the session's outbox still holds."""

    session_id: str
    count: int


@dataclass(frozen=True, slots=True)
class SessionLeft:
    """The user is back home; no session is open."""


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The state of the session's socket changed (see `client.store.state.Connection`)."""

    session_id: str
    status: ConnectionStatus
    attempts: int = 0
    retry_at: float | None = None
    give_hint: bool = False


@dataclass(frozen=True, slots=True)
class ClockMeasured:
    """The server's clock is `offset` seconds ahead of ours."""

    offset: float


@dataclass(frozen=True, slots=True)
class PreferencesLoaded:
    """The server's preferences, read or just saved."""

    preferences: Preferences


@dataclass(frozen=True, slots=True)
class NoticeShown:
    """Say one sentence to the user; each has its own id, so that the same sentence twice is seen twice."""

    kind: Literal["info", "error"]
    text: str
    id: int = field(default_factory=_next_notice_id)


@dataclass(frozen=True, slots=True)
class NoticeDismissed:
    """The user has seen the notice."""


@dataclass(frozen=True, slots=True)
class MessagesSeen:
    """The user has looked at everything that was said so far."""

    session_id: str


Action: TypeAlias = (
    CommandStarted
    | CommandFinished
    | SigningIn
    | SignedIn
    | SignInFailed
    | SignedOut
    | AccountWished
    | AccountRefused
    | AccountWishDropped
    | ProvidersLoaded
    | Invited
    | SessionOpened
    | SnapshotReceived
    | DeckLoaded
    | LiveEvent
    | EnergyChosen
    | CardSwiped
    | SwipeRejected
    | UndoAsked
    | UndoSettled
    | MessagesLoaded
    | MessagesSeen
    | PendingSwipesCounted
    | SessionLeft
    | ConnectionChanged
    | ClockMeasured
    | PreferencesLoaded
    | NoticeShown
    | NoticeDismissed
    | AccountAction
    | GroupAction
    | KitchenAction
    | PeopleAction
    | PrivacyAction
    | SettingsAction
)
