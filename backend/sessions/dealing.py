"""Gathers what deck building needs, from profiles, catalogue and evenings before (docs/product.md S4-S7)."""

from __future__ import annotations

from bson import ObjectId

from backend.catalog.service import CatalogService
from backend.errors import Conflict
from backend.infra.clock import Clock
from backend.infra.flags import Flag, Flags
from backend.sessions import rules
from backend.sessions.deck import Deck, Needs, build_deck
from backend.sessions.evenings import Evenings
from backend.sessions.ranking import Taste
from backend.sessions.state import Session
from backend.users.preferences import PreferenceService


class Dealer:
    """Deals the cards of a session. What people can eat comes to it as a union, and does not stay."""

    def __init__(
        self,
        preferences: PreferenceService,
        catalog: CatalogService,
        evenings: Evenings,
        clock: Clock,
        flags: Flags,
    ) -> None:
        self._preferences = preferences
        self._catalog = catalog
        self._evenings = evenings
        self._clock = clock
        self._flags = flags

    def deck(self, session: Session) -> Deck:
        """The session's deck, safe for every member, also for those who are gone for the moment.

        Raises:
            Conflict: `deck_too_small`, naming the kinds of filter that cause it, never whose (S5).
            Locked: `data_locked`: somebody's needs cannot be read.
        """
        people = [p.user_id for p in session.members]
        table = self._preferences.at_table(people, session.host_id)
        candidates = self._catalog.deck_candidates(session.menu)
        if not self._flags.is_on(Flag.SPONSORED_CARDS):
            candidates = [c for c in candidates if not c.sponsored]
        taste = Taste(
            energy=rules.group_energy(session),
            near=table.near,
            liked_cuisines=table.liked_cuisines,
            disliked_cuisines=table.disliked_cuisines,
            max_price=table.max_price,
            past=self._evenings.past_of(people, [c.id for c in candidates], self._clock.now()),
        )
        needs = Needs(table.dietary, table.allergies)
        deck = build_deck(candidates, needs, taste, session.deck_size, session.seed)
        if not deck.enough:
            causes = " and ".join(deck.narrowed_by)
            raise Conflict(
                f"Only {len(deck.items)} cards suit everybody. What narrows the choice: {causes}.",
                code="deck_too_small",
            )
        return deck

    def suitable(self, session: Session, user_id: ObjectId) -> frozenset[ObjectId] | None:
        """Those cards of a session's menu that somebody who joins late can eat; None where there is no deck yet."""
        if not session.deck:
            return None
        return self._preferences.edible_for(user_id, self._catalog.deck_candidates(session.menu))
