"""Builds what erases people. It needs every feature, and is built last."""

from __future__ import annotations

import svcs
from bson import ObjectId

from backend.audit.trail import AuditTrail
from backend.auth.accounts import AccountService
from backend.auth.clerk.directory import ClerkDirectory
from backend.auth.mails import AccountMails
from backend.auth.service import AuthService
from backend.compliance.erasure.doors import Doors
from backend.compliance.erasure.receipts import Receipts
from backend.compliance.erasure.service import ErasureService
from backend.compliance.erasure.store import ErasureStore
from backend.compliance.erasure.tombstones import Tombstones
from backend.config import Settings
from backend.favourites.service import FavouriteService
from backend.groups.service import GroupService
from backend.history.service import HistoryService
from backend.infra.clock import Clock
from backend.infra.job_records import JobRecords
from backend.infra.jobs import JobQueue
from backend.infra.keys import Ledger
from backend.infra.mongo import MongoDatabase
from backend.infra.passing_keys import PassingKeys
from backend.infra.storage import Storage
from backend.infra.valkey import Valkey
from backend.notifications.service import NotificationService
from backend.sessions.forgetting import Forgetting
from backend.shopping.service import ShoppingService
from backend.users.closing import Closing


def register_erasure(registry: svcs.Registry) -> None:
    """Add the services; those that they need are in the registry already."""
    with svcs.Container(registry) as known:
        settings, database, ledger = known.get(Settings, MongoDatabase, Ledger)
        valkey, jobs, storage = known.get(Valkey, JobQueue, Storage)
        clock = known.get_abstract(Clock)
        auth, groups, notifications = known.get(AuthService, GroupService, NotificationService)
        sessions, clerk = known.get(Forgetting, ClerkDirectory)
        favourites, shopping, history = known.get(FavouriteService, ShoppingService, HistoryService)
        accounts, mails, known_audit = known.get(AccountService, AccountMails, AuditTrail)
    closing, receipts = Closing(clock), Receipts(database, ledger)
    doors = Doors(closing=closing, auth=auth, clerk=clerk, sessions=sessions, groups=groups)
    service = ErasureService(
        store=ErasureStore(database),
        receipts=receipts,
        tombstones=Tombstones(database, storage, ledger),
        doors=doors,
        accounts=accounts,
        mails=mails,
        jobs=jobs,
        clock=clock,
        settings=settings,
        record=known_audit.record,
        known_people=(
            closing.people,
            auth.people,
            groups.people,
            notifications.people,
            sessions.people,
            favourites.people,
            shopping.people,
            history.people,
        ),
        services=lambda: svcs.Container(registry),
    )
    prefix = settings.redis_prefix
    for part in (closing, receipts, doors, PassingKeys(valkey, prefix), JobRecords(valkey, prefix), service):
        registry.register_value(type(part), part)


def erase_at_once(registry: svcs.Registry, user_id: ObjectId) -> None:
    """Begin to erase somebody now; for those parts that are built before this one."""
    with svcs.Container(registry) as services:
        services.get(ErasureService).erase_at_once(user_id)
