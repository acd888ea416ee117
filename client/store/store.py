"""The store: one state, changed only by dispatched actions, watched through selectors."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from client.store.actions import Action
from client.store.reducer import reduce
from client.store.state import AppState

Selected = TypeVar("Selected")
Schedule = Callable[[Callable[[], None]], None]


def run_at_once(notify: Callable[[], None]) -> None:
    """The default schedule: listeners run on the thread that dispatched."""
    notify()


class _Subscription(Generic[Selected]):
    """One listener and the value it was last told."""

    def __init__(
        self, selector: Callable[[AppState], Selected], listener: Callable[[Selected], None]
    ) -> None:
        self._selector = selector
        self._listener = listener
        self._told: Selected | None = None
        self._ever_told = False
        self.active = True

    def note(self, state: AppState) -> None:
        """Take the present value as known without telling the listener."""
        self._told, self._ever_told = self._selector(state), True

    def tell(self, state: AppState) -> None:
        """Call the listener if the value it selects differs from the last one it was told."""
        if not self.active:
            return
        value = self._selector(state)
        if self._ever_told and value == self._told:
            return
        self._told, self._ever_told = value, True
        self._listener(value)


class Store:
    """Thread safe. Listeners are called in the order they subscribed, never while the state's lock is held.

    `schedule` receives a function to run on the listeners' thread; a UI sets one that queues it there.
    `on_action`, where it is set, is told every action that is dispatched, on the thread that does so.
    Several dispatches before that thread gets its turn cost one round of listeners, with the newest state.
    A listener that fails does not keep the others from being told; what failed is raised together afterwards.
    """

    def __init__(self, initial: AppState | None = None, *, schedule: Schedule = run_at_once) -> None:
        self._state = initial if initial is not None else AppState()
        self.schedule = schedule
        self.on_action: Callable[[Action], None] | None = None
        self._lock = threading.Lock()
        self._notifying = threading.RLock()
        self._round_due = False
        self._subscriptions: list[_Subscription[object]] = []

    @property
    def state(self) -> AppState:
        """The present state."""
        return self._state

    def dispatch(self, action: Action) -> None:
        """Apply `action` and have the listeners told; returns when the new state stands."""
        if self.on_action is not None:
            self.on_action(action)
        with self._lock:
            before = self._state
            self._state = reduce(before, action)
            if self._state is before or self._round_due:
                return
            self._round_due = True
        self.schedule(self._notify)

    def subscribe(
        self,
        selector: Callable[[AppState], Selected],
        listener: Callable[[Selected], None],
        *,
        fire_now: bool = False,
    ) -> Callable[[], None]:
        """Call `listener` with the selected value whenever it changes; returns a function that ends this.

        With `fire_now` the listener is also called with the present value before this returns.
        """
        subscription = _Subscription(selector, listener)
        if fire_now:
            subscription.tell(self._state)
        else:
            subscription.note(self._state)
        with self._lock:
            self._subscriptions = [*self._subscriptions, subscription]  # type: ignore[list-item]  # held as objects

        def unsubscribe() -> None:
            subscription.active = False
            with self._lock:
                self._subscriptions = [kept for kept in self._subscriptions if kept is not subscription]

        return unsubscribe

    def _notify(self) -> None:
        """Tell every listener about the newest state, one round at a time."""
        with self._notifying:
            with self._lock:
                self._round_due = False
                subscriptions = self._subscriptions
            failures: list[Exception] = []
            for subscription in subscriptions:
                try:
                    subscription.tell(self._state)
                except Exception as failure:  # noqa: BLE001  (any listener may fail in its own way; all are raised below)
                    failures.append(failure)
        if failures:
            raise ExceptionGroup("listeners failed", failures)
