"""What an invitation tells somebody who holds a join code and nothing else yet."""

from __future__ import annotations

from dataclasses import dataclass

from backend.groups.service import GroupService
from backend.sessions.state import Session
from backend.sessions.store import SessionStore


@dataclass(frozen=True, slots=True)
class Invitation:
    """A live session as those may see it who know its code: of people, the host's display name alone.

    Attributes:
        menu: `recipes`, `restaurants` or `both`.
        people: how many are in it.
        places: how many it holds.
        started: the first round has begun.
        group_name: of the group that it belongs to, if any.
        watching: it is too late to swipe; whoever comes now sees the outcome (docs/product.md S18).
    """

    code: str
    host_name: str
    menu: str
    people: int
    places: int
    started: bool
    watching: bool
    group_name: str | None

    @property
    def full(self) -> bool:
        """Whether nobody else can come in now."""
        return self.people >= self.places


class Invitations:
    """Looks join codes up for the page that an invite link leads to."""

    def __init__(self, store: SessionStore, groups: GroupService) -> None:
        self._store = store
        self._groups = groups

    def of_code(self, code: str) -> Invitation | None:
        """The live session with this code; None where there never was one, or it is over.

        Args:
            code: in capitals, as it is written in the session.
        """
        session = self._store.live_by_code(code)
        return self._to(session) if session else None

    def _to(self, session: Session) -> Invitation:
        return Invitation(
            code=session.code,
            host_name=session.participant(session.host_id).display_name,
            menu=session.menu,
            people=len(session.members),
            places=session.capacity,
            started=session.round > 0,
            watching=session.round > 1,
            group_name=self._groups.name_of(session.group_id) if session.group_id else None,
        )
