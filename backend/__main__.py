"""Commands for operators and developers; `python -m backend --help` lists them.

Each loads what it needs when it is asked for: all there is takes seconds, and an operator waits for them.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from backend.config import Settings, SettingsError, load_settings


@dataclass(frozen=True)
class _Document:
    """Something that is written from the program (`backend.described`), so that it is true."""

    what: str
    path: str


_DOCUMENTS = {
    "openapi": _Document("the API's OpenAPI document", "docs/api/openapi.json"),
    "protocol": _Document("the JSON Schema of the live protocol", "docs/api/live-protocol.json"),
    "export-schema": _Document("the JSON Schema of exports", "docs/api/export.schema.json"),
    "privacy-record": _Document("what is kept of people, and why", "docs/privacy-record.md"),
}


def main() -> int:
    """Run the command that was asked for; 0 on success."""
    asked = _parser().parse_args()
    # The API's document, and the others as they are published, are the same whatever the settings.
    if asked.command in _DOCUMENTS and not getattr(asked, "own", False):
        return _write(asked, None)
    try:
        settings = load_settings()
    except SettingsError as wrong:
        if asked.command == "doctor":
            from backend.ops.doctor.command import refuse  # what it would look at

            return refuse(wrong)
        sys.stderr.write(f"{wrong}\n")
        return 1
    if asked.command in _DOCUMENTS:
        return _write(asked, settings)

    from backend import operating  # every service there is, on databases

    return operating.run(asked, settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend", description="Operate a DinDin server.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "prepare",
        help="migrate, create indexes, fill an empty catalogue, settle what is left of earlier versions",
    )
    migrate = commands.add_parser("migrate", help="move the database to another schema (docs/upgrading.md)")
    migrate.add_argument("--to", default="", metavar="STEP", help="its name or number; default: the newest")
    migrate.add_argument("--dry-run", action="store_true", help="only say what would be done")
    commands.add_parser(
        "doctor", help="look at everything that DinDin needs, and say what to do (docs/health.md)"
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
    return parser


def _write(asked: argparse.Namespace, settings: Settings | None) -> int:
    from backend import described  # what it describes

    asked.to.write_text(described.text_of(asked.command, settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
