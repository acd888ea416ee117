"""What a client of the chaos believes of its session: the protocol's rules for numbers, and nothing it was not told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]

OVER = frozenset({"matched", "closest", "expired", "closed"})


@dataclass
class View:
    """A session as told by welcomes and events (docs/live-protocol.md).

    Attributes:
        numbered: every event with a number, by where it stands: (epoch, seq).
        outcomes: every outcome this client was told, in events and snapshots alike.
        flaws: promises that the server broke towards this client, in words.
        refreshed: whether a snapshot or `progress` has come since the last welcome.
    """

    epoch: str = ""
    seq: int = 0
    status: str = "lobby"
    outcome: Frame | None = None
    ready: dict[str, bool] = field(default_factory=dict)
    swiped: dict[str, int] = field(default_factory=dict)
    numbered: dict[tuple[str, int], Frame] = field(default_factory=dict)
    outcomes: list[Frame] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)
    refreshed: bool = False
    resumed: bool = False
    _promised: int = 0

    @property
    def resume(self) -> Frame | None:
        """What the next hello says is known."""
        return {"epoch": self.epoch, "seq": self.seq} if self.epoch else None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen in the session."""
        return self.status in OVER

    def begin(self, welcome: Frame) -> None:
        """Take a welcome: events will follow from where we are, or a snapshot says where we are."""
        self.resumed, self.refreshed = welcome["resumed"], not welcome["resumed"]
        self._promised = welcome["seq"]
        if not self.resumed:
            self._take_snapshot(welcome["snapshot"])
            self.epoch, self.seq = welcome["epoch"], welcome["seq"]
        elif welcome["epoch"] != self.epoch:
            self.flaws.append(f"resumed in epoch {welcome['epoch']} although we named {self.epoch}")

    def apply(self, frame: Frame) -> None:
        """Take an event."""
        if "seq" in frame and not self._is_next(frame):
            return
        told = frame["data"]
        match frame["type"]:
            case "participant_joined":
                self.ready[told["participant"]["id"]] = told["participant"]["ready"]
                self.swiped[told["participant"]["id"]] = told["participant"]["swiped"]
            case "ready_changed":
                self.ready[told["participant_id"]] = told["ready"]
            case "round_started":
                self.status = "swiping"
            case "swiped":
                # Two processes may tell of the same person; who has heard less must not turn the count back.
                who = told["participant_id"]
                self.swiped[who] = max(told["swiped"], self.swiped.get(who, 0))
            case "progress":
                self._take_progress(told)
            case "matched" | "closest" as status:
                self._take_outcome(status, told["outcome"])

    def _is_next(self, event: Frame) -> bool:
        """No gap, no duplicate; the number counts even for what comes wrongly."""
        place = (self.epoch, event["seq"])
        if event["seq"] != self.seq + 1:
            self.flaws.append(f"event {event['seq']} came after {self.seq} in epoch {self.epoch}: {event}")
        self.seq = max(self.seq, event["seq"])
        return self.numbered.setdefault(place, event) is event

    def _take_progress(self, told: Frame) -> None:
        if self.seq < self._promised:
            self.flaws.append(f"progress came at {self.seq}, before the missed events up to {self._promised}")
        self.swiped.update(told["swiped"])
        self.refreshed = True

    def _take_snapshot(self, snapshot: Frame) -> None:
        self.status = snapshot["status"]
        self.ready = {p["id"]: p["ready"] for p in snapshot["participants"]}
        self.swiped = {p["id"]: p["swiped"] for p in snapshot["participants"]}
        if snapshot["outcome"]:
            self._take_outcome(snapshot["status"], snapshot["outcome"])

    def _take_outcome(self, status: str, outcome: Frame) -> None:
        self.status, self.outcome = status, outcome
        self.outcomes.append(outcome)
