"""Real data servers from wheels, for `make run` and the tests where no MONGODB_URI or REDIS_URL is set.

They listen on a Unix socket in a private folder, never on the network. Data stays in `data_dir` between runs.
Durability is production's: journal and majority in MongoDB; in Valkey a write log flushed each second.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import ClassVar, Self
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from redis import Redis
from redis.exceptions import RedisError

from deploy.local.binaries import explain_failure, mongod_binary, valkey_binary
from deploy.local.claim import FolderClaim
from deploy.local.errors import LocalError
from deploy.local.sockets import socket_path

START_SECONDS = 60.0
STOP_SECONDS = 20.0
_POLL_SECONDS = 0.03
_LOG_TAIL_BYTES = 4096
_LOG_TAIL_LINES = 8


class EmbeddedServer(ABC):
    """One server process and its folder. Use it as a context manager, or `start` and `stop` it."""

    product: ClassVar[str]
    setting: ClassVar[str]
    socket_name: ClassVar[str]

    def __init__(self, data_dir: Path, run_dir: Path) -> None:
        """Keep data in `data_dir`; log and (if its path is short enough) socket go to `run_dir`."""
        self.data_dir = data_dir.resolve()
        self.log_path = run_dir.resolve() / f"{self.product.lower()}.log"
        self._run_dir = run_dir
        self._claim = FolderClaim(self.data_dir, f"{self.product}'s data")
        self._process: subprocess.Popen[bytes] | None = None
        self._socket = Path()

    @property
    def pid(self) -> int | None:
        """Process id while it runs, else None."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def returncode(self) -> int | None:
        """What the process ended with; None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def start(self) -> str:
        """Start the server, wait until it takes writes, and return its URI.

        Raises:
            LocalError: it cannot run here, does not answer in time, or another run uses the folder.
        """
        self._socket = socket_path(self._run_dir, self.socket_name)
        command = self._command()
        self._claim.take()
        self._socket.unlink(missing_ok=True)
        try:
            self._launch(command)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self._uri()

    def stop(self) -> None:
        """Stop the server within a bound; its data stays. Harmless when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._socket.unlink(missing_ok=True)
            if self._socket.parent != self._run_dir.resolve():
                with contextlib.suppress(OSError):  # the other server's socket may still be in it
                    self._socket.parent.rmdir()
        self._claim.release()

    def last_lines(self) -> str:
        """Return the end of the server's log, for error messages."""
        with contextlib.suppress(FileNotFoundError), self.log_path.open("rb") as log:
            log.seek(-min(_LOG_TAIL_BYTES, self.log_path.stat().st_size), os.SEEK_END)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-_LOG_TAIL_LINES:])
        return ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def uri(self) -> str:
        """Where the server answers, whoever started it, in the form its setting takes."""
        self._socket = socket_path(self._run_dir, self.socket_name)
        return self._uri()

    @abstractmethod
    def _command(self) -> list[str]:
        """Return the command line."""

    @abstractmethod
    def _uri(self) -> str:
        """Return the URI for the setting."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """Ask once, briefly, whether the server takes writes; help it along on its first start."""

    def _launch(self, command: list[str]) -> None:
        self.log_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own wheel's binary with arguments made here
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(self._claim.inherited_fd,),
            )
        self._claim.record(self._process.pid)

    def _wait_until_ready(self) -> None:
        deadline = monotonic() + START_SECONDS
        while not self._is_ready():
            if self.returncode is not None or monotonic() > deadline:
                raise LocalError(
                    explain_failure(self.product, self.setting, self.returncode, self.last_lines())
                )
            sleep(_POLL_SECONDS)


class EmbeddedMongo(EmbeddedServer):
    """MongoDB as a replica set of one, so that majority writes and change streams behave as in production."""

    product = "MongoDB"
    setting = "MONGODB_URI"
    socket_name = "m.sock"

    def _command(self) -> list[str]:
        return [
            str(mongod_binary()),
            "--dbpath",
            str(self.data_dir),
            "--bind_ip",
            str(self._socket),
            "--nounixsocket",
            "--port",
            "27017",
            "--replSet",
            "rs0",
            "--oplogSize",
            "64",
            "--wiredTigerCacheSizeGB",
            "0.25",
            "--wiredTigerEngineConfigString",
            "log=(prealloc=false,file_max=16MB)",
            "--networkMessageCompressors",
            "snappy,zstd",
            "--quiet",
            *_NO_QUERIES_IN_ITS_LOG,
        ]

    def _uri(self) -> str:
        return f"mongodb://{quote(str(self._socket), safe='')}/?directConnection=true"

    def _is_ready(self) -> bool:
        if not self._socket.exists():
            return False
        try:
            with MongoClient[dict[str, object]](
                self._uri(), serverSelectionTimeoutMS=1000, socketTimeoutMS=5000
            ) as client:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return True
                self._settle_replica_set(client)
        except PyMongoError:
            pass
        return False

    def _settle_replica_set(self, client: MongoClient[dict[str, object]]) -> None:
        """Make the set on the first start; later give its member the new address if the folder has moved."""
        config = {"_id": "rs0", "members": [{"_id": 0, "host": str(self._socket)}]}
        try:
            kept = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code != _NOT_YET_INITIALIZED:
                raise
            client.admin.command("replSetInitiate", config)
            return
        if kept["members"][0]["host"] != str(self._socket):
            moved = {**config, "version": kept["version"] + 1, "term": kept["term"]}
            client.admin.command("replSetReconfig", moved, force=True)


class EmbeddedValkey(EmbeddedServer):
    """Valkey with an append-only file flushed each second, refusing writes rather than evicting when full."""

    product = "Valkey"
    setting = "REDIS_URL"
    socket_name = "v.sock"

    def _command(self) -> list[str]:
        return [
            str(valkey_binary()),
            "--port",
            "0",
            "--unixsocket",
            str(self._socket),
            "--unixsocketperm",
            "700",
            "--dir",
            str(self.data_dir),
            "--appendonly",
            "yes",
            "--appendfsync",
            "everysec",
            "--maxmemory-policy",
            "noeviction",
            "--save",
            "",
            "--daemonize",
            "no",
        ]

    def _uri(self) -> str:
        return f"unix://{quote(str(self._socket))}?db=0"

    def _is_ready(self) -> bool:
        if not self._socket.exists():
            return False
        try:
            with contextlib.closing(Redis.from_url(self._uri(), socket_timeout=5)) as client:
                return bool(client.ping())
        except RedisError:
            return False


# Its log would quote slow queries, and with them addresses and ids. Leaving values out is not in this edition.
_NO_QUERIES_IN_ITS_LOG = ("--slowms", str(2**31 - 1), "--slowOpSampleRate", "0")
_NOT_YET_INITIALIZED = 94
"""MongoDB's error code for a replica set member without a configuration."""
