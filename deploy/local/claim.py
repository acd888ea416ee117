"""Who may use a folder: one run at a time, and nothing that a killed run left behind.

Two advisory locks decide it, so that no process id is ever guessed at. The run itself holds `owner.lock`;
`children.lock` is passed on to each process the run starts and stays held for as long as one of them lives.
Owner free but children held therefore means: an earlier run was killed and its processes are still there.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
from pathlib import Path
from time import monotonic, sleep

from deploy.local.errors import AlreadyRunningError, LocalError

_LEFTOVER_SECONDS = 20.0
_POLL_SECONDS = 0.05


class FolderClaim:
    """The right to use one folder: `take`, start processes with `inherited_fd`, `record` each, `release`."""

    def __init__(self, folder: Path, what: str) -> None:
        """Claim `folder`; `what` names its content in error messages ("MongoDB's data")."""
        self.folder = folder
        self._what = what
        self._owner = -1
        self._children = -1

    @property
    def inherited_fd(self) -> int:
        """The descriptor to pass (`pass_fds`) to each process that works in the folder."""
        return self._children

    def take(self) -> None:
        """Become the folder's only user; processes that a killed run left there are stopped first.

        Raises:
            AlreadyRunningError: another live run has it; the message names its process.
            LocalError: the folder cannot be written, or left-over processes do not end.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
            self._owner = os.open(self.folder / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
            self._children = os.open(self.folder / "children.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            self.release()
            raise LocalError(f"{self.folder} cannot be used for {self._what}: {error.strerror}.") from None
        if not _lock(self._owner):
            owner = os.pread(self._owner, 32, 0).decode().strip()
            self.release()
            raise AlreadyRunningError(
                f"{self._what} in {self.folder} is in use by another run (process {owner}): "
                "stop that one, or set DATA_DIR to another folder."
            )
        os.ftruncate(self._owner, 0)
        os.pwrite(self._owner, f"{os.getpid()}\n".encode(), 0)
        try:
            self._end_leftovers()
        except LocalError:
            self.release()
            raise
        os.ftruncate(self._children, 0)

    def record(self, pid: int) -> None:
        """Remember a process (leader of its own group) that was started with `inherited_fd`."""
        os.pwrite(self._children, f"{pid}\n".encode(), os.fstat(self._children).st_size)

    def release(self) -> None:
        """Give the folder up. Harmless when it is not held."""
        for descriptor in (self._children, self._owner):
            if descriptor >= 0:
                os.close(descriptor)
        self._owner = self._children = -1

    def _end_leftovers(self) -> None:
        """Stop the process groups of a killed run, then take the children's lock."""
        if _lock(self._children):
            return
        pids = [int(line) for line in os.pread(self._children, 65536, 0).split()]
        for wanted in (signal.SIGTERM, signal.SIGKILL):
            for pid in reversed(pids):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, wanted)
            deadline = monotonic() + _LEFTOVER_SECONDS
            while monotonic() < deadline:
                if _lock(self._children):
                    return
                sleep(_POLL_SECONDS)
        raise LocalError(
            f"Processes of an earlier run still use {self._what} in {self.folder} and do not end: "
            f"stop them by hand ({', '.join(map(str, pids)) or 'unknown ids'})."
        )


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
