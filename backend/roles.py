"""Who somebody is to the API: the roles, from least to most."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What an account may do (docs/product.md A3).

    A guest has only a display name and may join one session; an operator looks after the server.
    """

    GUEST = "guest"
    USER = "user"
    OPERATOR = "operator"

    def includes(self, needed: Role) -> bool:
        """Whether whoever has this role may do what `needed` may do."""
        return _RANK[self] >= _RANK[needed]


_RANK = {role: rank for rank, role in enumerate(Role)}
