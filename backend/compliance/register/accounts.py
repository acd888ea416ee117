"""The register's rows about people and what they told DinDin of themselves. The account itself goes last."""

from __future__ import annotations

from backend.auth.service import AuthService
from backend.compliance.register.periods import now_itself, retention_days_ago
from backend.compliance.register.terms import (
    Basis,
    Export,
    Holding,
    Kind,
    Otherwise,
    Place,
    Retention,
)
from backend.groups.service import GroupService
from backend.notifications.service import NotificationService
from backend.users.service import UserService

_WITH_THE_ACCOUNT = Otherwise("As long as the account.")

ACCOUNTS: tuple[Holding, ...] = (
    Holding(
        place=Place(Kind.COLLECTION, "auth_sessions"),
        holds="log-ins: when, on which device (as its program names itself), until when",
        purpose="staying logged in; showing people their devices, so that they notice a stranger's",
        basis=Basis.CONTRACT,
        export=Export(
            "log_ins.json", "Log-ins", lambda services, user: services.get(AuthService).history_of(user)
        ),
        erasure=Otherwise("written with the erasure"),
        retention=Retention(
            rule="until it ends: {refresh_token_days} days after it was last used",
            cutoff=now_itself,
            sweep=lambda services, cutoff, *, batch, dry_run: services.get(AuthService).delete_ended_before(
                cutoff, batch=batch, dry_run=dry_run
            ),
            oldest=lambda services: None,
        ),
    ),
    Holding(
        place=Place(Kind.COLLECTION, "notifications"),
        holds="what a user was told and when they read it; names of those it is about",
        purpose="the inbox",
        basis=Basis.CONTRACT,
        export=Export(
            "notifications.json",
            "Notifications",
            lambda services, user: services.get(NotificationService).history_of(user),
        ),
        erasure=Otherwise("written with the erasure"),
        retention=Retention(
            rule="{data_retention_days} days",
            cutoff=retention_days_ago,
            sweep=lambda services, cutoff, *, batch, dry_run: services.get(NotificationService).delete_before(
                cutoff, batch=batch, dry_run=dry_run
            ),
            oldest=lambda services: None,
        ),
    ),
    Holding(
        place=Place(Kind.COLLECTION, "groups"),
        holds="groups: name, who is in them since when, who owns them",
        purpose="eating with the same people again",
        basis=Basis.CONTRACT,
        export=Export(
            "groups.json", "Groups", lambda services, user: services.get(GroupService).history_of(user)
        ),
        erasure=Otherwise("written with the erasure"),
        retention=_WITH_THE_ACCOUNT,
    ),
)

THE_ACCOUNT = Holding(
    place=Place(Kind.COLLECTION, "users"),
    holds="the account: address, name, password hash, log-ins elsewhere, role, tier, preferences",
    purpose="having an account; decks that suit",
    basis=Basis.CONTRACT,
    export=Export(
        "profile.json", "Profile", lambda services, user: services.get(UserService).export_of(user)
    ),
    erasure=Otherwise("written with the erasure"),
    retention=_WITH_THE_ACCOUNT,
)
