"""Where Unix sockets live. The kernel limits their path to about 100 bytes, and checkouts may be deep."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from deploy.local.errors import LocalError

SOCKET_PATH_BYTES = 100
"""Longest socket path used. Linux allows 107, macOS 103; MongoDB's drivers are content with this."""


def socket_path(folder: Path, name: str) -> Path:
    """Return where the socket `name` of `folder` shall be: there, or if that is too deep, in a short folder.

    The short folder is private (mode 0700), the same for each start, and refused when somebody else made it.

    Raises:
        LocalError: even the short folder's path is too long, or it belongs to somebody else.
    """
    path = folder.resolve() / name
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]
    short = (
        Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"dindin-{os.getuid()}-{digest}"
    )
    if len(os.fsencode(short / name)) > SOCKET_PATH_BYTES:
        raise LocalError(
            f"The path {short} is too long for a socket: set TMPDIR to a folder with a short path."
        )
    try:
        short.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise LocalError(f"{short} cannot be made for the servers' sockets: {error.strerror}.") from None
    status = short.lstat()
    if short.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise LocalError(f"{short} is not private to you: remove it, or set TMPDIR to another folder.")
    return short / name
