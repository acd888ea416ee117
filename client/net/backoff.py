"""How long to wait before the next attempt (docs/live-protocol.md, "Reconnecting"). Pure, given a random."""

from __future__ import annotations

import random as random_module

BASE_SECONDS = 0.5
LONGEST_SECONDS = 20.0
HINT_AFTER = 5
_ENOUGH_DOUBLINGS = 16

_default_random = random_module.SystemRandom()


def full_jitter(
    attempt: int,
    random: random_module.Random = _default_random,
    *,
    base: float = BASE_SECONDS,
    longest: float = LONGEST_SECONDS,
) -> float:
    """Seconds to wait before attempt `attempt` (from 0): anything up to min(longest, base * 2^attempt).

    Spreading over the whole range keeps a thousand clients from coming back in the same instant.
    """
    return random.uniform(0.0, ceiling(attempt, base=base, longest=longest))


def ceiling(attempt: int, *, base: float = BASE_SECONDS, longest: float = LONGEST_SECONDS) -> float:
    """The longest wait before attempt number `attempt`, in seconds."""
    doublings = min(max(attempt, 0), _ENOUGH_DOUBLINGS)
    return min(longest, base * 2.0**doublings)


def within(retry_after: float, random: random_module.Random = _default_random) -> float:
    """Seconds to wait when the server asks everybody to come back within `retry_after` seconds."""
    return random.uniform(0.0, max(retry_after, 0.0))


def deserves_hint(failures: int) -> bool:
    """Whether so many failures in a row that the user should be told and offered "try now"."""
    return failures >= HINT_AFTER
