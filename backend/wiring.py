"""Builds the services of one process and hands them out. The API and the worker start from here alike."""

from __future__ import annotations

from functools import partial

import svcs

from backend.audit.wiring import register_audit
from backend.auth.accounts import AccountService
from backend.auth.issuers.outgoing import IssuerClient
from backend.auth.mails import AccountMails
from backend.auth.passwords import PasswordHasher
from backend.auth.service import AuthService
from backend.auth.tokens import TokenSigner
from backend.auth.wiring import clerk_log_ins, register_federation
from backend.catalog.regard import Regards
from backend.catalog.service import CatalogService
from backend.compliance.erasure.service import ErasureService
from backend.compliance.erasure.wiring import erase_at_once, register_erasure
from backend.compliance.exports.building import ExportBuilder
from backend.compliance.exports.service import ExportService
from backend.compliance.retention.figures import RetentionFigures
from backend.compliance.retention.idle import IdleErasure
from backend.compliance.retention.service import RetentionService
from backend.config import Settings
from backend.favourites.service import FavouriteService
from backend.favourites.store import FavouriteStore
from backend.groups.service import GroupService
from backend.groups.store import GroupStore
from backend.groups.views import GroupViews
from backend.history.notes import Notes
from backend.history.service import HistoryService
from backend.history.store import RatingStore
from backend.infra import mongo, valkey
from backend.infra.backup_figures import BackupFigures
from backend.infra.cache import Cache
from backend.infra.clock import Clock, SystemClock
from backend.infra.event_bus import EventBus
from backend.infra.flags import Flags, flags_of
from backend.infra.jobs import JobQueue
from backend.infra.keys import KeyRing, key_ring_of, ledger_of, warn_of_stand_ins
from backend.infra.mail import Mailer
from backend.infra.mongo import MongoDatabase
from backend.infra.process_figures import ProcessFigures
from backend.infra.storage import BackupStorage, Storage, backup_storage_of, storage_of
from backend.infra.valkey import Breaker, Valkey
from backend.jobs.runs import JobRuns
from backend.migrations.schema import SchemaGate
from backend.notifications.service import NotificationService
from backend.notifications.store import NotificationStore
from backend.sessions.kept import KeptSessions
from backend.sessions.outcomes import Outcomes
from backend.sessions.views import SessionViews
from backend.sessions.wiring import register_sessions
from backend.shopping.service import ShoppingService
from backend.shopping.store import ShoppingStore
from backend.users.accounts import Accounts
from backend.users.consents import ConsentService
from backend.users.data_keys import UserKeys
from backend.users.idle import IdleAccounts
from backend.users.preferences import PreferenceService
from backend.users.service import UserService


def build_registry(settings: Settings, clock: Clock | None = None) -> svcs.Registry:
    """Connect to MongoDB and Valkey (call after a fork) and register every service.

    Connections are lazy: the process starts while a database is away, and readiness says which one.
    """
    registry = svcs.Registry()
    _register_infra(registry, settings, clock or SystemClock())
    _register_people(registry)
    register_sessions(registry)
    _register_kitchen(registry)
    _register_overviews(registry)
    register_erasure(registry)
    _register_retention(registry)
    return registry


def _register_infra(registry: svcs.Registry, settings: Settings, clock: Clock) -> None:
    """What knows no rules: databases, the bus, the way to the workers."""
    warn_of_stand_ins(settings)
    database, client, breaker = mongo.connect(settings), valkey.connect(settings), Breaker()
    listening = valkey.connect_for_listening(settings)
    registry.register_value(Settings, settings)
    registry.register_value(Clock, clock)
    gate = SchemaGate(database)
    registry.register_value(MongoDatabase, database, ping=gate.ping, on_registry_close=mongo.disconnect)
    registry.register_value(Valkey, client, ping=lambda v: v.ping(), on_registry_close=client.close)
    cache = Cache(valkey.connect_briefly(settings, settings.cache_timeout_milliseconds / 1000), settings)
    registry.register_value(Cache, cache, on_registry_close=cache.close)
    _register(
        registry,
        gate,
        breaker,
        EventBus(client, listening, settings.redis_prefix, breaker),
        JobQueue(client, settings.redis_prefix),
        JobRuns(database, clock),
        BackupFigures(client, settings.redis_prefix),
        ProcessFigures(client, settings.redis_prefix),
        key_ring_of(settings),
        ledger_of(settings),
        flags_of(settings),
        storage_of(settings),
    )
    registry.register_value(BackupStorage, backup_storage_of(settings))


