"""Commands for operators and developers; `python -m backend --help` lists them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import svcs
from bson import ObjectId

from backend.app import describe_api
from backend.audit.command import verify_audit_log
from backend.audit.events import ORIGIN, AuditEvent, Channel, Origin
from backend.audit.trail import AuditTrail
from backend.catalog.service import CatalogService
from backend.compliance import export_schema
from backend.compliance.old_exports import delete_old_exports
from backend.compliance.privacy_record import record_text
from backend.compliance.wording import periods_of, usual_periods
from backend.config import Settings, SettingsError, load_settings
from backend.errors import AppError
from backend.http import openapi
from backend.infra import logs
from backend.infra.indexes import ensure_indexes
from backend.infra.mongo import MongoDatabase
from backend.infra.restoring import NotWhole, check_whole
from backend.roles import Role
from backend.sessions import protocol
from backend.users.accounts import Accounts
from backend.users.data_keys import UserKeys
from backend.users.preferences import PreferenceService
from backend.users.rotating import rotate_keys
from backend.users.service import UserService
from backend.wiring import build_registry


@dataclass(frozen=True)
class _Document:
    """Something that is written from the program, so that it is true."""

    what: str
    path: str
    text: Callable[[], str]


_DOCUMENTS = {
    "openapi": _Document(
        "the API's OpenAPI document",
        "docs/api/openapi.json",
        lambda: openapi.document_text(describe_api()),
    ),
    "protocol": _Document(
        "the JSON Schema of the live protocol", "docs/api/live-protocol.json", protocol.document_text
    ),
    "export-schema": _Document(
        "the JSON Schema of exports", "docs/api/export.schema.json", export_schema.document_text
    ),
    "privacy-record": _Document(
        "what is kept of people, and why", "docs/privacy-record.md", lambda: record_text(usual_periods())
    ),
}


def main() -> int:
    """Run the command that was asked for; 0 on success."""
    parser = argparse.ArgumentParser(prog="python -m backend", description="Operate a DinDin server.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "prepare", help="create indexes, fill an empty catalogue, settle what is left of earlier versions"
    )
    commands.add_parser(
        "rotate-keys", help="wrap users' data keys with the newest of DATA_KEYS, while DinDin runs"
    )
    commands.add_parser("audit-verify", help="check that nothing in the audit log was changed or is missing")
    user = commands.add_parser("user", help="show an account and change its tier or role")
    user.add_argument("email", help="its confirmed address, or its id")
    user.add_argument("--tier", choices=("free", "pro"))
    user.add_argument("--role", choices=("user", "operator"))
    for name, document in _DOCUMENTS.items():
        describe = commands.add_parser(name, help=f"write {document.what}")
        describe.add_argument("--to", type=Path, default=Path(document.path), help="default: %(default)s")
    commands.choices["privacy-record"].add_argument(
        "--own", action="store_true", help="with the periods of this server's settings, not the usual ones"
    )
    asked = parser.parse_args()
    if asked.command in _DOCUMENTS and not getattr(asked, "own", False):
        asked.to.write_text(_DOCUMENTS[asked.command].text())
        return 0
    try:
        settings = load_settings()
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    if asked.command == "privacy-record":
        asked.to.write_text(record_text(periods_of(settings)))
        return 0
    logs.configure(settings, asked.command)
    ORIGIN.set(Origin(Channel.COMMAND))
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        if asked.command == "rotate-keys":
            return _rotate_keys(services)
        if asked.command == "audit-verify":
            return verify_audit_log(services)
        return _change_user(services, asked) if asked.command == "user" else _prepare(services)


def _prepare(services: svcs.Container) -> int:
    try:
        check_whole(services.get(MongoDatabase))
    except NotWhole as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    ensure_indexes()
    services.get(CatalogService).seed()
    services.get(UserKeys).warn_of_missing()
    services.get(PreferenceService).settle_diets()
    delete_old_exports(services.get(Settings))
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
