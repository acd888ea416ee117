"""The rules of a session: values in, values out. No clock, no chance, no input or output (docs/product.md S1-S18).

A rule takes a Session and gives a Change: the session as it is then, and the events that tell clients how it
came about. Events carry absolute values, so that applying one twice does no harm.

Each module builds on those above it in this list: requirements (what must hold), endings, energy, clock (pausing),
motions, lobby, rounds, people (coming and going), talk.
"""

from backend.sessions.rules.clock import enforce_quorum, pause, pause_view, resume
from backend.sessions.rules.endings import CLOSEST_COUNT, expire, give_up, ranking, toss
from backend.sessions.rules.energy import all_voted, energy_result, group_energy
from backend.sessions.rules.lobby import (
    begin,
    require_can_start,
    set_ready,
    stop_countdown,
    vote_energy,
)
from backend.sessions.rules.motions import motion_view, vote
from backend.sessions.rules.people import come_back, go, join, leave
from backend.sessions.rules.requirements import (
    MIN_DECK,
    is_round_over,
    require_swipe,
    require_undo,
    unchanged,
)
from backend.sessions.rules.rounds import close_round, end_round, everybody_finished, match
from backend.sessions.rules.talk import react, require_talk, say

__all__ = [
    "CLOSEST_COUNT",
    "MIN_DECK",
    "all_voted",
    "begin",
    "close_round",
    "come_back",
    "end_round",
    "energy_result",
    "enforce_quorum",
    "everybody_finished",
    "expire",
    "give_up",
    "go",
    "group_energy",
    "is_round_over",
    "join",
    "leave",
    "match",
    "motion_view",
    "pause",
    "pause_view",
    "ranking",
    "react",
    "require_can_start",
    "require_swipe",
    "require_talk",
    "require_undo",
    "resume",
    "say",
    "set_ready",
    "stop_countdown",
    "toss",
    "unchanged",
    "vote",
    "vote_energy",
]
