"""A whole evening of two: two real apps in two windows, real pointers and keys, the real server, one `kill -9`.

`make evening` runs it; `make test` does not, with whose other processes two windows would share the processors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from client.theme.metrics import WINDOW_HEIGHT, WINDOW_WIDTH
from deploy.local.stack import LocalStack
from tests.client.ui.display import open_display
from tests.client.ui.hand import wait_until
from tests.client.ui.seat import Seat, sit_down
from tests.e2e.person import Person
from tests.processes import api_children, kill

pytestmark = [pytest.mark.evening, pytest.mark.timeout(900)]
LEFT, RIGHT = -190, 190


@dataclass(frozen=True)
class Player:
    """Somebody with an app: what they do goes through its window, what the server knows of it is asked over HTTP."""

    person: Person
    seat: Seat

    def knows(self, path: str) -> dict[str, Any]:
        """What the server answers; nothing where the process that would have answered has just been killed."""
        try:
            return self.person.get(path)
        except httpx.TransportError:
            return {}

    def swiped(self, session_id: str) -> set[str]:
        """The cards of this person's swipes, by the server's account."""
        return set(self.knows(f"/sessions/{session_id}/deck").get("swiped", ()))

    def processes(self, stack: LocalStack) -> set[int]:
        """The API processes that the app holds a connection to."""
        own = {line.laddr.port for line in psutil.Process(self.seat.app.pid).net_connections("tcp")}
        return {pid for pid in api_children(stack) if own & _callers(pid)}


def _callers(pid: int) -> set[int]:
    try:
        lines = psutil.Process(pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return set()
    return {line.raddr.port for line in lines if line.raddr and line.status == psutil.CONN_ESTABLISHED}


@pytest.fixture
def two(stack: LocalStack, tmp_path: Path) -> Iterator[tuple[Player, Player]]:
    """Ana and Ben, new users, each at a window of their own on one display."""
    (tmp_path / "frames").mkdir()
    display = open_display(2 * WINDOW_WIDTH, WINDOW_HEIGHT, tmp_path / "frames")
    ana, ben = (Person(stack.base_url, name) for name in ("Ana", "Ben"))
    try:
        with (
            sit_down(display, tmp_path, stack.base_url, "Ana") as left,
            sit_down(display, tmp_path, stack.base_url, "Ben", (WINDOW_WIDTH, 0)) as right,
        ):
            yield Player(ana, left), Player(ben, right)
    finally:
        for one in (ana, ben):
            one.http.close()
        display.close()


def meet(ana: Player, ben: Player) -> str:
    """Ana opens a session and Ben, who has the keyboard, types its code; its id."""
    ana.seat.click("create")
    ana.seat.wait_for_screen("lobby")
    (opened,) = ana.knows("/sessions")["items"]
    code = ana.seat.now["things"]["code"]["text"]
    ben.seat.type_into("code.line", code.replace(" ", "").lower(), area="code.row")
    ben.seat.hand.press("Return")
    ben.seat.wait_for_screen("lobby")
    return str(opened["id"])


def get_ready(player: Player, session_id: str, energy: str) -> None:
    """Vote on the energy and say that one is ready."""
    name = player.person.name

    def known() -> dict[str, Any]:
        return player.knows(f"/sessions/{session_id}")

    def is_ready() -> bool:
        mine = [one for one in known().get("participants", ()) if one["id"] == player.person.id]
        return bool(mine and mine[0]["ready"]) or known().get("status") == "swiping"

    player.seat.click(f"energy_{energy}")
    wait_until(lambda: known().get("my_energy") == energy, f"the vote of {name}")
    player.seat.click("ready")
    wait_until(is_ready, f"{name} being ready")


def test_two_apps_play_a_session_though_a_process_is_killed(
    stack: LocalStack, two: tuple[Player, Player]
) -> None:
    ana, ben = two
    for one in two:
        one.seat.log_in(one.person.tokens["user"]["email"], one.person.password)
    session_id = meet(ana, ben)
    get_ready(ana, session_id, "medium")
    get_ready(ben, session_id, "high")
    for one in two:
        one.seat.wait_for_screen("swipe")
    deck = [card["id"] for card in ana.knows(f"/sessions/{session_id}/deck")["items"]]

    def swipe(player: Player, number: int, across: int = LEFT) -> None:
        player.seat.swipe(deck[number], across)
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
    ben.seat.swipe(deck[3], RIGHT)
    wait_until(lambda: ana.knows(f"/sessions/{session_id}").get("status") == "matched", "the match")
    outcome = ana.knows(f"/sessions/{session_id}")["outcome"]
    assert [card["id"] for card in outcome["items"]] == [deck[3]]
    for one in two:
        one.seat.wait_for_screen("match")
        one.seat.click("done")
        one.seat.wait_for_screen("home")
