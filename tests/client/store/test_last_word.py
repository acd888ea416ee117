"""Changes on their way, where something else happens than an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from client.net.errors import UNAUTHENTICATED, ApiError
from client.net.values import User
from client.store import actions
from client.store.last_word import LastWord
from client.store.runner import CommandRunner
from client.store.store import Store

Send = Callable[[str, int], int]


class AtOnce(CommandRunner):
    """Does on the caller's thread what others do in the background."""

    def in_background(self, work: Callable[[], None]) -> None:
        work()


@pytest.fixture
def store() -> Store:
    store = Store()
    store.dispatch(actions.SignedIn(User("ana", "ana@example.com", "Ana", "free")))
    return store


@pytest.fixture
def runner(store: Store) -> Iterator[CommandRunner]:
    runner = AtOnce(store, on_signed_out=lambda reason: store.dispatch(actions.SignedOut(reason)))
    yield runner
    runner.stop()


class Shelf:
    """Shows a number, which `send` has kept."""

    def __init__(self, runner: CommandRunner, store: Store, send: Send) -> None:
        self.shown = 1
        self._words = LastWord[str, int](
            runner, store, shown=lambda _key: self.shown, show=self._show, send=send
        )

    def wish(self, number: int) -> None:
        self._words.change("number", lambda _before: number)

    def _show(self, _key: str, number: int) -> None:
        self.shown = number


def test_a_surprise_goes_back_too_and_does_not_keep_the_next_change_from_being_sent(
    runner: CommandRunner, store: Store
) -> None:
    sent: list[int] = []

    def send(_key: str, number: int) -> int:
        sent.append(number)
        return 100 // number

    shelf = Shelf(runner, store, send)
    with pytest.raises(ZeroDivisionError):
        shelf.wish(0)
    assert shelf.shown == 1
    shelf.wish(2)
    assert (sent, shelf.shown) == ([0, 2], 50)


def test_who_comes_next_does_not_hear_that_the_log_in_of_who_has_left_is_over(
    runner: CommandRunner, store: Store
) -> None:
    def send(_key: str, _number: int) -> int:
        store.dispatch(actions.SignedOut())
        store.dispatch(actions.SignedIn(User("ben", "ben@example.com", "Ben", "free")))
        raise ApiError(401, UNAUTHENTICATED, "Log in again.")

    Shelf(runner, store, send).wish(2)
    assert store.state.auth.status == "signed_in"
