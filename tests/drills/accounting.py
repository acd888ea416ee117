"""What a drill showed, by the clients' accounts and by the database, and how it is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.drills.faithful import Faithful, Troubles
from tests.drills.series import markdown
from tests.performance.measured import Measured, percentile

Entry = Mapping[str, Any]
MOST_ERRORS = 0.001


class Operation(NamedTuple):
    """Whose swipe, in which session, by its op id."""

    session_id: str
    user_id: str
    op_id: str


@dataclass(frozen=True)
class Comparison:
    """Acknowledged swipes beside the log in the database.

    Attributes:
        lost: acknowledged, and not in the log as it was acknowledged.
        twice: more than once in the log.
    """

    lost: Sequence[Operation]
    twice: Sequence[Operation]


def compare(kept: Mapping[Operation, tuple[str, str]], log: Iterable[Entry]) -> Comparison:
    """Look for each acknowledged swipe in the log.

    Args:
        kept: card and direction, as acknowledged.
        log: documents of the `swipes` collection.
    """
    times: Counter[Operation] = Counter()
    written: dict[Operation, tuple[str, str]] = {}
    for entry in log:
        operation = Operation(str(entry["s"]), str(entry["p"]), entry["o"])
        times[operation] += 1
        written[operation] = (str(entry["i"]), entry["d"])
    return Comparison(
        lost=[operation for operation, told in kept.items() if written.get(operation) != told],
        twice=[operation for operation, count in times.items() if count > 1],
    )


def kept_by(players: Iterable[Faithful]) -> dict[Operation, tuple[str, str]]:
    """What was acknowledged to these people."""
    return {
        Operation(player.seat.session_id, player.seat.user_id, op_id): told
        for player in players
        for op_id, told in player.kept.items()
    }


def flaws_of_matches(rooms: Iterable[Sequence[Faithful]], sessions: Mapping[str, Entry]) -> list[str]:
    """What is wrong with the matches of rooms whose people all liked their last card, in words.

    Args:
        sessions: their documents, by id.
    """
    flaws = []
    for room in rooms:
        seat = room[0].seat
        outcome = sessions[seat.session_id]["outcome"] or {}
        decided = [str(item) for item in outcome.get("items", ())]
        if outcome.get("kind") != "match" or decided != [seat.deck[-1]]:
            flaws.append(
                f"session {seat.session_id}: all liked {seat.deck[-1]}, its outcome is {outcome or 'none'}"
            )
        for player in room:
            told = [[card["id"] for card in one["items"]] for one in player.view.outcomes]
            announced = sum(event["type"] == "matched" for event in player.view.numbered.values())
            if not told or announced > 1 or any(one != decided for one in told):
                flaws.append(
                    f"session {seat.session_id}: {seat.user_id} was told {told}, {announced} of them as the event"
                )
    return flaws


@dataclass
class Account:
    """One drill.

    Attributes:
        measured: the swipes; `refused` those that failed for good.
        unanswered: swipes that had no reply when the drill was over.
        asked, failed: HTTP requests of a client that repeats nothing.
        hit: clients that noticed anything.
        back: seconds from the kill until each of those was itself again.
        matches: rooms that agreed on a card.
        wrong: everything that may not be, in words.
        told: what else is worth knowing.
    """

    name: str
    measured: Measured
    troubles: Troubles
    unanswered: int
    asked: int
    failed: int
    clients: int
    back: Sequence[float]
    compared: Comparison
    matches: int
    wrong_matches: int
    wrong: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def error_rate(self) -> float:
        """The share of swipes that failed for good or were never answered."""
        return (sum(self.measured.refused.values()) + self.unanswered) / max(1, self.measured.sent)


HEADINGS = (
    "killed",
    "swipes",
    "sent again",
    "failed",
    "HTTP failed",
    "clients that noticed",
    "back: median, s",
    "slowest, s",
    "p50 of swipes, ms",
    "worst, s",
    "acknowledged and lost",
    "twice",
    "matches",
    "wrong or twice",
)


def table(accounts: Iterable[Account]) -> str:
    """All drills, one line each."""
    return markdown(HEADINGS, [_row(account) for account in accounts])


def _row(account: Account) -> list[str]:
    measured, back = account.measured, sorted(account.back)
    return [
        account.name,
        f"{measured.sent:,}",
        f"{account.troubles.repeated:,}",
        f"{account.error_rate:.2%}",
        f"{account.failed} of {account.asked}",
        f"{len(back)} of {account.clients}",
        f"{percentile(back, 0.5):.1f}" if back else "-",
        f"{back[-1]:.1f}" if back else "-",
        f"{percentile(measured.acks, 0.5) * 1000:.0f}",
        f"{max(measured.acks, default=float('nan')):.1f}",
        str(len(account.compared.lost)),
        str(len(account.compared.twice)),
        str(account.matches),
        str(account.wrong_matches),
    ]
