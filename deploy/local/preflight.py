"""What can be known to go wrong before anything is started. Each finding is one sentence for a person."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
from pathlib import Path

from deploy.local.binaries import explain_failure, mongod_binary, valkey_binary
from deploy.local.errors import LocalError
from deploy.local.options import RunOptions

NEEDED_DISK_MIB = 300
"""MongoDB's journal and oplog, Valkey's log, and room to work."""

_TRY_SECONDS = 20


def check(options: RunOptions) -> None:
    """Look whether a run with `options` can succeed on this machine.

    Raises:
        LocalError: it cannot; the message says why and what to do.
    """
    check_port(options.host, options.port)
    check_disk(options.data_dir)
    if not options.own_mongodb:
        check_program(mongod_binary(), "MongoDB", "MONGODB_URI")
    if not options.own_valkey:
        check_program(valkey_binary(), "Valkey", "REDIS_URL")


def check_port(host: str, port: int) -> None:
    """Raise LocalError unless a server may listen on `host` and `port` now."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise LocalError(f"HOST={host} is no address of this machine: use 127.0.0.1 or 0.0.0.0.") from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise LocalError(explain_bind(error, host, port)) from None


def explain_bind(error: OSError, host: str, port: int) -> str:
    """Say in one sentence why nothing can listen on `host` and `port`."""
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use by another program: stop that one, "
            f"or take another port, for example `make run PORT={port + 1}`."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs root's rights: take one above 1023, for example `make run PORT=8000`."
    return f"Nothing can listen on {host} port {port} ({error.strerror}): set HOST and PORT to others."


def check_disk(data_dir: Path, needed_mib: int = NEEDED_DISK_MIB) -> None:
    """Raise LocalError unless the disk of `data_dir` has room for the data servers."""
    existing = next(folder for folder in (data_dir, *data_dir.parents) if folder.exists())
    free_mib = shutil.disk_usage(existing).free // 2**20
    if free_mib < needed_mib:
        raise LocalError(
            f"Only {free_mib} MiB are free on the disk of {data_dir}, and {needed_mib} are needed: "
            "free some, or set DATA_DIR to a folder on another disk."
        )


def check_program(binary: Path, product: str, setting: str) -> None:
    """Raise LocalError unless `binary` runs here at all (its libraries are there, the processor knows it)."""
    try:
        tried = subprocess.run(  # noqa: S603 - our own wheel's binary
            [binary, "--version"], capture_output=True, text=True, timeout=_TRY_SECONDS, check=False
        )
    except OSError as error:
        raise LocalError(
            f"The embedded {product} cannot be run ({error.strerror}): set {setting} to a {product} of yours."
        ) from None
    if tried.returncode != 0:
        raise LocalError(explain_failure(product, setting, tried.returncode, tried.stderr + tried.stdout))
