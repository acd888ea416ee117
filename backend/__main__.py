"""Commands for operators and developers; `python -m backend --help` lists them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import svcs
from bson import ObjectId

from backend.app import describe_api
from backend.catalog.service import CatalogService
from backend.config import SettingsError, load_settings
from backend.errors import AppError
from backend.http import openapi
from backend.infra import logs
from backend.infra.schema import ensure_indexes
from backend.roles import Role
from backend.sessions import protocol
from backend.users.accounts import Accounts
from backend.users.data_keys import UserKeys
from backend.users.preferences import PreferenceService
from backend.users.rotating import rotate_keys
from backend.users.service import UserService
from backend.wiring import build_registry


def main() -> int:
    """Run the command that was asked for; 0 on success."""
    parser = argparse.ArgumentParser(prog="python -m backend", description="Operate a DinDin server.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "prepare", help="create indexes, fill an empty catalogue, seal what is plain; harmless to repeat"
    )
    commands.add_parser(
        "rotate-keys", help="wrap users' data keys with the newest of DATA_KEYS, while DinDin runs"
    )
    user = commands.add_parser("user", help="show an account and change its tier or role")
    user.add_argument("email", help="its confirmed address, or its id")
    user.add_argument("--tier", choices=("free", "pro"))
    user.add_argument("--role", choices=("user", "operator"))
    describe_http = commands.add_parser("openapi", help="write the API's OpenAPI document")
    describe_http.add_argument(
        "--to", type=Path, default=Path("docs/api/openapi.json"), help="default: %(default)s"
    )
    describe_live = commands.add_parser("protocol", help="write the JSON Schema of the live protocol")
    describe_live.add_argument(
        "--to", type=Path, default=Path("docs/api/live-protocol.json"), help="default: %(default)s"
    )
    asked = parser.parse_args()
    if asked.command == "openapi":
        asked.to.write_text(openapi.document_text(describe_api()))
        return 0
    if asked.command == "protocol":
        asked.to.write_text(protocol.document_text())
        return 0
    try:
        settings = load_settings()
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    logs.configure(settings, asked.command)
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        if asked.command == "rotate-keys":
            return _rotate_keys(services)
        return _change_user(services, asked) if asked.command == "user" else _prepare(services)


def _prepare(services: svcs.Container) -> int:
    ensure_indexes()
    services.get(CatalogService).seed()
    services.get(UserKeys).warn_of_missing()
    services.get(PreferenceService).seal_plain()
    return 0


def _rotate_keys(services: svcs.Container) -> int:
    report, whole = rotate_keys(services.get(UserKeys))
    sys.stdout.write(report)
    return 0 if whole else 1


def _change_user(services: svcs.Container, asked: argparse.Namespace) -> int:
    accounts = services.get(Accounts)
    user_id = ObjectId(asked.email) if ObjectId.is_valid(asked.email) else accounts.owner_of(asked.email)
    if user_id is None:
        sys.stderr.write(f"Nobody has confirmed {asked.email}. Name the account by its id instead.\n")
        return 1
    try:
        user = services.get(UserService).by_id(user_id)
        if asked.tier:
            user = accounts.set_tier(user_id, asked.tier)
        if asked.role:
            user = accounts.set_role(user_id, Role(asked.role))
    except AppError as refused:
        sys.stderr.write(f"{refused.detail}\n")
        return 1
    sys.stdout.write(f"{user.id} {user.email or '(no address)'} tier={user.tier} role={user.role}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
