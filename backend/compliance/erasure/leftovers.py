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
        people, stand_ins = self._named()
        return self._with_tombstones(people | stand_ins)

    def without_account(self) -> set[ObjectId]:
        """Whom a place still names who has no account, and is not being erased either.

        A request that began before an erasure and ended after it leaves such people. In places that name stand-ins as
        well, which never had an account, a tombstone tells people from stand-ins.
        """
        people, stand_ins = self._named()
        with (
            self._services() as services
        ):  # after those places: whoever has just registered was not named before
            known = {*services.get(Closing).people(), *self._store.people()}
        return (people - known) | self._with_tombstones(stand_ins - people - known)

    def _named(self) -> tuple[set[ObjectId], set[ObjectId]]:
        """Whom the places know that name people only; whom those know that name stand-ins as well."""
        people: set[ObjectId] = set()
        stand_ins: set[ObjectId] = set()
        with self._services() as services:
            asked = {holding.people: holding.stand_ins for holding in REGISTER if holding.people}
            for names, also_stand_ins in asked.items():
                (stand_ins if also_stand_ins else people).update(names(services))
        return people, stand_ins

    def _with_tombstones(self, people: set[ObjectId]) -> set[ObjectId]:
        erased = self._tombstones.all() if people else frozenset()
        return {who for who in people if self._tombstones.inscription(who) in erased}
