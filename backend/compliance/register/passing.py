"""The register's rows about what passes: keys in Valkey, and jobs on their queues."""

from __future__ import annotations

from backend.compliance.register import forgetting
from backend.compliance.register.terms import Basis, Erased, Erasure, Holding, Kind, Otherwise, Place

_PASSING = Otherwise("Holds nothing that is not in the places it passes between.")
_COUNTED = Otherwise("Counts attempts for minutes; says nothing that is worth a copy.")


def _row(  # one line of a table
    place: Place, *, holds: str, purpose: str, erasure: Erased, kept: str, export: Otherwise = _PASSING
) -> Holding:
    return Holding(
        place=place,
        holds=holds,
        purpose=purpose,
        basis=Basis.INTEREST,
        export=export,
        erasure=erasure,
        retention=Otherwise(kept),
    )


PASSING: tuple[Holding, ...] = (
    _row(
        Place(Kind.KEYS, "s:{*}:events"),
        holds="what happened in a session lately: names, votes, messages",
        purpose="telling those who were away for a moment",
        erasure=Otherwise("Deleted with the place in the session."),
        kept="Six hours after its last entry.",
    ),
    _row(
        Place(Kind.KEYS, "s:{*}:presence"),
        holds="who is connected to a session, by id, and until when",
        purpose="showing who is there; not waiting for those who are gone",
        erasure=Otherwise("Deleted with the place in the session."),
        kept="Two hours.",
    ),
    _row(
        Place(Kind.KEYS, "oidc:flow:*"),
        holds="a log-in through an issuer elsewhere that is under way",
        purpose="letting only the browser end it that began it",
        erasure=Otherwise("Ends by itself within minutes; names nobody."),
        kept="Ten minutes.",
    ),
    _row(
        Place(Kind.KEYS, "oidc:code:*"),
        holds="whose log-in through an issuer elsewhere has just ended, by id",
        purpose="handing the tokens to the app that asked",
        erasure=Erasure("Deleted.", forgetting.log_in_codes),
        kept="One minute.",
    ),
    _row(
        Place(Kind.KEYS, "idempotency:*"),
        holds="the answer to a request, under a digest of who asked and what",
        purpose="not doing twice what is asked twice",
        erasure=Erasure("Deleted; those of others too that name the person.", forgetting.answers),
        kept="A day.",
    ),
    _row(
        Place(Kind.KEYS, "mails:*"),
        holds="how many mails went to an address lately, under a digest of it",
        purpose="not letting strangers flood a mailbox",
        erasure=Otherwise("Deleted with the mails that were put aside."),
        kept="An hour.",
        export=_COUNTED,
    ),
    _row(
        Place(Kind.KEYS, "LIMITS:LIMITER/limit/*"),
        holds="when somebody called what, by account, by IP address, or by a digest of the account tried",
        purpose="stopping those who guess passwords and codes, and floods",
        erasure=Erasure("Deleted; an IP address says nothing about an account.", forgetting.attempts),
        kept="An hour at most.",
        export=_COUNTED,
    ),
    _row(
        Place(Kind.KEYS, "jobs:ticket:*"),
        holds="which operator has just asked for a link to the page of jobs, by id",
        purpose="letting that operator's browser in",
        erasure=Erasure("Deleted.", forgetting.tickets),
        kept="One minute.",
    ),
    _row(
        Place(Kind.KEYS, "jobs:pass:*"),
        holds="which operator's browser is on the page of jobs, by id",
        purpose="knowing it again",
        erasure=Erasure("Deleted.", forgetting.passes),
        kept="Thirty minutes.",
    ),
    _row(
        Place(Kind.QUEUE, "rq:job:*"),
        holds="jobs that wait, run or ended lately: what is to be done, for whose account, by id",
        purpose="sending mails and building exports in the background",
        erasure=Erasure("Those about the person are deleted.", forgetting.jobs),
        kept="Two days after it was done, seven after it failed.",
    ),
    _row(
        Place(Kind.QUEUE, "rq:results:*"),
        holds="how jobs ended; of those that failed, where in the program",
        purpose="operators' finding out what went wrong",
        erasure=Otherwise("Goes with its job."),
        kept="As its job.",
    ),
    _row(
        Place(Kind.QUEUE, "rq:*"),
        holds="lists of jobs by state: names that hold ids of accounts",
        purpose="finding the next job",
        erasure=Otherwise("Goes with its jobs."),
        kept="As its jobs.",
    ),
)
