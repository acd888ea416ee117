"""A whole evening of two: two real apps in two windows, real pointers and keys, the real server, one `kill -9`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from kivy.core.window import Window

from client.net.values import Outcome, Participant
from client.store.state import AppState
from client.theme.metrics import WINDOW_HEIGHT, WINDOW_WIDTH
from client.theme.palette import LIGHT
from deploy.local.stack import LocalStack
from tests.client.ui import scenes
from tests.client.ui.display import Display, open_display
from tests.client.ui.hand import Hand, Point, wait_until
from tests.client.ui.stage import Stage
from tests.e2e.person import Person
from tests.processes import api_children, kill

pytestmark = [pytest.mark.long, pytest.mark.e2e, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[3]
WIDTH, HEIGHT = 1000, 1000
HALVES = ((0, 0, WIDTH // 2, HEIGHT), (WIDTH // 2, 0, WIDTH, HEIGHT))
EDGE = 20
LEFT, RIGHT = -190, 190
Places = Callable[..., Point]


@dataclass(frozen=True)
class Player:
    """Somebody with an app: what they do goes through its window, what the server knows of it is asked over HTTP."""

    person: Person
    hand: Hand
    app: subprocess.Popen[bytes]

    def knows(self, path: str) -> dict[str, Any]:
        """What the server answers; nothing where the process that would have answered has just been killed."""
        try:
            return self.person.get(path)
        except httpx.TransportError:
            return {}

    def click_until(self, point: Point, condition: Callable[[], bool], what: str) -> None:
        """Click what may still move to its place, again until it has been hit."""

        def done() -> bool:
            self.hand.click(point)
            return condition()

        wait_until(done, what)

    def drag(self, deck: Point, way: int) -> None:
        """Swipe the card on top, once the one before has flown off."""
        x, y = deck
        self.hand.wait_for_rest(y)
        self.hand.drag((x, y), (x + way, y + 12))

    def swiped(self, session_id: str) -> set[str]:
        """The cards of this person's swipes, by the server's account."""
        return set(self.knows(f"/sessions/{session_id}/deck").get("swiped", ()))

    def processes(self, stack: LocalStack) -> set[int]:
        """The API processes that the app holds a connection to."""
        own = {line.laddr.port for line in psutil.Process(self.app.pid).net_connections("tcp")}
        return {pid for pid in api_children(stack) if own & _callers(pid)}


def _callers(pid: int) -> set[int]:
    try:
        lines = psutil.Process(pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return set()
    return {line.raddr.port for line in lines if line.raddr and line.status == psutil.CONN_ESTABLISHED}


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Display]:
    """A display for both apps, whose pixels can be read."""
    if shutil.which("xdotool") is None:
        pytest.fail(
            "xdotool is not installed: run `make test`, which sees to it, or apt-get install xdotool."
        )
    frames = tmp_path / "frames"
    frames.mkdir()
    display = open_display(WIDTH, HEIGHT, frames)
    yield display
    display.close()


@contextmanager
def sit_down(stack: LocalStack, screen: Display, folder: Path, seat: int, name: str) -> Iterator[Player]:
    """A new user, and the app of theirs in one half of the display; its files are in `folder`."""
    person = Person(stack.base_url, name)
    half = HALVES[seat]
    environment = {
        **os.environ,
        "DISPLAY": screen.name,
        "DINDIN_HOME": str(folder / name),
        "KCFG_GRAPHICS_POSITION": "custom",
        "KCFG_GRAPHICS_LEFT": str(half[0] + EDGE),
        "KCFG_GRAPHICS_TOP": str(EDGE),
    }
    command = [sys.executable, "-m", "client", "--server", stack.base_url]
    with (folder / f"{name}.log").open("w+") as log:
        app = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield Player(person, Hand.take_window(screen, (WINDOW_WIDTH, WINDOW_HEIGHT), half), app)
        finally:
            screen.picture().save(folder / f"last_seen_of_{name}.png")
            app.terminate()
            code = app.wait(20)
            log.seek(0)
            said = log.read()
            person.http.close()
    assert (code, said) == (0, "")  # it ends when asked to, and has complained about nothing


@pytest.fixture
def two(stack: LocalStack, screen: Display, tmp_path: Path) -> Iterator[tuple[Player, Player]]:
    """Ana and Ben, each at their own window."""
    with ExitStack() as seats:
        ana, ben = (
            seats.enter_context(sit_down(stack, screen, tmp_path, seat, name))
            for seat, name in enumerate(("Ana", "Ben"))
        )
        yield ana, ben


@pytest.fixture
def places(play: Callable[..., Stage]) -> Places:
    """Where things are: the same screens in this process, in a window of the same size, tell."""

    def place(state: AppState, *path: str) -> Point:
        widget = play(state).screen
        for name in path:
            widget = widget.ids[name]
        x, y = widget.to_window(*widget.center)
        return x, Window.height - y

    return place


def lobby_of(player: str) -> AppState:
    """The lobby of the two, before anybody has voted, as Ana who opened it or as Ben sees it."""
    ana = Participant(scenes.ANA.id, "Ana")
    ben = replace(scenes.BEN, energy_voted=False)
    you = ana if player == "Ana" else ben
    return scenes.in_session(
        scenes.session(host_id=ana.id, you=you.id, participants=(ana, ben), required=(ana.id, ben.id))
    )


def match_on(kind: str) -> AppState:
    """The match screen for a dish or for a place, which offer different things to do."""
    card = next(card for card in scenes.CARDS if card.kind == kind)
    return scenes.swiping(status="matched", ends_at=None, outcome=Outcome("match", (card,), scenes.EVENING))


def beside(point: Point, reach: int = 120) -> Point:
    """On a button, but not on its words."""
    return point[0] - reach, point[1]


def log_in(player: Player, places: Places) -> None:
    """Type address and password on the first screen."""
    hand, person = player.hand, player.person
    submit = places(scenes.signed_out(), "submit")
    hand.wait_for_colour(beside(submit), LIGHT.coral, "the welcome screen")
    hand.focus()
    hand.click_into(places(scenes.signed_out(), "email", "line"))
    hand.type(person.tokens["user"]["email"])
    hand.click_into(places(scenes.signed_out(), "password", "line"))
    hand.type(person.password)
    hand.click(submit)
    hand.wait_for_colour(beside(places(scenes.unconfirmed(), "create")), LIGHT.coral, "home")


def meet(ana: Player, ben: Player, places: Places) -> str:
    """Ana opens a session and Ben types its code; its id."""
    ana.hand.click(places(scenes.unconfirmed(), "create"))
    wait_until(lambda: bool(ana.knows("/sessions").get("items")), "the session")
    opened = ana.knows("/sessions")["items"][0]
    ana.hand.wait_for_colour(beside(places(lobby_of("Ana"), "ready"), 100), LIGHT.coral, "Ana's lobby")
    ben.hand.focus()
    ben.hand.click_into(places(scenes.unconfirmed(), "code", "row"))
    ben.hand.type(ana.knows(f"/sessions/{opened['id']}")["code"].lower())
    ben.hand.press("Return")
    ben.hand.wait_for_colour(beside(places(lobby_of("Ben"), "ready")), LIGHT.coral, "Ben's lobby")
    return str(opened["id"])


def get_ready(player: Player, session_id: str, places: Places, energy: str) -> None:
    """Vote on the energy and say that one is ready."""
    lobby = lobby_of(player.person.name)

    def known() -> dict[str, Any]:
        return player.knows(f"/sessions/{session_id}")

    def is_ready() -> bool:
        mine = [one for one in known().get("participants", ()) if one["id"] == player.person.id]
        return bool(mine and mine[0]["ready"]) or known().get("status") == "swiping"

    tile = places(lobby, f"energy_{energy}")
    player.click_until(tile, lambda: known().get("my_energy") == energy, f"the vote of {player.person.name}")
    player.hand.click(places(lobby, "ready"))
    wait_until(is_ready, f"{player.person.name} being ready")


def test_two_apps_play_a_session_though_a_process_is_killed(
    stack: LocalStack, two: tuple[Player, Player], places: Places
) -> None:
    ana, ben = two
    for one in two:
        log_in(one, places)
    session_id = meet(ana, ben, places)
    get_ready(ana, session_id, places, "medium")
    get_ready(ben, session_id, places, "high")

    heart, top = places(scenes.swiping(), "like"), places(scenes.swiping(), "deck")
    for one in two:
        one.hand.wait_for_colour(heart, LIGHT.like, f"the deck of {one.person.name}")
    cards = ana.knows(f"/sessions/{session_id}/deck")["items"]
    deck = [card["id"] for card in cards]

    def swipe(player: Player, number: int, way: int = LEFT) -> None:
        player.drag(top, way)
        wait_until(
            lambda: player.swiped(session_id) == set(deck[: number + 1]),
            f"card {number + 1} of {player.person.name}",
        )

    for number in range(2):
        for one in two:
            swipe(one, number)

    wait_until(lambda: len(ana.processes(stack)) == 1, "Ana's app at rest, with its live socket alone")
    (lost,) = ana.processes(stack)
    kill(lost)
    swipe(ana, 2)  # what she does meanwhile arrives once she is back
    swipe(ben, 2)
    wait_until(lambda: bool(ana.processes(stack) - {lost}), "Ana's app at another process")

    swipe(ana, 3, RIGHT)
    ben.drag(top, RIGHT)
    wait_until(lambda: ana.knows(f"/sessions/{session_id}").get("status") == "matched", "the match")
    outcome = ana.knows(f"/sessions/{session_id}")["outcome"]
    assert [card["id"] for card in outcome["items"]] == [deck[3]]
    done = places(match_on(cards[3]["kind"]), "done")
    for one in two:
        one.hand.wait_for_colour(beside(done), LIGHT.coral, f"the match screen of {one.person.name}")
