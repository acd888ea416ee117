"""Commands for operators: `python -m backend prepare`."""

from __future__ import annotations

import argparse
import sys

import svcs

from backend.catalog.service import CatalogService
from backend.config import SettingsError, load_settings
from backend.infra import logs
from backend.infra.schema import ensure_indexes
from backend.wiring import build_registry


def main() -> int:
    """Run the command that was asked for; 0 on success."""
    parser = argparse.ArgumentParser(prog="python -m backend", description="Operate a DinDin server.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="create indexes and fill an empty catalogue; harmless to repeat")
    parser.parse_args()
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
