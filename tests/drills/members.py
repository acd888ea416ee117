"""A replica set of three on loopback, as production has one over machines: with elections, and with majorities."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.embedded import START_SECONDS, EmbeddedMongo
from deploy.local.stack import free_port
from tests.processes import kill

_SET = "rs0"
_LOOK_EVERY_SECONDS = 0.1


class Member(EmbeddedMongo):
    """One of the three, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "db", folder / "run")
        self.address = f"127.0.0.1:{free_port()}"

    def client(self) -> MongoClient[dict[str, Any]]:
        """To this member alone, whatever it is at the moment."""
        return MongoClient(self._uri(), serverSelectionTimeoutMS=1000, socketTimeoutMS=5000)

    def is_primary(self) -> bool:
        """Whether it takes writes."""
        try:
            with self.client() as client:
                return bool(client.admin.command("hello")["isWritablePrimary"])
        except PyMongoError:
            return False

    def _command(self) -> list[str]:
        """As the embedded one, but on a port."""
        host, _, port = self.address.partition(":")
        command = super()._command()
        for option, value in (("--bind_ip", host), ("--port", port)):
            command[command.index(option) + 1] = value
        return command

    def _uri(self) -> str:
        return f"mongodb://{self.address}/?directConnection=true"

    def _is_ready(self) -> bool:
        """Whether it answers: who takes writes is the set's affair."""
        try:
            with self.client() as client:
                return bool(client.admin.command("ping")["ok"])
        except PyMongoError:
            return False


class ReplicaSet:
    """Three members. A context manager; data goes with its folder."""

    def __init__(self, folder: Path) -> None:
        self.members = [Member(folder / f"member{number}") for number in range(3)]

    @property
    def uri(self) -> str:
        """For MONGODB_URI."""
        addresses = ",".join(member.address for member in self.members)
        return f"mongodb://{addresses}/?replicaSet={_SET}"

    def __enter__(self) -> Self:
        try:
            for member in self.members:
                member.start()
            hosts = [{"_id": place, "host": member.address} for place, member in enumerate(self.members)]
            with self.members[0].client() as client:
                client.admin.command("replSetInitiate", {"_id": _SET, "members": hosts})
            self.wait_until_whole()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def primary(self) -> Member:
        """The member that takes writes.

        Raises:
            TimeoutError: none does.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for member in self.members:
                if member.is_primary():
                    return member
            time.sleep(_LOOK_EVERY_SECONDS)
        raise TimeoutError("the replica set has no primary")

    def wait_until_whole(self) -> None:
        """Wait until one is primary and the others follow it.

        Raises:
            TimeoutError: they do not.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with self.primary().client() as client:
                found = client.admin.command("replSetGetStatus")["members"]
            if sorted(one["stateStr"] for one in found) == ["PRIMARY", "SECONDARY", "SECONDARY"]:
                return
            time.sleep(_LOOK_EVERY_SECONDS)
        raise TimeoutError("the replica set is not whole")

    def _stop(self) -> None:
        """End them as they are: asked politely, each would first wait for another to take over."""
        for member in self.members:
            if member.pid is not None:
                kill(member.pid)
            member.stop()
