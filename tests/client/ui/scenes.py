"""States to show: a small group of friends on one evening, with cards like those of the catalogue."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from client.net.values import (
    Card,
    ChatMessage,
    Consent,
    ConsentText,
    Energy,
    Group,
    Member,
    Motion,
    Notification,
    Outcome,
    Participant,
    Pause,
    Preferences,
    Provider,
    User,
    Votes,
)
from client.store.state import AppState, Auth, Connection, Session

ROOT = Path(__file__).parents[3]

# 19:00 UTC on 9 May 2026; the driver's local clock stands here as well.
EVENING = 1778353200.0
ROUND_ENDS = EVENING + 222
ROUNDS = (300, 180, 60)

ANA = User("a" * 24, "ana@example.com", "Ana Lindqvist", "free")
GUEST = User("d" * 24, None, "Dev", "free", role="guest", email_confirmed=False)
BEN = Participant("b" * 24, "Ben", energy_voted=True)
CLEO = Participant("c" * 24, "Cleo", energy_voted=True)


# As the server sends them, with the catalogue's own pictures.
CARDS = (
    Card(
        id="000000000000000000000001",
        kind="recipe",
        title="Shakshuka with Peppers",
        subtitle="Tunisian · 32 min · easy",
        image_url="/pictures/green-pepper-shakshuka.webp",
        blurhash="UNPX-5Q-{dxu-qIot6%2{et64:Rjx@%2axM{",
        cuisines=("Tunisian", "Middle Eastern"),
        dietary_tags=("vegetarian", "pescatarian", "gluten-free", "dairy-free", "halal", "kosher", "paleo"),
        minutes=32,
        difficulty="easy",
    ),
    Card(
        id="000000000000000000000002",
        kind="restaurant",
        title="Koji Lantern",
        subtitle="Japanese · $$$ · 0.8 mi",
        image_url="/pictures/koji-lantern.webp",
        blurhash="UHPX;TR50gW=^*aJRnWX0#RjL}WBo%WCxUtR",
        cuisines=("Japanese",),
        dietary_tags=("pescatarian", "dairy-free", "keto", "paleo", "high-protein"),
        price=3,
        rating=4.7,
        distance_miles=0.8,
    ),
    Card(
        id="000000000000000000000003",
        kind="recipe",
        title="Smoky Mushroom & Black Bean Tacos",
        subtitle="Mexican · 27 min · easy",
        image_url="/pictures/mushroom-black-bean-tacos.webp",
        blurhash="UNOgS;Rn1EtK-=k8eSV^1EobQ-M~v^V_X.tO",
        cuisines=("Mexican",),
        dietary_tags=("vegetarian", "vegan", "pescatarian", "gluten-free", "dairy-free", "halal", "kosher"),
        minutes=27,
        difficulty="easy",
    ),
    Card(
        id="000000000000000000000004",
        kind="restaurant",
        title="Ember & Plain",
        subtitle="Argentinian · $$$$ · 1.7 mi",
        image_url="/pictures/ember-and-plain.webp",
        blurhash="UERwShrDqv$*?un2WBS%mSsmD4IV-VXTofs,",
        cuisines=("Argentinian", "Steakhouse"),
        dietary_tags=("gluten-free", "dairy-free", "keto", "paleo", "high-protein"),
        price=4,
        rating=4.6,
        distance_miles=1.7,
        sponsored=True,
    ),
    Card(
        id="000000000000000000000005",
        kind="recipe",
        title="Miso Mushroom Ramen",
        subtitle="Japanese · 1 h 10 min · hard",
        image_url="/pictures/miso-mushroom-ramen.webp",
        blurhash="ULOxwhEL5Ar?~Xn%VZWB0fV@Q,S2U^NGpbxb",
        cuisines=("Japanese",),
        dietary_tags=("vegetarian", "vegan", "pescatarian", "dairy-free", "halal", "kosher"),
        minutes=70,
        difficulty="hard",
    ),
)


ABOUT_DIET = ConsentText(
    "special_category",
    "2026-11-23",
    (ROOT / "backend/users/consent_texts/special_category-2026-11-23.md").read_text("utf-8"),
)


def signed_out() -> AppState:
    return AppState(auth=Auth(status="signed_out"))


def at_home() -> AppState:
    return AppState(
        auth=Auth(user=ANA, status="signed_in"),
        preferences=Preferences(("vegetarian",), ("peanuts",)),
        texts={"special_category": ABOUT_DIET},
        diet_consent=Consent("special_category", given=True, up_to_date=True),
    )


FAMILY = Group(
    "9" * 24,
    "Family",
    ANA.id,
    (Member(ANA.id, ANA.display_name), Member(BEN.id, "Ben"), Member(CLEO.id, "Cleo")),
    "https://dindin.example/g/Kd9_x-2fQwErTyUiOpAsDfGhJkLzXcVb",
)
CALLED = Notification(
    "8" * 24,
    "session_started",
    "Ben is finding dinner with Family. Join in!",
    {
        "session_id": "7" * 24,
        "code": "H3R9WD",
        "host_name": "Ben",
        "group_id": FAMILY.id,
        "group_name": "Family",
    },
    EVENING,
)


def not_asked_yet() -> AppState:
    """Ana has not agreed to having diet and allergies kept."""
    return replace(at_home(), preferences=Preferences(max_price=2), diet_consent=Consent("special_category"))


def with_group() -> AppState:
    return replace(at_home(), groups=(FAMILY,))


def called_to_dinner() -> AppState:
    """Ben has just started a session for the family."""
    return replace(with_group(), notifications=(CALLED,))


def asked_into_group() -> AppState:
    """The app was opened by a link to a group."""
    return replace(at_home(), groups=(), group_invitation="Kd9_x-2fQwErTyUiOpAsDfGhJkLzXcVb")


def welcome_with_providers() -> AppState:
    return replace(signed_out(), providers=(Provider("google", "Google"), Provider("facebook", "Facebook")))


def in_the_browser() -> AppState:
    return replace(welcome_with_providers(), auth=Auth(status="signing_in", elsewhere="Google"))


def as_guest() -> AppState:
    return replace(at_home(), auth=Auth(user=GUEST, status="signed_in"))


def keeping_account() -> AppState:
    """A guest has tried to open a session; the sentence is the server's."""
    return replace(
        as_guest(), account_wish="Guests cannot do that. Make an account of yours: nothing is lost."
    )


