"""Operators' commands against the DinDin of this machine: beside one that runs, or with its data servers started."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from deploy.local.claim import FolderClaim
from deploy.local.dev_secrets import development_secrets
from deploy.local.embedded import EmbeddedMongo, EmbeddedServer, EmbeddedValkey
from deploy.local.errors import AlreadyRunningError, LocalError
from deploy.local.options import REPOSITORY, RunOptions, read_environment


def operate(module: str, arguments: Sequence[str]) -> int:
    """Run `python -m MODULE ARGUMENTS` with the settings that `make run` uses; what it ended with.

    Raises:
        LocalError: a data server of ours cannot run, or another command has started them and will stop them.
    """
    environment = read_environment()
    options = RunOptions.read(environment)
    with ExitStack() as started:
        is_alone = _claim(options, started)
        addresses = {
            server.setting: _reach(server, started) if is_alone else server.uri
            for server in _own_servers(options)
        }
        secrets = {} if options.production else development_secrets(options.data_dir, environment)
        settings = {
            "LOG_FORMAT": "console",
            **environment,
            **addresses,
            **secrets,
            "DATA_DIR": str(options.data_dir),
        }
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, cwd=REPOSITORY, env=settings, check=False).returncode  # noqa: S603 - our own module


def _claim(options: RunOptions, held: ExitStack) -> bool:
    """Whether no DinDin runs here: then none will begin until this command has ended, and no other such command."""
    run_dir = options.data_dir / "run"
    commands, everything = FolderClaim(run_dir / "commands", "A command"), FolderClaim(run_dir, "DinDin")
    try:
        commands.take()
    except AlreadyRunningError:
        raise LocalError(
            f"Another command uses {options.data_dir} and stops the databases when it ends: wait for it."
        ) from None
    try:
        everything.take()
    except AlreadyRunningError:
        commands.release()
        return False
    held.callback(commands.release)
    held.callback(everything.release)
    return True


def _own_servers(options: RunOptions) -> list[EmbeddedServer]:
    run_dir = options.data_dir / "run"
    servers: list[EmbeddedServer] = []
    if not options.own_mongodb:
        servers.append(EmbeddedMongo(options.data_dir / "mongo", run_dir))
    if not options.own_valkey:
        servers.append(EmbeddedValkey(options.data_dir / "valkey", run_dir))
    return servers


def _reach(server: EmbeddedServer, started: ExitStack) -> str:
    try:
        server.start()
    except AlreadyRunningError:
        return server.uri  # somebody has started it without the rest; it answers at the same place
    started.callback(server.stop)
    return server.uri
