"""Where counting begins: the schema at the time at which migrations came.

What databases from before it lack, the steps after it fill in, and `python -m backend prepare` does the rest at every
release (indexes, catalogue, what earlier versions kept of diets and exports). So this step only makes the count begin;
nobody goes back behind it.
"""

from __future__ import annotations

from backend.infra.mongo import MongoDatabase
from backend.migrations.terms import Step


def _nothing(_database: MongoDatabase) -> None:
    """There is nothing to change."""


STEP = Step("0001_baseline", "the schema at which counting begins", up=_nothing, down=_nothing)