def _register_people(registry: svcs.Registry) -> None:
    """Users, how they get in, what they are told, their groups; and the catalogue."""
    with svcs.Container(registry) as known:
        settings, database, valkey_ = known.get(Settings, MongoDatabase, Valkey)
        clock = known.get_abstract(Clock)
        bus, jobs, ring, flags = known.get(EventBus, JobQueue, KeyRing, Flags)
        cache = known.get(Cache)
    keys = UserKeys(ring)
    users, accounts, signer = UserService(), Accounts(clock), TokenSigner(settings)
    _register(registry, users)
    audit = register_audit(registry, lambda user_id: users.role_of(user_id) is not None)
    issuers = IssuerClient()
    clerk = clerk_log_ins(issuers, accounts, clock, settings, audit.record)
    auth = AuthService(
        users=users, signer=signer, clock=clock, valkey=valkey_, settings=settings, clerk=clerk
    )
    mailer = Mailer(settings, valkey_, clock)
    mails = AccountMails(
        users=users,
        accounts=accounts,
        signer=signer,
        mailer=mailer,
        jobs=jobs,
        clock=clock,
        settings=settings,
    )
    own_accounts = AccountService(
        accounts=accounts,
        users=users,
        auth=auth,
        hasher=PasswordHasher(settings.password_hash_mib),
        signer=signer,
        mails=mails,
        clock=clock,
        flags=flags,
    )
    notifications = NotificationService(store=NotificationStore(database), users=users, bus=bus, clock=clock)
    groups = GroupService(
        store=GroupStore(database), users=users, notifications=notifications, clock=clock, settings=settings
    )
    _register(registry, users, accounts, signer, auth, mails, own_accounts, notifications, groups)
    _register(registry, keys, PreferenceService(keys, cache), ConsentService(clock))
    _register(registry, CatalogService(database, cache), mailer)
    # Erasing needs every feature: it is built last, and is there by the time at which it is called.
    register_federation(registry, issuers, clerk, partial(erase_at_once, registry))


def _register_kitchen(registry: svcs.Registry) -> None:
    """What people do with the catalogue and with what their sessions decided."""
    with svcs.Container(registry) as known:
        database, catalog, preferences = known.get(MongoDatabase, CatalogService, PreferenceService)
        outcomes, shown, groups, keys = known.get(Outcomes, SessionViews, GroupService, UserKeys)
        clock = known.get_abstract(Clock)
    favourites = FavouriteService(
        store=FavouriteStore(database),
        catalog=catalog,
        preferences=preferences,
        outcomes=outcomes,
        clock=clock,
    )
    shopping = ShoppingService(store=ShoppingStore(database), groups=groups, catalog=catalog, clock=clock)
    notes = Notes(keys)
    history = HistoryService(
        store=RatingStore(database),
        notes=notes,
        outcomes=outcomes,
        sessions=shown,
        groups=groups,
        clock=clock,
    )
    _register(registry, favourites, shopping, notes, history)
    registry.register_value(Regards, favourites)


def _register_overviews(registry: svcs.Registry) -> None:
    """What looks at several features at once: groups with their sessions, exports, retention."""
    with svcs.Container(registry) as known:
        settings, users, own_accounts, jobs = known.get(Settings, UserService, AccountService, JobQueue)
        kept, shown = known.get(KeptSessions, SessionViews)
        known_storage, catalog = known.get(Storage, CatalogService)
        clock = known.get_abstract(Clock)
    exports = ExportService(
        accounts=own_accounts, storage=known_storage, jobs=jobs, clock=clock, settings=settings
    )
    builder = ExportBuilder(
        users=users, catalog=catalog, storage=known_storage, clock=clock, settings=settings
    )
    group_views = GroupViews(users=users, kept=kept, sessions=shown, settings=settings)
    _register(registry, exports, builder, group_views)


def _register_retention(registry: svcs.Registry) -> None:
    """The clean-up, which erases people as well."""
    with svcs.Container(registry) as known:
        settings, valkey_, auth = known.get(Settings, Valkey, AuthService)
        erasures, clock = known.get(ErasureService), known.get_abstract(Clock)
    figures = RetentionFigures(valkey_, settings.redis_prefix)
    idle = IdleErasure(accounts=IdleAccounts(), auth=auth, erase=partial(erasures.erase_at_once, tell=False))
    _register(registry, figures, idle, RetentionService(figures=figures, clock=clock, settings=settings))


def _register(registry: svcs.Registry, *services: object) -> None:
    for service in services:
        registry.register_value(type(service), service)
