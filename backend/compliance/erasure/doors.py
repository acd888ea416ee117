"""What happens to somebody's account at the moment at which their erasure begins, before anything slow."""

from __future__ import annotations

from bson import ObjectId

from backend.auth.clerk.directory import ClerkDirectory
from backend.auth.service import AuthService
from backend.compliance.erasure.store import ErasureState
from backend.groups.service import GroupService
from backend.sessions.forgetting import Forgetting
from backend.users.closing import Closing, Reached


class Doors:
    """Lets people out, and nobody in any more."""

    def __init__(
        self,
        *,
        closing: Closing,
        auth: AuthService,
        clerk: ClerkDirectory,
        sessions: Forgetting,
        groups: GroupService,
    ) -> None:
        self._closing = closing
        self._auth = auth
        self._clerk = clerk
        self._sessions = sessions
        self._groups = groups

    def reached_by(self, user_id: ObjectId) -> Reached:
        """Address and accounts elsewhere, to be kept until both have been told; nothing where there is no account."""
        return self._closing.reached_by(user_id) or Reached()

    def refuse(self, reached: Reached) -> None:
        """Let no token or message that is still on its way from elsewhere open a new account for these."""
        self._clerk.refuse(reached.identities)

    def sessions_naming(self, user_id: ObjectId) -> list[ObjectId]:
        """The sessions that name somebody, whether they have left them or not."""
        return self._sessions.naming(user_id)

    def end_sessions(self, user_id: ObjectId) -> int:
        """End what others still play with somebody who has left; how many sessions."""
        return self._sessions.end_still_played(user_id)

    def close(self, erasure: ErasureState) -> None:
        """Close the account, end its tokens and sockets, leave what is still played. Harmless to repeat.

        The account goes first: whoever logs in meanwhile gets tokens that are good for nothing.
        """
        self._clerk.refuse(erasure.identities)
        self._closing.close(erasure.user_id)
        self._auth.log_out_everywhere(erasure.user_id)
        self._sessions.leave_all(erasure.user_id)
        self._groups.leave_all(erasure.user_id)
