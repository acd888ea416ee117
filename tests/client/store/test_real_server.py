"""Everything a session can be, played by whole clients against the real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from client.config import ClientConfig
from client.net.values import MotionKind
from client.store.client import Client, open_client
from client.store.state import AppState, Session
from tests.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.e2e, pytest.mark.timeout(180)]


class Person:
    """Somebody with the app, who can close it and open it again."""

    def __init__(self, name: str, server: str, home: Path) -> None:
        self.name = name
        self._config = ClientConfig(server_url=server, home=home, own_home=True)
        self.client: Client = open_client(self._config)

    @property
    def session(self) -> Session:
        session = self.client.store.state.session
        assert session is not None
        return session

    def vote(self, motion: MotionKind) -> None:
        """Say yes to it; an app that still waits for the answer to another vote would not listen."""
        eventually(lambda: "vote" not in self.client.store.state.busy)
        self.client.commands.vote(motion, True)

    def sees(self, reached: Callable[[Session], object]) -> None:
        """Wait until the session is as wanted."""

        def there(state: AppState) -> bool:
            return state.session is not None and bool(reached(state.session))

        eventually(lambda: there(self.client.store.state))

    def sign_up(self) -> None:
        commands, store = self.client.commands, self.client.store
        commands.register(f"{self.name.lower()}@example.com", "a long enough password", self.name)
        eventually(lambda: store.state.auth.status == "signed_in")

    def swipe_left(self) -> str:
        card = self.session.current_card
        assert card is not None
        self.client.commands.swipe(card.id, "left")
        return card.id

    def restart(self) -> None:
        self.client.commands.shutdown()
        self.client = open_client(self._config)
        self.client.commands.restore()


@pytest.fixture
def person(server: str, tmp_path: Path) -> Iterator[Callable[[str], Person]]:
    """Somebody new, signed in; everybody's app is closed after the test."""
    people: list[Person] = []

    def new(name: str) -> Person:
        someone = Person(name, server, tmp_path / name)
        people.append(someone)
        someone.sign_up()
        return someone

    yield new
    for someone in people:
        someone.client.commands.shutdown()


def agree(motion: MotionKind, *people: Person) -> None:
    """One asks, all others say yes."""
    first, *others = people
    first.vote(motion)
    for other in others:
        other.sees(lambda session: any(known.kind == motion for known in session.motions))
        other.vote(motion)


def test_a_session_with_everything(person: Callable[[str], Person]) -> None:
    ada, bo = person("Ada"), person("Bo")
    ada.client.commands.create_session("both", [60, 45, 30])
    ada.sees(lambda session: session.status == "lobby")
    bo.client.commands.join_session(ada.session.code)
    for one in (ada, bo):
        one.sees(lambda session: len(session.participants) == 2)
        one.client.commands.set_energy("medium")
        one.sees(lambda session: session.my_energy == "medium")
        one.client.commands.set_ready(True)
    for one in (ada, bo):
        one.sees(lambda session: session.round == 1 and session.deck_loaded)
    assert ada.session.round_length == 60

    # Two swipes, both taken back: the first card is on top again, and nobody counts one.
    first = ada.swipe_left()
    ada.swipe_left()
    bo.sees(lambda session: session.participants[0].swiped == 2)
    ada.client.commands.undo()
    ada.client.commands.undo()
    bo.sees(lambda session: session.participants[0].swiped == 0)
    assert ada.session.current_card is not None
    assert ada.session.current_card.id == first

    # Talk.
    bo.client.commands.chat("Tacos?")
    bo.client.commands.react("🔥")
    ada.sees(lambda session: [said.text for said in session.messages] == ["Tacos?"] and session.reactions)

    # A break, to the millisecond the same for both.
    agree("pause", ada, bo)
    for one in (ada, bo):
        one.sees(lambda session: session.status == "paused")
    assert ada.session.pause == bo.session.pause
    agree("resume", bo, ada)
    for one in (ada, bo):
        one.sees(lambda session: session.status == "swiping")

    # Round 2 has cards of its own, and who joins now may only watch.
    kept = ada.swipe_left()
    agree("skip_round", ada, bo)
    for one in (ada, bo):
        one.sees(lambda session: session.round == 2 and session.deck_loaded)
    assert kept not in ada.session.swiped_ids
    eve = person("Eve")
    eve.client.commands.join_session(ada.session.code)
    eve.sees(lambda session: session.spectating and session.messages)

    # Nobody likes anything: everything is tied, and a coin decides the same for all.
    agree("end_now", bo, ada)
    for one in (ada, bo, eve):
        one.sees(lambda session: session.outcome is not None and len(session.outcome.tied) > 1)
    ada.client.commands.toss()
    for one in (ada, bo, eve):
        one.sees(lambda session: session.outcome is not None and session.outcome.tossed)
    assert len({one.session.outcome and one.session.outcome.tossed for one in (ada, bo, eve)}) == 1

    # What was decided and said is there after a restart, and people still talk.
    ada.restart()
    ada.sees(lambda session: session.outcome is not None and session.messages)
    eve.client.commands.chat("Enjoy!")
    ada.sees(lambda session: session.messages[-1].text == "Enjoy!")
