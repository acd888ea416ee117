"""What a client of the chaos believes of its session: the protocol's rules for numbers, and nothing it was not told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]

OVER = frozenset({"matched", "closest", "expired", "closed"})


@dataclass
class Belief:
    """How a session stands, by a snapshot and the events after it (docs/live-protocol.md).

    Attributes:
        gone: who is away for so long that nobody waits for them.
        swiped: by participant, how many cards of the running round; told by frames that may get lost.
        motions: open ones, by their kind.
        outcome: with what the coin said, once it was tossed.
    """

    status: str = "lobby"
    round: int = 0
    required: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    ready: dict[str, bool] = field(default_factory=dict)
    swiped: dict[str, int] = field(default_factory=dict)
    deck_sizes: dict[str, int] = field(default_factory=dict)
    motions: dict[str, Frame] = field(default_factory=dict)
    pause: Frame | None = None
    outcome: Frame | None = None

    @classmethod
    def of(cls, snapshot: Frame) -> Belief:
        """What a snapshot says."""
        people = snapshot["participants"]
        return cls(
            status=snapshot["status"],
            round=snapshot["round"],
            required=snapshot["required"],
            gone={one["id"] for one in people if one["status"] == "gone"},
            ready={one["id"]: one["ready"] for one in people},
            swiped={one["id"]: one["swiped"] for one in people},
            deck_sizes={one["id"]: one["deck_size"] for one in people} if snapshot["round"] else {},
            motions={motion["motion"]: motion for motion in snapshot["motions"]},
            pause=snapshot["pause"],
            outcome=snapshot["outcome"] and dict(snapshot["outcome"]),
        )

    def take(self, kind: str, told: Frame) -> None:  # noqa: C901  # one arm for each kind of event
        """Take an event; those that say nothing of how the session stands are passed over."""
        match kind:
            case "ready_changed":
                self.ready[told["participant_id"]] = told["ready"]
            case "participant_gone":
                self.gone.add(told["participant_id"])
                self.required = told["required"]
            case "participant_back":
                self.gone.discard(told["participant_id"])
                self.required = told["required"]
            case "round_started":
                self.status, self.round = "swiping", told["round"]
                self.required, self.deck_sizes = told["required"], told["deck_sizes"]
                self.swiped = dict.fromkeys(told["deck_sizes"], 0)
                self._stand_still_no_more()
            case "motion_opened" | "motion_voted":
                self.motions[told["motion"]] = told
            case "motion_passed" | "motion_failed":
                self.motions.pop(told["motion"], None)
            case "paused":
                self.status, self.motions, self.pause = "paused", {}, told
            case "resumed":
                self.status = "swiping"
                self._stand_still_no_more()
            case "matched" | "closest":
                self.status, self.outcome = kind, dict(told["outcome"])
                self._stand_still_no_more()
            case "coin_tossed":
                self.outcome = {**(self.outcome or {}), "tossed": told["item"]}
            case "expired":
                self.status = "expired"
            case "session_closed":
                self.status = "closed"

    def differences(self, truth: Belief, *but: str) -> list[str]:
        """In which fields another belief differs, in words."""
        return [
            f"{name} is {mine} here and {true} there"
            for name, mine in vars(self).items()
            if name not in but and mine != (true := vars(truth)[name])
        ]

    def _stand_still_no_more(self) -> None:
        self.motions, self.pause = {}, None


@dataclass
class View:
    """A session as told by welcomes and frames, and how well that was told.

    Attributes:
        messages: by id, who said what; events and, after a snapshot, `GET /sessions/ID/messages`.
        numbered: every event with a number, by where it stands: (epoch, seq).
        epochs: the epochs heard of, in order.
        outcomes: every outcome this client was told, in events and snapshots alike.
        flaws: promises that the server broke towards this client, in words.
        refreshed: whether a snapshot or `progress` has come since the last welcome.
    """

    now: Belief = field(default_factory=Belief)
    epoch: str = ""
    seq: int = 0
    messages: dict[str, tuple[str, str]] = field(default_factory=dict)
    numbered: dict[tuple[str, int], Frame] = field(default_factory=dict)
    epochs: list[str] = field(default_factory=list)
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
        """Whether the session is decided or ended."""
        return self.now.status in OVER

    def begin(self, welcome: Frame) -> None:
        """Take a welcome: events will follow from where we are, or a snapshot says where we are."""
        self.resumed, self.refreshed = welcome["resumed"], not welcome["resumed"]
        self._promised = welcome["seq"]
        if not self.resumed:
            self.now = Belief.of(welcome["snapshot"])
            self._note_outcome()
            self.epoch, self.seq = welcome["epoch"], welcome["seq"]
            self.epochs.append(self.epoch)
        elif welcome["epoch"] != self.epoch:
            self.flaws.append(f"resumed in epoch {welcome['epoch']} although we named {self.epoch}")

    def apply(self, frame: Frame) -> None:
        """Take an event."""
        if "seq" in frame and not self._is_next(frame):
            return
        told = frame["data"]
        match frame["type"]:
            case "swiped":
                if told["round"] == self.now.round:
                    self.now.swiped[told["participant_id"]] = told["swiped"]
            case "progress":
                self._take_progress(told)
            case "chat":
                self.messages[told["message_id"]] = (told["participant_id"], told["text"])
            case kind:
                self.now.take(kind, told)
                if kind in {"matched", "closest", "coin_tossed"}:
                    self._note_outcome()

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
        if told["round"] == self.now.round:
            self.now.swiped.update(told["swiped"])
        self.refreshed = True

    def _note_outcome(self) -> None:
        if self.now.outcome:
            self.outcomes.append(dict(self.now.outcome))
