"""Operators' commands against the DinDin of this machine: beside one that runs, or with its data servers started."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from deploy.local.dev_secrets import development_secrets
from deploy.local.embedded import EmbeddedMongo, EmbeddedServer, EmbeddedValkey
from deploy.local.errors import AlreadyRunningError
from deploy.local.options import REPOSITORY, RunOptions, read_environment


def operate(module: str, arguments: Sequence[str]) -> int:
    """Run `python -m MODULE ARGUMENTS` with the settings that `make run` uses; what it ended with.

    Raises:
        LocalError: a data server of ours cannot run.
    """
    environment = read_environment()
    options = RunOptions.read(environment)
    with ExitStack() as started:
        addresses = {server.setting: _reach(server, started) for server in _own_servers(options)}
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
        return server.uri  # a DinDin runs here, and its server answers at the same place
    started.callback(server.stop)
    return server.uri
