"""The whole way, as a user goes it: the real app in a real window, a real pointer, the real server, a friend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from client.net.api import ApiClient
from client.net.tokens import MemoryTokens
from client.net.ulid import new_ulid
from client.theme.metrics import WINDOW_HEIGHT, WINDOW_WIDTH
from tests.client.ui.display import open_display
from tests.client.ui.hand import wait_until
from tests.client.ui.seat import Seat, sit_down

pytestmark = [pytest.mark.long, pytest.mark.e2e]
PASSWORD = "correct horse battery"


@pytest.fixture
def seat(server: str, tmp_path: Path) -> Iterator[Seat]:
    """The app as a process of its own, on a display for it alone, whose pixels can be read."""
    frames = tmp_path / "frames"
    frames.mkdir()
    display = open_display(WINDOW_WIDTH, WINDOW_HEIGHT, frames)
    try:
        with sit_down(display, tmp_path, server) as seat:
            yield seat
    finally:
        display.close()


@pytest.fixture
def friend(server: str) -> Iterator[ApiClient]:
    """Somebody else, signed in."""
    client = ApiClient(server, MemoryTokens())
    client.register("ben@example.com", PASSWORD, "Ben")
    yield client
    client.close()


def test_log_in_join_drag_a_card_and_see_the_match(server: str, seat: Seat, friend: ApiClient) -> None:
    newcomer = ApiClient(server, MemoryTokens())
    newcomer.register("ana@example.com", PASSWORD, "Ana")
    newcomer.close()
    opened = friend.create_session("recipes")

    seat.log_in("ana@example.com", PASSWORD)
    seat.scroll_to("join", over="scroll")
    seat.type_into("code.line", opened.code.lower(), area="code.row")
    seat.click("join")
    wait_until(lambda: len(friend.session(opened.id).participants) == 2, "Ana at the table")

    friend.vote_energy(opened.id, "medium")
    friend.set_ready(opened.id, ready=True)
    seat.wait_for_screen("lobby")
    seat.click("energy_medium")
    wait_until(lambda: friend.session(opened.id).energy is not None, "Ana's vote")
    seat.click("ready")
    wait_until(lambda: friend.session(opened.id).status == "swiping", "the round, after three, two, one")

    deck = friend.deck(opened.id)
    for card in deck.items:
        friend.swipe(opened.id, new_ulid(), card.id, "right")
    seat.wait_for_screen("swipe")
    seat.swipe(deck.items[0].id, 210)

    wait_until(lambda: friend.session(opened.id).status == "matched", "the match on the server")
    outcome = friend.session(opened.id).outcome
    assert outcome is not None
    assert [card.id for card in outcome.items] == [deck.items[0].id]
    seat.wait_for_screen("match")
    x, y = seat.now["things"]["face"]["place"]
    wait_until(
        lambda: len(seat.hand.look((x - 180, y - 200), (x + 180, y)).getcolors(1 << 20) or []) > 1000,
        "the picture of the dish",
    )