def unconfirmed() -> AppState:
    return replace(at_home(), auth=Auth(user=replace(ANA, email_confirmed=False), status="signed_in"))


def session(**changes: object) -> Session:
    """A session in the lobby, opened by Ana, whose app this is."""
    me = Participant(ANA.id, ANA.display_name, energy_voted=False)
    opened = Session(
        id="f" * 24, code="K7MQ4P", link="https://dindin.example/join/K7MQ4P", status="lobby", round=0, starts_at=None,
        ends_at=None, host_id=ANA.id, you=ANA.id, menu="both", participants=(me, replace(BEN, ready=True), CLEO),
        required=(ANA.id, BEN.id, CLEO.id),
    )  # fmt: skip
    return replace(opened, **changes)  # type: ignore[arg-type]  # changes are Session's own fields


def in_session(opened: Session, **changes: object) -> AppState:
    state = replace(at_home(), session=opened, open_session_id=opened.id, connection=Connection("connected"))
    return replace(state, **changes)  # type: ignore[arg-type]  # changes are AppState's own fields


def lobby() -> AppState:
    return in_session(session())


def lobby_voted() -> AppState:
    people = (
        Participant(ANA.id, ANA.display_name, ready=True, energy_voted=True),
        replace(BEN, ready=True),
        CLEO,
    )
    return in_session(
        session(participants=people, my_energy="medium", energy=Energy("medium", Votes(0, 2, 1)))
    )


def swiping(**changes: object) -> AppState:
    people = tuple(
        replace(person, swiped=swiped, deck_size=20)
        for person, swiped in zip(session().participants, (4, 7, 2), strict=True)
    )
    running = session(
        status="swiping", round=1, ends_at=ROUND_ENDS, participants=people, deck=CARDS, round_seconds=ROUNDS
    )
    changed = replace(running, **changes)  # type: ignore[arg-type]  # changes are Session's own fields
    if changed.deck and not changed.deck_round:
        changed = replace(changed, deck_round=changed.round)
    return in_session(changed)


def waiting() -> AppState:
    people = tuple(
        replace(person, swiped=swiped, deck_size=5)
        for person, swiped in zip(session().participants, (5, 5, 3), strict=True)
    )
    return swiping(swiped_ids=frozenset(item.id for item in CARDS), participants=people)


def matched() -> AppState:
    outcome = Outcome("match", (CARDS[0],), EVENING)
    return swiping(status="matched", ends_at=None, outcome=outcome)


def closest() -> AppState:
    outcome = Outcome("closest", (CARDS[1], CARDS[2], CARDS[4]), EVENING)
    return swiping(status="closest", ends_at=None, outcome=outcome)


def expired() -> AppState:
    return swiping(status="expired", ends_at=None)


def asking() -> AppState:
    """Round 2, and Ben wants a break; Cleo is away."""
    people = tuple(
        replace(person, swiped=swiped, deck_size=size, status=status)
        for person, swiped, size, status in zip(
            session().participants, (2, 3, 1), (9, 8, 11), ("connected", "connected", "away"), strict=True
        )
    )
    motion = Motion("pause", BEN.id, (BEN.id,), (), 2)
    return swiping(
        round=2,
        ends_at=EVENING + 97,
        participants=people,
        motions=(motion,),
        deck=CARDS[2:],
        messages=CHAT[:2],
        swiped_ids=frozenset({CARDS[2].id}),
    )


def paused(**changes: object) -> AppState:
    people = asking().session.participants
    told = {"status": "paused", "ends_at": None, "pause": Pause("vote", 127.0), "participants": people}
    return swiping(round=2, **{**told, **changes})


def watching() -> AppState:
    """Dev came in round 2 and only watches; it is Dev's app."""
    dev = Participant("d" * 24, "Dev", spectator=True)
    people = (*asking().session.participants, dev)
    return swiping(round=2, ends_at=EVENING + 97, you=dev.id, host_id=BEN.id, participants=people, deck=())


def tied(**changes: object) -> AppState:
    cards = (CARDS[1], CARDS[2], CARDS[4])
    outcome = Outcome("closest", cards, EVENING, tied=(cards[0].id, cards[1].id))
    return swiping(
        status="closest",
        round=3,
        ends_at=None,
        outcome=replace(outcome, **changes),  # type: ignore[arg-type]  # changes are Outcome's own fields
    )


def tossed() -> AppState:
    return tied(tossed=CARDS[2].id)


CHAT = (
    ChatMessage("m1", BEN.id, "Who is cooking tonight?", EVENING - 90),
    ChatMessage("m2", BEN.id, "I could do the tacos, if somebody buys the avocados.", EVENING - 80),
    ChatMessage("m3", ANA.id, "I will!", EVENING - 40),
    ChatMessage("m4", CLEO.id, "Then tacos it is!", EVENING - 10),
)


def talking() -> AppState:
    return swiping(messages=CHAT)
