"""Swipes and undos: none overtakes another in a way that would take the wrong card back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from client.net.order import free_to_go
from client.net.signals import Operation
from tests.client.net.conftest import Connect
from tests.client.net.examples import accepted, refused, welcome
from tests.client.net.peer import Recorder, SocketPeer


def waiting(*names: str) -> list[Operation]:
    return [Operation(str(number), name, {}) for number, name in enumerate(names)]


def free(*names: str) -> list[str]:
    return [operation.id for operation in free_to_go(waiting(*names))]


def test_swipes_go_together_and_an_undo_waits_for_them() -> None:
    assert free("swipe", "swipe", "undo", "swipe") == ["0", "1"]


def test_what_comes_after_an_undo_waits_for_it() -> None:
    assert free("undo", "undo", "swipe") == ["0"]


def test_everything_else_goes_at_once() -> None:
    assert free("swipe", "undo", "chat", "vote") == ["0", "2", "3"]


@given(st.lists(st.tuples(st.sampled_from(["swipe", "undo"]), st.booleans()), max_size=12), st.data())
def test_an_undo_always_meets_the_swipe_it_was_meant_for(
    script: list[tuple[str, bool]], data: st.DataObject
) -> None:
    """The server carries out whatever was sent in any order, asks for some of it again, and ends where the user did."""
    pending = waiting(*(name for name, _ in script))
    busy = {operation.id for operation, (_, again) in zip(pending, script, strict=True) if again}
    meant: list[str] = []
    for operation in pending:
        if operation.name == "swipe":
            meant.append(operation.id)
        elif meant:
            meant.pop()
    done: list[str] = []
    while pending:
        operation = data.draw(st.sampled_from(list(free_to_go(pending))))
        if operation.id in busy:
            busy.discard(operation.id)
            continue
        pending.remove(operation)
        if operation.name == "swipe":
            done.append(operation.id)
        elif done:
            # Which of several swipes sent together is the last, their reply tells; here it is the last one sent.
            done.remove(max(done, key=int))
    assert sorted(done, key=int) == meant


def test_an_undo_is_sent_when_the_swipe_before_it_is_through(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    del signals
    live = connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    live.submit("swipe", {"item": "c1", "direction": "right"})
    live.submit("undo", {"round": 1}, {"shown": "c1"})
    live.submit("swipe", {"item": "c1", "direction": "left"})
    first = peer.expect()
    assert first["op"] == "swipe"
    peer.send(refused(first, "paused", retry_after=0.05))
    again = peer.expect()
    assert again == first
    peer.send(accepted(again, item="c1"))
    undo = peer.expect()
    assert (undo["op"], undo["data"]) == ("undo", {"round": 1})
    assert set(undo) == {"op", "id", "data"}  # the note stays here
    assert peer.hear_nothing(0.1)
    peer.send(accepted(undo, item="c1"))
    assert peer.expect()["data"] == {"item": "c1", "direction": "left"}
