"""What is cached, how it is named in Valkey, and how a look into the cache may end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.infra.metrics import CACHE_REQUESTS


class CacheKind(StrEnum):
    """What is cached. The values are part of keys, and what the metric calls it."""

    RECIPES = "recipes"
    RESTAURANTS = "restaurants"
    PREFERENCES = "preferences"
    SESSIONS = "sessions"


class CacheResult(StrEnum):
    """How a look into the cache ended."""

    HIT = "hit"
    NEGATIVE = "negative"
    MISS = "miss"
    BYPASS = "bypass"


for _kind in CacheKind:  # there from the start, as the other metrics
    for _result in CacheResult:
        CACHE_REQUESTS.labels(kind=_kind.value, result=_result.value)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Entries that are forgotten together.

    Attributes:
        owner: whose they are: the id of a user or of a session; empty where all of a kind stand on one shelf.
    """

    kind: CacheKind
    owner: str = ""

    @property
    def key(self) -> str:
        """What its keys begin with behind CACHE_KEYS; of a cluster they would all lie on one node."""
        return f"{{{self.kind.value}{f':{self.owner}' if self.owner else ''}}}:"
