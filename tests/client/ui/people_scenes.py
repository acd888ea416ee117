"""States of history, inbox, group, profile and privacy: the friends of `tests.client.ui.scenes`, some weeks on."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from client.net.people_values import Decision, HistoryEntry, Opinion
from client.net.privacy_values import ConsentRecord, Erasure, Export, RecordedEvent
from client.net.values import ConsentText, Notification, Outcome, TextKind
from client.store.listing import Listing, fetched
from client.store.people.state import OpenGroup, People
from client.store.privacy.state import Privacy
from client.store.state import AppState, Auth
from tests.client.ui import scenes
from tests.client.ui.scenes import ANA, CARDS, EVENING, FAMILY, ROOT

DAY = 86400.0
NAMES = ("Ana Lindqvist", "Ben", "Cleo")


def decision(number: int, *, days: float, kind: str = "match", people: tuple[str, ...] = NAMES) -> Decision:
    """What was decided so many days ago."""
    card = CARDS[number % len(CARDS)]
    others = (CARDS[(number + 1) % 5], CARDS[(number + 2) % 5]) if kind == "closest" else ()
    outcome = Outcome("closest" if others else "match", (card, *others), EVENING - days * DAY)
    return Decision(f"{number:024x}", outcome, people[0], people)


RAMEN = HistoryEntry(decision(4, days=0.1), group_name=FAMILY.name)
TACOS = HistoryEntry(decision(2, days=8), Opinion(5, "More lime next time."))
LANTERN = HistoryEntry(decision(1, days=23, kind="closest", people=(*NAMES, "Dev", "Eve")), Opinion(3))
HISTORY = (RAMEN, TACOS, LANTERN, HistoryEntry(decision(0, days=40, people=NAMES[:2])))


def with_history(**changes: object) -> AppState:
    people = People(
        history=Listing(HISTORY, "loaded", next_page=None, total=4), due=frozenset({RAMEN.decision.id})
    )
    changed = replace(people, **changes)  # type: ignore[arg-type]  # changes are People's own fields
    return replace(scenes.with_group(), people=changed)


def told(number: int, kind: str, text: str, *, days: float, read: bool = False, **about: str) -> Notification:
    """A notification of so many days ago."""
    about = {"group_id": FAMILY.id, "group_name": FAMILY.name, **about}
    return Notification(f"{number:024x}", kind, text, MappingProxyType(about), EVENING - days * DAY, read)


INBOX = (
    told(1, "session_started", "Ben is finding dinner with Family. Join in!", days=0.01, code="K7MQ4P"),
    told(2, "group_joined", "Cleo has joined Family.", days=1),
    told(3, "group_owned", "You look after Family now: its owner has left.", days=3, read=True),
    told(4, "group_deleted", "The Thursday table has been deleted. What you decided together stays in your history.",
         days=12, read=True),
)  # fmt: skip


def with_inbox(**changes: object) -> AppState:
    people = People(inbox=Listing(INBOX, "loaded", next_page=None, total=4), unread=2)
    changed = replace(people, **changes)  # type: ignore[arg-type]  # changes are People's own fields
    return replace(scenes.with_group(), people=changed)


def with_muted(*kinds: str) -> AppState:
    """Ana wants to hear everything but these kinds."""
    return replace(scenes.with_group(), people=People(muted=fetched(frozenset(kinds))))


DECISIONS = tuple(decision(number, days=5.0 + 7 * number) for number in range(5))


def with_open_group(*, owned: bool = True, **changes: object) -> AppState:
    group = FAMILY if owned else replace(FAMILY, owner_id=scenes.BEN.id)
    opened = OpenGroup(FAMILY.id, fetched(group), Listing(DECISIONS, "loaded", next_page=None, total=5))
    changed = replace(opened, **changes)  # type: ignore[arg-type]  # changes are OpenGroup's own fields
    return replace(scenes.with_group(), people=People(open_group=changed))


def text_of(kind: TextKind) -> ConsentText:
    path = ROOT / f"backend/users/consent_texts/{kind}-2026-11-23.md"
    return ConsentText(kind, "2026-11-23", path.read_text("utf-8"))


CONSENTS = (
    ConsentRecord("terms", given=True, up_to_date=True, given_at=EVENING - 40 * DAY),
    ConsentRecord("privacy", given=True, up_to_date=False, given_at=EVENING - 40 * DAY),
    ConsentRecord("special_category", withdrawn_at=EVENING - 2 * DAY),
)
KINDS: tuple[TextKind, ...] = ("terms", "privacy", "special_category")
READY = Export("e1" * 12, "done", 100, EVENING - 2 * DAY, EVENING + 5 * DAY, 1_240_000)
BEING_MADE = Export("e2" * 12, "running", 42, EVENING - 60, EVENING + 7 * DAY)
SCHEDULED = Erasure("scheduled", EVENING + 14 * DAY, "Rk3vT0qYb8Zs")
RECORD = (
    RecordedEvent(EVENING - 60, "compliance.export_requested", "done", "you", "203.0.113.0/24", 1),
    RecordedEvent(EVENING - 3600, "auth.log_in", "refused", "you", "198.51.100.0/24", 3),
    RecordedEvent(EVENING - DAY, "users.tier_changed", "done", "somebody else", "", 1),
    RecordedEvent(EVENING - 2 * DAY, "kitchen.fire_put_out", "failed", "the server", "", 1),
)


def private(**changes: object) -> AppState:
    privacy = Privacy(
        consents=fetched(CONSENTS),
        exports=fetched((READY,)),
        erasure=fetched(Erasure()),
        record=Listing(RECORD, "loaded", next_page=None, total=4),
    )
    changed = replace(privacy, **changes)  # type: ignore[arg-type]  # changes are Privacy's own fields
    return replace(scenes.at_home(), privacy=changed, texts={kind: text_of(kind) for kind in KINDS})


def guest(state: AppState) -> AppState:
    """The same for somebody without a password."""
    return replace(state, auth=Auth(user=scenes.GUEST, status="signed_in"))


def unconfirmed(state: AppState) -> AppState:
    """The same for somebody who has not clicked the link yet."""
    return replace(state, auth=Auth(user=replace(ANA, email_confirmed=False), status="signed_in"))
