"""The store: listeners hear of what they selected, in order, on the thread they want."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from client.store import actions
from client.store.state import AppState
from client.store.store import Store


def test_a_listener_hears_only_changes_of_what_it_selected() -> None:
    store, heard = Store(), []
    store.subscribe(lambda state: state.busy, heard.append)
    store.dispatch(actions.ClockMeasured(2.0))
    store.dispatch(actions.CommandStarted("start"))
    store.dispatch(actions.CommandStarted("start"))
    store.dispatch(actions.CommandFinished("start"))
    assert heard == [frozenset({"start"}), frozenset()]


def test_fire_now_tells_the_present_value_once() -> None:
    store, heard = Store(AppState(busy=frozenset({"x"}))), []
    store.subscribe(lambda state: state.busy, heard.append, fire_now=True)
    store.dispatch(actions.ClockMeasured(2.0))
    assert heard == [frozenset({"x"})]


def test_listeners_are_called_in_the_order_they_came() -> None:
    store, heard = Store(), []
    for name in "abc":
        store.subscribe(lambda state: state.busy, lambda _, name=name: heard.append(name))
    store.dispatch(actions.CommandStarted("x"))
    assert heard == ["a", "b", "c"]


def test_after_unsubscribing_nothing_is_heard_even_from_a_round_under_way() -> None:
    store, heard = Store(), []
    ends: list[Callable[[], None]] = []
    store.subscribe(lambda state: state.busy, lambda _: [end() for end in ends])
    ends.append(store.subscribe(lambda state: state.busy, heard.append))
    store.dispatch(actions.CommandStarted("x"))
    store.dispatch(actions.CommandStarted("y"))
    assert heard == []


def test_a_listener_may_dispatch_and_all_end_with_the_newest_state() -> None:
    store, heard = Store(), []
    store.subscribe(
        lambda state: state.busy, lambda busy: "x" in busy and store.dispatch(actions.CommandFinished("x"))
    )
    store.subscribe(lambda state: state.busy, heard.append)
    store.dispatch(actions.CommandStarted("x"))
    assert store.state.busy == frozenset()
    assert heard in ([], [frozenset()])


def test_a_scheduler_gets_one_round_for_many_dispatches() -> None:
    waiting: list[Callable[[], None]] = []
    store, heard = Store(schedule=waiting.append), []
    store.subscribe(lambda state: state.connection.clock_offset, heard.append)
    for offset in (1.0, 2.0, 3.0):
        store.dispatch(actions.ClockMeasured(offset))
    assert (heard, len(waiting)) == ([], 1)
    waiting.pop()()
    assert heard == [3.0]
    store.dispatch(actions.ClockMeasured(4.0))
    waiting.pop()()
    assert heard == [3.0, 4.0]


def test_the_scheduler_can_be_set_later() -> None:
    store, waiting = Store(), []
    store.schedule = waiting.append
    store.dispatch(actions.CommandStarted("x"))
    assert len(waiting) == 1


def test_a_failing_listener_keeps_nobody_from_hearing() -> None:
    store, heard = Store(), []

    def fail(_: object) -> None:
        raise RuntimeError("a widget's mistake")

    store.subscribe(lambda state: state.busy, fail)
    store.subscribe(lambda state: state.busy, heard.append)
    with pytest.raises(ExceptionGroup) as caught:
        store.dispatch(actions.CommandStarted("x"))
    assert [str(failure) for failure in caught.value.exceptions] == ["a widget's mistake"]
    assert heard == [frozenset({"x"})]
    assert store.state.busy == {"x"}


def test_no_dispatch_of_many_threads_is_lost() -> None:
    store, threads, each = Store(), 8, 200
    seen: list[int] = []
    store.subscribe(lambda state: len(state.busy), seen.append)
    together = threading.Barrier(threads)

    def work(number: int) -> None:
        together.wait()
        for index in range(each):
            store.dispatch(actions.CommandStarted(f"{number}-{index}"))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(store.state.busy) == threads * each
    assert seen[-1] == threads * each
    assert seen == sorted(seen)
