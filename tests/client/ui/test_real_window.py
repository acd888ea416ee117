"""The whole way, as a user goes it: the real app in a real window, a real pointer, the real server, a friend."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kivy.core.window import Window

from client.net.api import ApiClient
from client.net.tokens import MemoryTokens
from client.net.ulid import new_ulid
from client.net.values import Participant
from client.store.state import AppState
from client.theme.metrics import WINDOW_HEIGHT, WINDOW_WIDTH
from client.theme.palette import LIGHT
from tests.client.ui import scenes
from tests.client.ui.display import Display, open_display
from tests.client.ui.hand import Hand, Point, wait_until
from tests.client.ui.stage import Stage

pytestmark = [pytest.mark.long, pytest.mark.e2e]
ROOT = Path(__file__).parents[3]
PASSWORD = "correct horse battery"


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Display]:
    """A display for the app alone, whose pixels can be read."""
    if shutil.which("xdotool") is None:
        pytest.fail(
            "xdotool is not installed: run `make test`, which sees to it, or apt-get install xdotool."
        )
    frames = tmp_path / "frames"
    frames.mkdir()
    display = open_display(frames=frames)
    yield display
    display.close()


@pytest.fixture
def hand(server: str, screen: Display, tmp_path: Path) -> Iterator[Hand]:
    """The app as a process of its own, and a hand in its window."""
    environment = {**os.environ, "DISPLAY": screen.name, "DINDIN_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "client", "--server", server]
    with (tmp_path / "app.log").open("w+") as log:
        app = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield Hand.take_window(screen, (WINDOW_WIDTH, WINDOW_HEIGHT))
        finally:
            screen.picture().save(tmp_path / "last_seen.png")
            app.terminate()
            code = app.wait(20)
            log.seek(0)
            said = log.read()
    assert (code, said) == (0, "")  # it ends when asked to, and has complained about nothing


@pytest.fixture
def friend(server: str) -> Iterator[ApiClient]:
    """Somebody else, signed in."""
    client = ApiClient(server, MemoryTokens())
    client.register("ben@example.com", PASSWORD, "Ben")
    yield client
    client.close()


@pytest.fixture
def places(play: Callable[..., Stage]) -> Callable[[AppState, str], Point]:
    """Where things are: the same screens in this process, in a window of the same size, tell."""

    def place(state: AppState, *path: str, at_the_foot: bool = False) -> Point:
        stage = play(state)
        widget = stage.screen
        if at_the_foot:
            widget.ids.scroll.scroll_y = 0
            stage.driver.wait(0.2)
        for name in path:
            widget = widget.ids[name]
        x, y = widget.to_window(*widget.center)
        return x, Window.height - y

    return place


def lobby_of_two() -> AppState:
    """The lobby as Ana will see it: Ben's session, and she has just come."""
    me = Participant(scenes.ANA.id, "Ana")
    ben = replace(scenes.BEN, energy_voted=False)
    return scenes.in_session(scenes.session(host_id=ben.id, participants=(ben, me)))


def test_log_in_join_drag_a_card_and_see_the_match(
    server: str, hand: Hand, friend: ApiClient, places: Callable[..., Point]
) -> None:
    newcomer = ApiClient(server, MemoryTokens())
    newcomer.register("ana@example.com", PASSWORD, "Ana")
    newcomer.close()
    opened = friend.create_session("recipes")

    submit = places(scenes.signed_out(), "submit")
    beside_the_words = (submit[0] - 120, submit[1])
    hand.wait_for_colour(beside_the_words, LIGHT.coral, "the welcome screen")
    hand.click(places(scenes.signed_out(), "email", "line"))
    hand.type("ana@example.com")
    hand.click(places(scenes.signed_out(), "password", "line"))
    hand.type(PASSWORD)
    hand.click(submit)

    create = places(scenes.unconfirmed(), "create")
    hand.wait_for_colour((create[0] - 120, create[1]), LIGHT.coral, "home")
    hand.scroll_down((create[0], create[1]))
    join = places(scenes.unconfirmed(), "join", at_the_foot=True)
    hand.wait_for_colour((join[0] - 150, join[1]), LIGHT.surface, "the foot of home")
    hand.click(places(scenes.unconfirmed(), "code", "row", at_the_foot=True))
    hand.type(opened.code.lower())
    hand.click(join)
    wait_until(lambda: len(friend.session(opened.id).participants) == 2, "Ana at the table")

    friend.vote_energy(opened.id, "medium")
    friend.set_ready(opened.id, ready=True)
    ready = places(lobby_of_two(), "ready")
    hand.wait_for_colour((ready[0] - 130, ready[1]), LIGHT.coral, "the lobby")
    hand.click(places(lobby_of_two(), "energy_medium"))
    wait_until(lambda: friend.session(opened.id).energy is not None, "Ana's vote")
    hand.click(ready)
    wait_until(lambda: friend.session(opened.id).status == "swiping", "the round, after three, two, one")

    deck = friend.deck(opened.id)
    for card in deck.items:
        friend.swipe(opened.id, new_ulid(), card.id, "right")
    heart = places(scenes.swiping(), "like")
    hand.wait_for_colour(heart, LIGHT.like, "the deck")
    x, y = places(scenes.swiping(), "deck")
    hand.wait_for_rest(y)  # nobody can touch a screen while it fades in
    hand.drag((x, y), (x + 210, y + 12))

    wait_until(lambda: friend.session(opened.id).status == "matched", "the match on the server")
    outcome = friend.session(opened.id).outcome
    assert outcome is not None
    assert [card.id for card in outcome.items] == [deck.items[0].id]
    done = places(scenes.matched(), "done")
    hand.wait_for_colour((done[0] - 120, done[1]), LIGHT.coral, "the match screen")
    face = places(scenes.matched(), "face")
    wait_until(
        lambda: len(hand.look((30, face[1] - 200), (390, face[1])).getcolors(1 << 20) or []) > 1000,
        "the picture of the dish",
    )
