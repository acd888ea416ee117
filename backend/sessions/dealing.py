"""Gathers what deck building needs, from profiles, catalogue and evenings before (docs/product.md S4-S7)."""

from __future__ import annotations

from bson import ObjectId

from backend.catalog.diet import suits
from backend.catalog.service import CatalogService
from backend.errors import Conflict
from backend.infra.clock import Clock
from backend.sessions import rules
from backend.sessions.deck import Deck, Needs, build_deck
from backend.sessions.evenings import Evenings
from backend.sessions.ranking import Taste
from backend.sessions.state import Session
from backend.users.service import UserService


class Dealer:
    """Deals the cards of a session. What people can eat leaves it as a union only."""

    def __init__(self, users: UserService, catalog: CatalogService, evenings: Evenings, clock: Clock) -> None:
        self._users = users
        self._catalog = catalog
        self._evenings = evenings
        self._clock = clock

    def deck(self, session: Session) -> Deck:
        """The session's deck, safe for every member, also for those who are gone for the moment.

        Raises:
            Conflict: `deck_too_small`, naming the kinds of filter that cause it, never whose (S5).
        """
        people = [p.user_id for p in session.members]
        preferences = self._users.preferences_of(people)
        host = preferences.get(session.host_id)
        prices = [p.max_price for p in preferences.values() if p.max_price is not None]
        candidates = self._catalog.deck_candidates(session.menu)
        needs = Needs(
            dietary=frozenset(tag for p in preferences.values() for tag in p.dietary),
            allergies=frozenset(allergen for p in preferences.values() for allergen in p.allergies),
        )
        taste = Taste(
            energy=rules.group_energy(session),
            near=host.home_location if host else None,
            liked_cuisines=frozenset(c for p in preferences.values() for c in p.liked_cuisines),
            disliked_cuisines=frozenset(c for p in preferences.values() for c in p.disliked_cuisines),
            max_price=min(prices, default=None),
            past=self._evenings.past_of(people, [c.id for c in candidates], self._clock.now()),
        )
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
        needs = self._users.preferences_of([user_id]).get(user_id)
        if needs is None:
            return frozenset(session.deck + session.reserve)
        return frozenset(
            card.id
            for card in self._catalog.deck_candidates(session.menu)
            if suits(card.dietary_tags, card.allergens, needs.dietary, needs.allergies)
        )
