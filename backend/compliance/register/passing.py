"""The register's rows about what passes: keys in Valkey, queues, files, logs, and what others hold."""

from __future__ import annotations

from backend.compliance.register.terms import Basis, Holding, Kind, Otherwise, Place

_PASSING = Otherwise("Holds nothing that is not in the places it passes between.")


def _keys(name: str, holds: str, purpose: str, erasure: str, kept: str) -> Holding:
    return Holding(
        place=Place(Kind.KEYS, name),
        holds=holds,
        purpose=purpose,
        basis=Basis.INTEREST,
        export=_PASSING,
        erasure=Otherwise(erasure),
        retention=Otherwise(kept),
    )


PASSING: tuple[Holding, ...] = (
    _keys(
        "s:{*}:events",
        "what happened in a session lately: names, votes, messages",
        "telling those who were away for a moment",
        "written with the erasure",
        "A day after its last entry.",
    ),
)
