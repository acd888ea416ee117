"""One MongoDB and one Valkey for a whole test run, whichever of its processes asks first.

The run's main process makes a `SharedServers`, hands its folder to the others (pytest-xdist workers), and
closes it at the end. A small keeper process owns the servers and lives only as long as the main process holds
`holder.lock`: the kernel frees that lock however the main process ends, so not even `kill -9` leaves servers.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic, sleep

from deploy.local.embedded import START_SECONDS, EmbeddedMongo, EmbeddedValkey
from deploy.local.errors import LocalError

_POLL_SECONDS = 0.05
_CLOSE_SECONDS = 60.0


@dataclass(frozen=True)
class ServerUrls:
    """Where the data servers answer: values for MONGODB_URI (without a database name) and REDIS_URL."""

    mongodb_uri: str
    redis_url: str


class SharedServers:
    """The data servers of one test run. `create` in the main process, `attach` in the others."""

    def __init__(self, folder: Path, holder: int = -1) -> None:
        """Use `create` or `attach`."""
        self.folder = folder
        self._holder = holder

    @classmethod
    def create(cls) -> SharedServers:
        """Make the run's folder and hold it. Nothing is started before somebody asks for `urls`."""
        folder = Path(tempfile.mkdtemp(prefix="dindin-tests-"))
        holder = os.open(folder / "holder.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(holder, fcntl.LOCK_EX)
        return cls(folder, holder)

    @classmethod
    def attach(cls, folder: Path) -> SharedServers:
        """Use the servers of a run whose main process made `folder`."""
        return cls(folder)

    def urls(self) -> ServerUrls:
        """Start the servers if nobody has yet, and return where they answer.

        Raises:
            LocalError: they cannot run here.
        """
        with _locked(self.folder / "start.lock"):
            if not self._urls_path.exists():
                self._start_keeper()
            return ServerUrls(**json.loads(self._urls_path.read_text()))

    def close(self) -> None:
        """Let the servers go and wait until they and their folder are gone. Only the main process may."""
        if self._holder < 0:
            return
        kept = self._urls_path.exists()
        os.close(self._holder)
        self._holder = -1
        if not kept:
            shutil.rmtree(self.folder, ignore_errors=True)
        deadline = monotonic() + _CLOSE_SECONDS
        while self.folder.exists() and monotonic() < deadline:
            sleep(_POLL_SECONDS)

    @property
    def _urls_path(self) -> Path:
        return self.folder / "urls.json"

    def _start_keeper(self) -> None:
        log_path = self.folder / "keeper.log"
        with log_path.open("wb") as log:
            keeper = subprocess.Popen(  # noqa: S603 - this module, in this interpreter
                [sys.executable, "-m", "deploy.local.shared", str(self.folder)],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = monotonic() + 2 * START_SECONDS
        while not self._urls_path.exists():
            if keeper.poll() is not None or monotonic() > deadline:
                raise LocalError(
                    log_path.read_text().strip() or "The data servers' keeper ended without a word."
                )
            sleep(_POLL_SECONDS)
        keeper.returncode = 0  # it may outlive this process on purpose: no warning about that


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _keep(folder: Path) -> None:
    """Run the servers of `folder` until its holder is gone, then remove the folder."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    holder = os.open(folder / "holder.lock", os.O_RDWR)
    with ExitStack() as stack:
        mongo = stack.enter_context(EmbeddedMongo(folder / "mongo", folder / "run"))
        valkey = stack.enter_context(EmbeddedValkey(folder / "valkey", folder / "run"))
        fresh = folder / "urls.fresh"
        fresh.write_text(json.dumps(asdict(ServerUrls(mongo.uri, valkey.uri))))
        fresh.rename(folder / "urls.json")
        fcntl.flock(holder, fcntl.LOCK_EX)
    os.close(holder)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        _keep(Path(sys.argv[1]))
    except LocalError as error:
        sys.exit(str(error))
