"""The commands that operate on an installation's databases; `python -m backend --help` lists them."""

from __future__ import annotations

import argparse
import sys

import svcs
from bson import ObjectId

from backend.audit.command import verify_audit_log
from backend.audit.events import ORIGIN, AuditEvent, Channel, Origin
from backend.audit.trail import AuditTrail
from backend.catalog.service import CatalogService
from backend.compliance.exports.before_storage import delete_old_exports
from backend.config import Settings
from backend.errors import AppError
from backend.infra import logs
from backend.infra.cache_forgetting import NotForgotten, forget_everything
from backend.infra.clock import Clock
from backend.infra.indexes import ensure_indexes
from backend.infra.mongo import MongoDatabase
from backend.infra.restoring import NotWhole
from backend.infra.valkey import Valkey
from backend.migrations.moving import Migrator, NoSuchStep
from backend.migrations.record import Occupied, SchemaRecord
from backend.migrations.schema import NewerSchema
from backend.ops.doctor.command import diagnose
from backend.roles import Role
from backend.users.accounts import Accounts
from backend.users.data_keys import UserKeys
from backend.users.preferences import PreferenceService
from backend.users.rotating import rotate_keys
from backend.users.service import UserService
from backend.wiring import build_registry

_REFUSED = (NotWhole, NewerSchema, NoSuchStep, Occupied)


def run(asked: argparse.Namespace, settings: Settings) -> int:
    """Carry out a command; 0 on success, else 1 and why, on standard error."""
    logs.configure(settings, asked.command)
    ORIGIN.set(Origin(Channel.COMMAND))
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        if asked.command == "doctor":
            return diagnose(registry)
        if asked.command == "rotate-keys":
            return _rotate_keys(services)
        if asked.command == "audit-verify":
            return verify_audit_log(services)
        if asked.command == "user":
            return _change_user(services, asked)
        return _migrate(services, asked) if asked.command == "migrate" else _prepare(services)


def _prepare(services: svcs.Container) -> int:
    try:
        _migrator(services).move(say=_say)
    except _REFUSED as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    ensure_indexes()
    services.get(CatalogService).seed()
    services.get(UserKeys).warn_of_missing()
    services.get(PreferenceService).settle_diets()
    delete_old_exports(services.get(Settings))
    return _forget_cached(
        services
    )  # whatever was changed, and by whichever version what is there was written


def _migrate(services: svcs.Container, asked: argparse.Namespace) -> int:
    migrator = _migrator(services)
    status = 0
    try:
        moves = migrator.plan(asked.to) if asked.dry_run else migrator.move(asked.to, say=_say)
    except _REFUSED as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    finally:
        if not asked.dry_run:
            status = _forget_cached(services)
    if asked.dry_run:
        sys.stdout.writelines(f"would do: {move}\n" for move in moves)
    if not moves:
        _say("There is nothing to do: the database has that schema.")
    return status


def _forget_cached(services: svcs.Container) -> int:
    try:
        forget_everything(*services.get(Valkey, Settings))
    except NotForgotten as stale:
        sys.stderr.write(f"{stale}\n")
        return 1
    return 0


def _migrator(services: svcs.Container) -> Migrator:
    database = services.get(MongoDatabase)
    return Migrator(database, SchemaRecord(database, services.get_abstract(Clock)))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _rotate_keys(services: svcs.Container) -> int:
    report, whole = rotate_keys(services.get(UserKeys))
    services.get(AuditTrail).record(AuditEvent("users.keys_rotated"))
    sys.stdout.write(report)
    return 0 if whole else 1


def _change_user(services: svcs.Container, asked: argparse.Namespace) -> int:
    accounts, record = services.get(Accounts), services.get(AuditTrail).record
    user_id = ObjectId(asked.email) if ObjectId.is_valid(asked.email) else accounts.owner_of(asked.email)
    if user_id is None:
        sys.stderr.write(f"Nobody has confirmed {asked.email}. Name the account by its id instead.\n")
        return 1
    try:
        user = services.get(UserService).by_id(user_id)
        if asked.tier:
            user = accounts.set_tier(user_id, asked.tier)
            record(AuditEvent("users.tier_changed", about=user_id))
        if asked.role:
            user = accounts.set_role(user_id, Role(asked.role))
            record(AuditEvent("users.role_changed", about=user_id))
        if not (asked.tier or asked.role):
            record(AuditEvent("users.looked_at", about=user_id))
    except AppError as refused:
        sys.stderr.write(f"{refused.detail}\n")
        return 1
    sys.stdout.write(f"{user.id} {user.email or '(no address)'} tier={user.tier} role={user.role}\n")
    return 0
