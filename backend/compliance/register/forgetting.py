"""The steps of the register's erasure column: each lets one place forget somebody, and says how much was there.

Each may be interrupted and is then called again; what it has done before it does not find any more.
"""

from __future__ import annotations

import svcs
from bson import ObjectId

from backend.auth.clerk.directory import ClerkDirectory
from backend.auth.oidc.flow import CODE_KEYS
from backend.auth.service import AuthService
from backend.compliance.exports.service import ExportService
from backend.compliance.register.terms import Departure, NotYet
from backend.config import Settings
from backend.groups.service import GroupService
from backend.http.callers import account_of
from backend.http.idempotency import IDEMPOTENCY_KEYS, keeper_of
from backend.infra.cache import CACHE_KEYS
from backend.infra.cache_terms import CacheKind
from backend.infra.job_records import JobRecords
from backend.infra.mail import Mailer
from backend.infra.passing_keys import PassingKeys
from backend.jobs.entrance import PASS_KEYS, TICKET_KEYS
from backend.notifications.service import NotificationService
from backend.sessions.forgetting import Forgetting
from backend.users.closing import Closing

_STILL_PLAYED = "others still play a session that the person was in"


def swipes(services: svcs.Container, gone: Departure) -> int:
    """Their swipes become those of a pseudonym, another one in each session."""
    sessions = services.get(Forgetting)
    played = sessions.still_played(gone.user_id)
    return _unless(played, sessions.hand_over_swipes(gone.user_id, gone.pseudonym_in, gone.sessions))


def messages(services: svcs.Container, gone: Departure) -> int:
    """What they wrote is deleted."""
    return services.get(Forgetting).delete_messages(gone.user_id, gone.sessions)


def feedback(services: svcs.Container, gone: Departure) -> int:
    """Their feedback becomes that of a pseudonym."""
    return services.get(Forgetting).hand_over_feedback(gone.user_id, gone.pseudonym_in)


def sessions(services: svcs.Container, gone: Departure) -> int:
    """A pseudonym takes their place, and what Valkey remembers of the session goes."""
    known = services.get(Forgetting)
    played = known.still_played(gone.user_id)
    return _unless(played, known.hand_over_sessions(gone.user_id, gone.pseudonym_in))


def answers(services: svcs.Container, gone: Departure) -> int:
    """Answers kept for their requests, and for others' requests where they name the person."""
    passing, person = services.get(PassingKeys), str(gone.user_id)
    own = passing.delete_named(IDEMPOTENCY_KEYS, [keeper_of(person, _secret(services))])
    return own + passing.delete_naming(IDEMPOTENCY_KEYS, [person])


def cached_preferences(services: svcs.Container, gone: Departure) -> int:
    """What they were shown of their preferences."""
    return _delete_cached(services, CacheKind.PREFERENCES, [str(gone.user_id)])


def cached_sessions(services: svcs.Container, gone: Departure) -> int:
    """What was counted in sessions that have named them."""
    return _delete_cached(services, CacheKind.SESSIONS, [*map(str, gone.sessions)])


def log_in_codes(services: svcs.Container, gone: Departure) -> int:
    """One-time codes that would have let them in."""
    return services.get(PassingKeys).delete_naming(CODE_KEYS, [str(gone.user_id)])


def tickets(services: svcs.Container, gone: Departure) -> int:
    """An operator's ticket to the page of jobs."""
    return services.get(PassingKeys).delete_naming(TICKET_KEYS, [str(gone.user_id)])


def passes(services: svcs.Container, gone: Departure) -> int:
    """An operator's pass on the page of jobs."""
    return services.get(PassingKeys).delete_naming(PASS_KEYS, [str(gone.user_id)])


def attempts(services: svcs.Container, gone: Departure) -> int:
    """Counted attempts of theirs, and at their account."""
    words = [str(gone.user_id)]
    if gone.address:
        words.append(account_of(gone.address, _secret(services)))
    return services.get(PassingKeys).delete_limits(words)


def jobs(services: svcs.Container, gone: Departure) -> int:
    """Records of jobs that were about them, or built their exports."""
    # Jobs say whom they are for. What is left of one that is forgotten is its name, which holds the export's id.
    built = map(str, services.get(ExportService).ids_of(gone.user_id))
    cleared = services.get(JobRecords).delete_naming([str(gone.user_id), *built])
    if cleared.running:
        raise NotYet("a job about the person runs right now", cleared.deleted)
    return cleared.deleted


def mails(services: svcs.Container, gone: Departure) -> int:
    """Mails that were put aside, and counts of those sent."""
    return services.get(Mailer).forget(gone.address) if gone.address else 0


def exports(services: svcs.Container, gone: Departure) -> int:
    """Their exports, files first."""
    return services.get(ExportService).forget(gone.user_id)


def accounts_elsewhere(services: svcs.Container, gone: Departure) -> int:
    """Clerk is told to delete the person."""
    return services.get(ClerkDirectory).delete(gone.identities)


def log_ins(services: svcs.Container, gone: Departure) -> int:
    """Their log-ins; they were ended when the erasure began."""
    return services.get(AuthService).forget(gone.user_id)


def notifications(services: svcs.Container, gone: Departure) -> int:
    """Their inbox; in those of others they have no name any more."""
    return services.get(NotificationService).forget(gone.user_id)


def groups(services: svcs.Container, gone: Departure) -> int:
    """They leave; groups that they have named are called something neutral."""
    return services.get(GroupService).forget(gone.user_id)


def account(services: svcs.Container, gone: Departure) -> int:
    """The account's own document."""
    return services.get(Closing).delete(gone.user_id)


def _delete_cached(services: svcs.Container, kind: CacheKind, owners: list[str]) -> int:
    return services.get(PassingKeys).delete_named(f"{CACHE_KEYS}{{{kind.value}:", owners)


def _secret(services: svcs.Container) -> bytes:
    """What keys of requests are hashed with."""
    return services.get(Settings).secret_key.get_secret_value().encode()


def _unless(played: list[ObjectId], found: int) -> int:
    """What was found; NotYet where sessions were still played before."""
    if played:
        raise NotYet(_STILL_PLAYED, found)
    return found
