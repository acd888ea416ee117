"""What could not be deleted is deleted later, and a payment settles no change that came after it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import pytest
from redis.exceptions import ConnectionError as ValkeyConnectionError

from backend.infra.cache_debts import Debts
from backend.infra.valkey import Breaker
from tests.waiting import eventually


class Store:
    """Where keys are deleted, when it is there."""

    def __init__(self) -> None:
        self.away = True
        self.deleted: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def delete(self, keys: Collection[str]) -> None:
        if self.away:
            raise ValkeyConnectionError("away")
        self.deleted += sorted(keys)
        self.meanwhile()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def debts(store: Store) -> Iterator[Debts]:
    debts = Debts(store.delete, Breaker(rest_seconds=0))
    yield debts
    debts.stop()


def test_what_can_be_deleted_is_not_owed(store: Store, debts: Debts) -> None:
    store.away = False
    debts.pay_or_owe(["a"])
    debts.pay()
    assert store.deleted == ["a"]


def test_what_is_owed_is_paid_once(store: Store, debts: Debts) -> None:
    debts.stop()  # nobody else is to pay
    debts.pay_or_owe(["a"])
    debts.pay_or_owe(["a", "b"])
    with pytest.raises(ValkeyConnectionError):
        debts.pay()
    store.away = False
    debts.pay()
    debts.pay()
    assert store.deleted == ["a", "b"]


def test_a_change_that_comes_while_it_is_paid_stays_owed(store: Store, debts: Debts) -> None:
    debts.stop()  # nobody else is to pay
    debts.pay_or_owe(["a"])
    store.away = False

    def change_again() -> None:
        store.meanwhile, store.away = (lambda: None), True
        debts.pay_or_owe(["a"])
        store.away = False

    store.meanwhile = change_again
    debts.pay()
    assert store.deleted == ["a"]
    debts.pay()
    assert store.deleted == ["a", "a"]


def test_nobody_has_to_ask_for_it_to_be_paid(store: Store, debts: Debts) -> None:
    for key in ("a", "b"):
        store.away = True
        debts.pay_or_owe([key])
        store.away = False
        eventually(lambda key=key: key in store.deleted, seconds=60)
