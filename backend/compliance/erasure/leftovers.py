"""Finding people of whom something is left, or back, though they were erased: after a restore, and every night."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import svcs
from bson import ObjectId

from backend.compliance.erasure.store import ErasureStore
from backend.compliance.erasure.tombstones import Tombstones
from backend.compliance.register import REGISTER
from backend.users.closing import Closing


class Leftovers:
    """Asks every place of the register whom it knows."""

    def __init__(
        self,
        *,
        store: ErasureStore,
        tombstones: Tombstones,
        services: Callable[[], AbstractContextManager[svcs.Container]],
    ) -> None:
        """`services`: what the register's rows call, all of this process's."""
        self._store = store
        self._tombstones = tombstones
        self._services = services

    def back(self) -> set[ObjectId]:
        """Whom any place knows and who was erased before: a restored backup has brought them back."""
        return self._with_tombstones(self._named())

    def without_account(self) -> set[ObjectId]:
        """Whom a place still names who was erased, has no account, and is not being erased either.

        A request that began before an erasure and ended after it leaves such people. Whoever else has no account was
        not erased, and nothing may say so later: stand-ins never had one, and that of somebody who registered after a
        backup was made is gone when it has been restored, while the audit log still knows them.
        """
        named = self._named()
        with (
            self._services() as services
        ):  # after those places: whoever has just registered was not named before
            known = {*services.get(Closing).people(), *self._store.people()}
        return self._with_tombstones(named - known)

    def _named(self) -> set[ObjectId]:
        """Whom the places know."""
        people: set[ObjectId] = set()
        with self._services() as services:
            for names in {holding.people for holding in REGISTER if holding.people}:
                people.update(names(services))
        return people

    def _with_tombstones(self, people: set[ObjectId]) -> set[ObjectId]:
        erased = self._tombstones.all() if people else frozenset()
        return {who for who in people if self._tombstones.inscription(who) in erased}
