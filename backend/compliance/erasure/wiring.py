"""Builds what erases people. It needs every feature, and is built last."""

from __future__ import annotations

import svcs
from bson import ObjectId

from backend.audit.trail import AuditTrail
from backend.auth.accounts import AccountService
from backend.auth.clerk.directory import ClerkDirectory
from backend.auth.mails import AccountMails
from backend.auth.service import AuthService
from backend.auth.tokens import TokenSigner
from backend.compliance.erasure.doors import Doors
from backend.compliance.erasure.keeping import Keeping
from backend.compliance.erasure.receipts import Receipts
from backend.compliance.erasure.service import ErasureService
from backend.compliance.erasure.store import ErasureStore
from backend.compliance.erasure.tombstones import Tombstones
from backend.config import Settings
from backend.groups.service import GroupService
from backend.infra.clock import Clock
from backend.infra.job_records import JobRecords
from backend.infra.jobs import JobQueue
from backend.infra.keys import Ledger
from backend.infra.mongo import MongoDatabase
from backend.infra.passing_keys import PassingKeys
from backend.infra.storage import Storage
from backend.infra.valkey import Valkey
from backend.sessions.forgetting import Forgetting
from backend.users.closing import Closing
from backend.users.service import UserService


def register_erasure(registry: svcs.Registry) -> None:
    """Add the services; those that they need are in the registry already."""
    with svcs.Container(registry) as known:
        settings, database, ledger = known.get(Settings, MongoDatabase, Ledger)
        valkey, jobs, storage = known.get(Valkey, JobQueue, Storage)
        clock = known.get_abstract(Clock)
        auth, groups = known.get(AuthService, GroupService)
        sessions, clerk = known.get(Forgetting, ClerkDirectory)
        users, signer = known.get(UserService, TokenSigner)
        accounts, mails, known_audit = known.get(AccountService, AccountMails, AuditTrail)
    closing, receipts, store = Closing(clock), Receipts(database, ledger), ErasureStore(database)
    doors = Doors(closing=closing, auth=auth, clerk=clerk, sessions=sessions, groups=groups)
    service = ErasureService(
        store=store,
        receipts=receipts,
        tombstones=Tombstones(database, storage, ledger),
        doors=doors,
        accounts=accounts,
        mails=mails,
        jobs=jobs,
        clock=clock,
        settings=settings,
        record=known_audit.record,
        services=lambda: svcs.Container(registry),
    )
    prefix = settings.redis_prefix
    parts = (
        closing,
        receipts,
        store,
        doors,
        PassingKeys(valkey, prefix),
        JobRecords(valkey, prefix),
        service,
        Keeping(erasures=service, users=users, signer=signer, clock=clock),
    )
    for part in parts:
        registry.register_value(type(part), part)


def erase_at_once(registry: svcs.Registry, user_id: ObjectId) -> None:
    """Begin to erase somebody now; for those parts that are built before this one."""
    with svcs.Container(registry) as services:
        services.get(ErasureService).erase_at_once(user_id)
