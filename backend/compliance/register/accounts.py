"""The register's rows about people and what they told DinDin of themselves. The account itself goes last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import svcs
from bson import ObjectId

from backend.auth.service import AuthService
from backend.compliance.exports.service import ExportService
from backend.compliance.register import forgetting
from backend.compliance.register.asking import asking, forgotten_by
from backend.compliance.register.periods import guest_keep_days_ago, now_itself, retention_days_ago
from backend.compliance.register.shapes import (
    ConsentShape,
    ExportShape,
    GroupShape,
    IdentityShape,
    LogInShape,
    NotificationShape,
    PreferencesShape,
    ProfileShape,
)
from backend.compliance.register.terms import (
    Basis,
    Erasure,
    Export,
    Holding,
    Kind,
    Otherwise,
    Place,
    Retention,
)
from backend.compliance.retention.idle import IdleErasure
from backend.groups.service import GroupService
from backend.infra.clock import to_iso
from backend.notifications.service import NotificationService
from backend.users.closing import Closing
from backend.users.consents import ConsentService
from backend.users.data_keys import UserKeys
from backend.users.preferences import PreferenceService
from backend.users.service import UserService

_WITH_THE_ACCOUNT = Otherwise("As long as the account.")
_IN_ITS_DOCUMENT = Otherwise("Deleted with the account's own document.")


def _profile(services: svcs.Container, user_id: ObjectId) -> Iterator[dict[str, Any]]:
    user = services.get(UserService).by_id(user_id)
    yield {
        "id": str(user.id),
        "email": user.email,
        "email_confirmed": user.email_confirmed,
        "display_name": user.display_name,
        "role": user.role.value,
        "tier": user.tier,
        "muted_notifications": sorted(user.muted),
        "created_at": to_iso(user.created_at),
    }


ACCOUNTS: tuple[Holding, ...] = (
    Holding(
        place=Place(Kind.COLLECTION, "auth_sessions"),
        holds="log-ins: when, on which device (as its program names itself), until when, when it was proved whose",
        purpose="staying logged in; showing people their devices, so that they notice a stranger's",
        basis=Basis.CONTRACT,
        export=Export(
            "log_ins.json",
            "Log-ins",
            asking(AuthService, AuthService.history_of),
            LogInShape,
        ),
        erasure=Erasure("Ended at once, then deleted.", forgetting.log_ins),
        retention=Retention(
            rule="until it ends: {refresh_token_days} days after it was last used",
            cutoff=now_itself,
            sweep=asking(AuthService, AuthService.delete_ended_before),
            oldest=asking(AuthService, AuthService.oldest),
        ),
        people=asking(AuthService, AuthService.people),
    ),
    Holding(
        place=Place(Kind.COLLECTION, "notifications"),
        holds="what a user was told and when they read it; names of those it is about",
        purpose="the inbox",
        basis=Basis.CONTRACT,
        export=Export(
            "notifications.json",
            "Notifications",
            asking(NotificationService, NotificationService.history_of),
            NotificationShape,
        ),
        erasure=Erasure(
            'Deleted; in those of others the person is "Somebody", and groups they named "a group".',
            forgetting.notifications,
        ),
        retention=Retention(
            rule="{data_retention_days} days",
            cutoff=retention_days_ago,
            sweep=asking(NotificationService, NotificationService.delete_before),
            oldest=asking(NotificationService, NotificationService.oldest),
        ),
        people=asking(NotificationService, NotificationService.people),
    ),
    Holding(
        place=Place(Kind.COLLECTION, "groups"),
        holds="groups: name, who is in them since when, who owns them",
        purpose="eating with the same people again",
        basis=Basis.CONTRACT,
        export=Export(
            "groups.json",
            "Groups",
            asking(GroupService, GroupService.history_of),
            GroupShape,
        ),
        erasure=Erasure(
            "Left; an owner's place passes on, and a name that they chose gives way to a neutral one.",
            forgetting.groups,
        ),
        retention=Otherwise("As long as it has members."),
        recipients="the members of the group",
        people=asking(GroupService, GroupService.people),
    ),
    Holding(
        place=Place(Kind.COLLECTION, "exports"),
        holds="when somebody asked for a copy of their data, and what became of it",
        purpose="handing out that copy, one at a time",
        basis=Basis.OBLIGATION,
        export=Export(
            "exports.json",
            "Exports",
            asking(ExportService, ExportService.history_of),
            ExportShape,
        ),
        erasure=Erasure("Deleted, with their files.", forgetting.exports),
        retention=Retention(
            rule="{export_keep_days} days after it was made",
            cutoff=now_itself,
            sweep=asking(ExportService, ExportService.delete_expired_before),
            oldest=asking(ExportService, ExportService.oldest),
        ),
        people=asking(ExportService, ExportService.people),
    ),
    Holding(
        place=Place(Kind.COLLECTION, "users.preferences"),
        holds="diet and allergies, sealed; liked and disliked cuisines, price limit, home",
        purpose="decks that suit, and that nobody is hurt by",
        basis=Basis.EXPLICIT_CONSENT,
        export=Export(
            "preferences.json",
            "Preferences",
            asking(PreferenceService, PreferenceService.export_of),
            PreferencesShape,
        ),
        erasure=_IN_ITS_DOCUMENT,
        retention=_WITH_THE_ACCOUNT,
    ),
    Holding(
        place=Place(Kind.COLLECTION, "user_keys"),
        holds="a key of each user's own, wrapped, that opens what is sealed of them",
        purpose="encrypting diet, allergies and notes; without the key nobody can read them, also not in a copy",
        basis=Basis.OBLIGATION,
        export=Otherwise("A secret; what it opens is in the export in plain."),
        erasure=Erasure(
            "The key is destroyed, and with it all that it sealed.",
            forgotten_by(UserKeys, UserKeys.destroy),
        ),
        retention=_WITH_THE_ACCOUNT,
        people=asking(UserKeys, UserKeys.people),
    ),
    Holding(
        place=Place(Kind.COLLECTION, "consents"),
        holds="what somebody agreed to or took back: which text, its version and digest, when",
        purpose="being able to show that they agreed, and to what",
        basis=Basis.OBLIGATION,
        export=Export(
            "consents.json",
            "Consents",
            asking(ConsentService, ConsentService.history_of),
            ConsentShape,
        ),
        erasure=Erasure("Deleted.", forgotten_by(ConsentService, ConsentService.forget)),
        retention=_WITH_THE_ACCOUNT,
        people=asking(ConsentService, ConsentService.people),
    ),
    Holding(
        place=Place(Kind.COLLECTION, "users.identities"),
        holds="accounts elsewhere through which somebody logs in: which issuer, its id of them, their name there",
        purpose="logging in without a password",
        basis=Basis.CONTRACT,
        export=Export(
            "identities.json",
            "Accounts elsewhere",
            asking(UserService, UserService.identities_of),
            IdentityShape,
        ),
        erasure=_IN_ITS_DOCUMENT,
        retention=_WITH_THE_ACCOUNT,
    ),
    Holding(
        place=Place(Kind.COLLECTION, "gone_identities"),
        holds="digests of accounts elsewhere that were deleted there",
        purpose="that no late message or token brings a deleted account back",
        basis=Basis.INTEREST,
        export=Otherwise("Whom it was about has no account to ask from, and cannot be told from the digest."),
        erasure=Otherwise("Needed so that the erasure lasts; cannot be turned back into an identity."),
        retention=Otherwise("30 days: MongoDB deletes it."),
    ),
)

THE_ACCOUNT = Holding(
    place=Place(Kind.COLLECTION, "users"),
    holds="the account: address, name, password hash, role, tier, which notifications are not wanted",
    purpose="having an account",
    basis=Basis.CONTRACT,
    export=Export("profile.json", "Profile", _profile, ProfileShape),
    recipients="the name: those who are in a session or a group with its owner",
    erasure=Erasure(
        "Address, password and log-ins elsewhere at once; the rest last of all.", forgetting.account
    ),
    retention=Retention(
        rule=(
            "until it is erased; of guests, and of those who never confirmed an address, {guest_keep_days} days after "
            "they were there last"
        ),
        cutoff=guest_keep_days_ago,
        sweep=asking(IdleErasure, IdleErasure.erase_before),
        oldest=asking(IdleErasure, IdleErasure.oldest),
    ),
    people=asking(Closing, Closing.people),
)
