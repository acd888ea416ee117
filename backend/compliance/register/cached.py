"""The register's rows about the cache in Valkey (docs/caching.md)."""

from __future__ import annotations

from backend.compliance.register import forgetting
from backend.compliance.register.terms import Basis, Erasure, Holding, Kind, Otherwise, Place

CACHED: tuple[Holding, ...] = (
    Holding(
        place=Place(Kind.KEYS, "cache:{preferences:*}:*"),
        holds=(
            "liked and disliked cuisines, the price limit and the home of people who keep neither diet nor allergies; "
            "of all others nothing"
        ),
        purpose="answering without asking MongoDB",
        basis=Basis.CONTRACT,
        export=Otherwise("A copy of what is in `users`."),
        erasure=Erasure("Deleted.", forgetting.cached_preferences),
        retention=Otherwise(
            "CACHE_PREFERENCES_SECONDS, five minutes; a stamp that says nothing, twice that."
        ),
    ),
    Holding(
        place=Place(Kind.KEYS, "cache:{sessions:*}:*"),
        holds="who has swiped which cards of a session that is over, by id, and not which way",
        purpose="answering without asking MongoDB",
        basis=Basis.CONTRACT,
        export=Otherwise("A copy of what is in `swipes`."),
        erasure=Erasure("Deleted.", forgetting.cached_sessions),
        retention=Otherwise("CACHE_SESSIONS_SECONDS, an hour; a stamp that says nothing, twice that."),
    ),
)
