"""What a load showed, and how it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

SHARES = (0.5, 0.95, 0.99, 1.0)
HEADINGS = ("p50", "p95", "p99", "max")


@dataclass
class Measured:
    """Times in seconds, each from the moment at which what led to it was due.

    Attributes:
        refused: how many swipes, by the code of the error.
    """

    wanted_rate: float
    sent: int = 0
    seconds: float = 0.0
    acks: list[float] = field(default_factory=list)
    fanouts: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    doubled: int = 0
    unanswered: int = 0
    untold: int = 0
    closed: int = 0

    @property
    def rate(self) -> float:
        """Swipes acknowledged a second."""
        return len(self.acks) / self.seconds if self.seconds else 0.0

    @property
    def verdict(self) -> str:
        """Whether everything came, exactly once; else what did not."""
        flaws = {f"refused as {code}": number for code, number in self.refused.items()}
        flaws |= {name: getattr(self, name) for name in ("doubled", "unanswered", "untold", "closed")}
        found = ", ".join(f"{name} {number}" for name, number in flaws.items() if number)
        return f"NO: {found}" if found else "yes"


def percentile(times: Sequence[float], share: float) -> float:
    """The time within which this share of `times` lies, in seconds; nan where there are none."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def spread(times: Sequence[float]) -> list[str]:
    """p50, p95, p99 and the worst, in milliseconds, as a table shows them."""
    return [f"{percentile(times, share) * 1000:.1f}" for share in SHARES]
