"""Commands for operators and developers: `python -m backend prepare`, `… openapi`, `… protocol`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import svcs

from backend.app import describe_api
from backend.catalog.service import CatalogService
from backend.config import SettingsError, load_settings
from backend.http import openapi
from backend.infra import logs
from backend.infra.schema import ensure_indexes
from backend.sessions import protocol
from backend.wiring import build_registry


def main() -> int:
    """Run the command that was asked for; 0 on success."""
    parser = argparse.ArgumentParser(prog="python -m backend", description="Operate a DinDin server.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="create indexes and fill an empty catalogue; harmless to repeat")
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
    return _prepare()


def _prepare() -> int:
    try:
        settings = load_settings()
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    logs.configure(settings, "prepare")
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        ensure_indexes()
        services.get(CatalogService).seed()
    return 0


if __name__ == "__main__":
    sys.exit(main())
