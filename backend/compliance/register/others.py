"""The register's rows about services of others, each only where the operator has set it up."""

from __future__ import annotations

from backend.compliance.register import forgetting
from backend.compliance.register.terms import Basis, Erasure, Holding, Kind, Otherwise, Place

_THEIR_OWN = Otherwise("What they keep is theirs to tell: ask them.")

OTHERS: tuple[Holding, ...] = (
    Holding(
        place=Place(Kind.ELSEWHERE, "the SMTP server of SMTP_URL"),
        holds="mails about an account: address, name, a link",
        purpose="confirming addresses, choosing a new password",
        basis=Basis.CONTRACT,
        export=_THEIR_OWN,
        erasure=Otherwise("Handed over mails cannot be called back."),
        retention=Otherwise("By its operator's rules."),
        recipients="whoever operates it",
    ),
    Holding(
        place=Place(
            Kind.ELSEWHERE, "the issuers one logs in through: Google, Facebook, OIDC_ISSUER, CLERK_ISSUER"
        ),
        holds="that somebody logs in here, and when",
        purpose="logging in without a password, where people choose to",
        basis=Basis.CONTRACT,
        export=_THEIR_OWN,
        erasure=Erasure(
            "Clerk is told to delete the account (CLERK_SECRET_KEY). OpenID Connect knows no such request: people "
            "take DinDin off the list of programs in their account there.",
            forgetting.accounts_elsewhere,
        ),
        retention=Otherwise("By their rules."),
        recipients="the issuer that somebody chose",
    ),
    Holding(
        place=Place(Kind.ELSEWHERE, "the error reports' service of SENTRY_DSN"),
        holds=(
            "where in the program an error was, and how long steps took: under request, session and a keyed hash of "
            "the account's id; without words, bodies, addresses or values. Of apps that DINDIN_SENTRY_DSN is set for: "
            "where an error was and which steps led to it, under no id"
        ),
        purpose="mending what breaks",
        basis=Basis.INTEREST,
        export=Otherwise("Says which parts of the program failed, and nothing about anybody but ids."),
        erasure=Otherwise(
            "Holds a keyed hash in place of the account's id, which leads nowhere once that is gone."
        ),
        retention=Otherwise("By its operator's rules."),
        recipients="whoever operates it",
    ),
    Holding(
        place=Place(Kind.ELSEWHERE, "the S3-compatible store of S3_ENDPOINT"),
        holds="the files of STORAGE_URL and BACKUP_URL, where these name a bucket",
        purpose="keeping them where many machines can reach them",
        basis=Basis.INTEREST,
        export=Otherwise("The files have rows of their own."),
        erasure=Otherwise("As each of the files says."),
        retention=Otherwise("As long as each of the files says."),
        recipients="whoever operates it",
    ),
)
