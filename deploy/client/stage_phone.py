"""`python -m deploy.client.stage_phone FOLDER [SERVER]`: lays out the client as packagers for phones want it.

They look for a `main.py` at the top of the sources. Our package `client` goes beside it, without what only a desktop
needs.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from client.config import ConfigurationError, server_address

ROOT = Path(__file__).parents[2]
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "demo*.py", "buildozer.spec")
_MAIN = '''"""Starts DinDin on a phone, which hands over neither arguments nor settings."""

import os
import sys

os.environ.setdefault("DINDIN_SERVER", {server!r})

from client.main import main

sys.exit(main([]))
'''


def stage(folder: Path, server: str) -> None:
    """Write everything into `folder`, anew."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "client", folder / "client", ignore=_LEFT_OUT)
    (folder / "main.py").write_text(_MAIN.format(server=server), encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Stage what the command line says; 0 where it could be done."""
    if not arguments or len(arguments) > 2:  # noqa: PLR2004  (a folder and a server)
        sys.stderr.write("usage: python -m deploy.client.stage_phone FOLDER [SERVER]\n")
        return 2
    try:
        server = server_address({"DINDIN_SERVER": arguments[1]} if len(arguments) > 1 else {})
    except ConfigurationError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    stage(Path(arguments[0]), server)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
